using System.CommandLine.Parsing;

namespace AkkaRaft.Samples.Common;

/// <summary>Makes errors of the command line of what a reader of text refuses.</summary>
public static class Parsed
{
    /// <summary>For an option or argument that is one word.</summary>
    /// <param name="parse">Throws <see cref="FormatException"/> with a message for people.</param>
    public static Func<ArgumentResult, T?> As<T>(Func<string, T> parse) => result =>
    {
        var value = default(T);
        Check(result, () => value = parse(result.Tokens[^1].Value));
        return value;
    };

    /// <summary>Adds what was refused to the errors.</summary>
    public static void Check(SymbolResult result, Action read)
    {
        try
        {
            read();
        }
        catch (FormatException problem)
        {
            result.AddError(problem.Message);
        }
    }
}
