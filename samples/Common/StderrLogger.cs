using System.Globalization;
using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;

namespace AkkaRaft.Samples.Common;

/// <summary>
/// Writes the log to stderr, a line for each event, with the time. Below debug it lets through what AkkaRaft and the sample say; of Akka itself only what is
/// wrong, and not that a peer cannot be reached, which the node tells once and in its own words.
/// </summary>
public sealed class StderrLogger : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    const int MaxCauses = 8;

    static readonly Lock Gate = new();
    static readonly Queue<string> Held = new();
    static bool s_holding;

    readonly StrangerFilter _strangers = new();

    /// <summary>Answers Akka's request to begin, and then writes.</summary>
    public StderrLogger()
    {
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(Log);
    }

    static bool IsVerbose => Context.System.Settings.LogLevel == "DEBUG";

    /// <summary>Keeps lines back from now on: a start that fails is to say one sentence, and nothing before it.</summary>
    public static void Hold()
    {
        lock (Gate) s_holding = true;
    }

    /// <summary>Lets the lines out that were kept back, and all that follow.</summary>
    public static void Release()
    {
        lock (Gate)
        {
            s_holding = false;
            while (Held.TryDequeue(out var line)) Console.Error.WriteLine(line);
        }
    }

    /// <summary>One line to stderr, as the log's lines are.</summary>
    public static void Say(string line)
    {
        lock (Gate) Console.Error.WriteLine(OneLine(line));
    }

    /// <summary>A text without line breaks.</summary>
    public static string OneLine(string text) =>
        string.Join(' ', text.Split((char[])['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    /// <summary>
    /// What happened and why, from the outermost exception to the innermost: a driver's own message is wrapped several times. What the one around it
    /// has said already is left out.
    /// </summary>
    public static string Causes(Exception problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var text = $"{problem.GetType().Name}: {problem.Message}";
        var depth = 0;
        for (var cause = problem.InnerException; cause is not null && depth < MaxCauses; cause = cause.InnerException, depth++)
        {
            if (!text.Contains(cause.Message, StringComparison.Ordinal)) text += $", because of {cause.GetType().Name}: {cause.Message}";
        }

        return text;
    }

    void Log(LogEvent e)
    {
        if (IsVerbose) Write(OneLine(Format(e)));
        else if (IsForPeople(e) && _strangers.Filtered(Format(e)) is { } line) Write(OneLine(line));
    }

    static bool IsForPeople(LogEvent e)
    {
        if (e.LogClass?.FullName?.StartsWith("AkkaRaft.", StringComparison.Ordinal) == true) return true;
        return e.LogLevel() >= LogLevel.WarningLevel && !IsAboutConnections(e);
    }

    // Akka.Remote warns at each try, and logs a connection that ends as an error of the actor that had it.
    static bool IsAboutConnections(LogEvent e) =>
        (e.LogSource.StartsWith("remoting", StringComparison.Ordinal) || e.LogSource.Contains("/system/endpointManager", StringComparison.Ordinal))
        && (e.LogLevel() == LogLevel.WarningLevel || e.Cause?.GetType().Namespace?.StartsWith("Akka.Remote", StringComparison.Ordinal) == true);

    static string Format(LogEvent e)
    {
        var level = e.LogLevel() switch
        {
            LogLevel.DebugLevel => "DEBUG",
            LogLevel.InfoLevel => "INFO",
            LogLevel.WarningLevel => "WARNING",
            _ => "ERROR",
        };
        var source = IsVerbose ? $"[{e.LogSource}] " : "";
        var cause = e.Cause is null ? "" : IsVerbose ? $" {e.Cause}" : $" ({Causes(e.Cause)})";
        return string.Create(CultureInfo.InvariantCulture, $"{e.Timestamp.ToUniversalTime():yyyy-MM-ddTHH:mm:ss.fffZ} {level} {source}{e.Message}{cause}");
    }

    static void Write(string line)
    {
        lock (Gate)
        {
            if (s_holding) Held.Enqueue(line);
            else Console.Error.WriteLine(line);
        }
    }
}

/// <summary>Takes the place of Akka's own way to stdout before and after the real logger lives: stdout is for results.</summary>
public sealed class NoLogger : MinimalLogger
{
    /// <inheritdoc />
    protected override void Log(object message)
    {
    }
}
