using System.Text.Json.Nodes;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>Changes the members of a cluster by the commands of the hashmap, and repeats them as an operator would, until they are done.</summary>
internal sealed class Operator(HashmapCluster cluster, Action<string> say)
{
    const int MostRepetitions = 20;

    // Short: on a cluster in trouble a command gives up soon, and is repeated.
    static readonly string[] s_patience = ["--timeout", "10s"];
    static readonly string[] s_waits = ["add", "replace"];

    /// <summary>For a command and its repetitions.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Repeats a change until it is done.</summary>
    public Task<string> Do(params string[] change) => Repeat(change, Begin(change));

    /// <summary>Begins a change, does harm when the command has said something, and repeats it until it is done.</summary>
    /// <param name="when">In a line of its stderr.</param>
    /// <param name="harm">Is given the command's process.</param>
    /// <param name="change">The change.</param>
    public async Task<string> DoDespite(string when, Func<ChildProcess, Task> harm, params string[] change)
    {
        var first = Begin(change);
        await first.Errors.WaitFor($"members {string.Join(' ', change)} to say \"{when}\"", line => line.Contains(when, StringComparison.Ordinal), Patience);
        await harm(first);
        return await Repeat(change, first);
    }

    /// <summary>Begins a change; it is for the caller to end or await the process.</summary>
    public ChildProcess Begin(params string[] change)
    {
        var waits = s_waits.Contains(change[0]) ? ["--wait", "10s"] : Array.Empty<string>();
        return ChildProcess.Start(HashmapProgram.WithArguments(["members", .. change, .. waits, .. s_patience, "--json", "--peers", cluster.Peers]));
    }

    /// <summary>Who belongs to it: <c>1 2 3</c> for voters, <c>1 2 3+4</c> with a learner, ordered by id.</summary>
    public static string MembersOf(string json)
    {
        var members = JsonNode.Parse(json)!["members"]!.AsArray();
        var learners = Ids("learner");
        return Ids("voter") + (learners.Length > 0 ? $"+{learners}" : "");

        string Ids(string role) => string.Join(' ', members.Where(member => (string?)member!["role"] == role).Select(member => (string)member!["id"]!));
    }

    async Task<string> Repeat(string[] change, ChildProcess first)
    {
        var run = await End(change, first);
        for (var repeated = 0; run.ExitCode != 0; repeated++)
        {
            if (repeated == MostRepetitions) throw new TimeoutException($"members {string.Join(' ', change)} was repeated {repeated} times in vain. The last time: {run}");
            run = await End(change, Begin(change));
        }

        return run.Output;
    }

    async Task<HashmapRun> End(string[] change, ChildProcess process)
    {
        await using (process)
        {
            var exitCode = await process.Exited.WaitAsync(Patience);
            var run = new HashmapRun(exitCode, string.Join('\n', process.Output.Lines), process.Errors.Lines);
            say($"members {string.Join(' ', change)}: {run}");
            // 3 and 4: it may be repeated. 137: somebody killed it.
            return exitCode is 0 or 3 or 4 or 137 ? run : throw new InvalidOperationException($"members {string.Join(' ', change)}: {run}");
        }
    }
}
