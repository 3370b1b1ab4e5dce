using Akka.Configuration;

namespace AkkaRaft.Samples.Common;

/// <summary>The configuration of a node's actor system, and what to say when it is no good.</summary>
public static class NodeConfig
{
    /// <summary>The program's own configuration, and over it what a file says.</summary>
    /// <param name="app">The program.</param>
    /// <param name="node">The node, whose default folder is named after it.</param>
    /// <param name="own">What the program sets.</param>
    /// <param name="file">The file; null for none.</param>
    public static Config Of(SampleApp app, NodeId node, Config own, FileInfo? file)
    {
        ArgumentNullException.ThrowIfNull(app);
        var ours = own.WithFallback(ConfigurationFactory.ParseString($"akka.raft.data-dir = \"./{app.Name}-data/{node}\""));
        return ConfigFile.Over(ours, file);
    }

    /// <summary>One sentence for people: what AkkaRaft itself says of a problem, or else its innermost cause.</summary>
    public static string Sentence(Exception problem, FileInfo? file)
    {
        var causes = Causes(problem);
        // Our own speaks to people; what others have wrapped or were wrapped around does not.
        var said = (causes.Find(c => c.GetType().Assembly == typeof(Raft).Assembly) ?? causes[^1]).Message.Split(" (Parameter", 2)[0];
        // What the file says is what may be wrong with a configuration that is good without it.
        var isOfFile = file is not null && !said.StartsWith("--config ", StringComparison.Ordinal)
            && causes.Exists(c => c is ConfigurationException or TypeLoadException or NullReferenceException or FormatException);
        return isOfFile ? $"With --config {file}: {said}" : said;
    }

    /// <summary>It and what it was caused by, outermost first.</summary>
    public static List<Exception> Causes(Exception problem)
    {
        var causes = new List<Exception>();
        for (var cause = problem; cause is not null; cause = cause.InnerException) causes.Add(cause);
        return causes;
    }
}
