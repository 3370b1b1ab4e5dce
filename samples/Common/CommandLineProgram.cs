using System.CommandLine;
using System.CommandLine.Parsing;

namespace AkkaRaft.Samples.Common;

/// <summary>Runs a command line: what cannot be understood is answered on stderr with a hint and exit code 2, and nothing is done.</summary>
public static class CommandLineProgram
{
    // A key may begin with "@"; it never names a file of further arguments.
    static readonly ParserConfiguration Parser = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    // Signals are the programs' own business: a node stops in order.
    static readonly InvocationConfiguration Invocation = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };

    /// <summary>Understands the arguments and runs what they say.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> Run(RootCommand root, IReadOnlyList<string> args)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(args);
        if (args.Count == 0)
        {
            // Whoever knows nothing yet gets the help; a script that forgot its arguments gets exit code 2, and nothing on stdout.
            await root.Parse(["--help"], Parser).InvokeAsync(new InvocationConfiguration { Output = Console.Error });
            return ExitCodes.Usage;
        }

        var parsed = root.Parse(args[0] == "help" ? [.. args.Skip(1), "--help"] : args, Parser);
        if (parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction)
        {
            foreach (var error in parsed.Errors.Select(e => e.Message).Distinct(StringComparer.Ordinal)) StderrLogger.Say(error);
            StderrLogger.Say($"Try: {Path(parsed)} --help");
            return ExitCodes.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(Invocation);
        }
        catch (Exception problem)
        {
            StderrLogger.Say(OurOwn(problem) ?? $"{root.Name} cannot go on: {problem.GetType().Name}: {problem.Message}");
            return ExitCodes.Failure;
        }
    }

    /// <summary>Ends the process at once. What may still run, a client's connections, needs no farewell and would only make the caller wait.</summary>
    public static int Exit(int code)
    {
        Environment.Exit(code);
        return code;
    }

    // What the library or the configuration file has to say speaks to people; Akka wraps it when it comes while a system starts.
    static string? OurOwn(Exception? problem) => problem switch
    {
        null => null,
        RaftSettingsException or FormatException => problem.Message,
        _ => OurOwn(problem.InnerException),
    };

    // As it was typed: a command of a command is named with that.
    static string Path(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult command; at = command.Parent) names.Push(command.Command.Name);
        return string.Join(' ', names);
    }
}
