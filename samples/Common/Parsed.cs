using System.CommandLine;
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

    /// <summary>What an option says, or what holds unless told; the option's description tells people, in their words.</summary>
    public static T Or<T>(this ParseResult result, Option<T> option, T unlessTold) =>
        result.GetResult(option) is null ? unlessTold : result.GetRequiredValue(option);

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
