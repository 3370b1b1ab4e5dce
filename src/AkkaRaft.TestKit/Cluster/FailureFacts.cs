using System.Text;

namespace AkkaRaft.TestKit.Cluster;

/// <summary>What is known of a failed run.</summary>
/// <param name="What">What was broken, with the numbers; may have several lines.</param>
/// <param name="At">Virtual time when it was seen.</param>
/// <param name="ReplayCommand">How the run is repeated.</param>
/// <param name="Nodes">What state the nodes were in, one line each.</param>
/// <param name="LastTrace">The last so many lines of the trace.</param>
internal sealed record FailureFacts(string What, TimeSpan At, string ReplayCommand, string Nodes, Func<int, IReadOnlyList<string>> LastTrace)
{
    /// <summary>The nodes, and the last steps before the failure.</summary>
    public string Story(int lines)
    {
        var story = new StringBuilder().AppendLine("The nodes:").Append(Nodes);
        story.Append("What happened last (virtual seconds, host, role, term, commit, actor <- message):");
        foreach (var line in LastTrace(lines)) story.AppendLine().Append("  ").Append(line);
        return story.ToString();
    }
}
