using System.CommandLine;

namespace AkkaRaft.Samples.ClusterLauncher.Measuring;

/// <summary>The command lines of the measurements of snapshots.</summary>
internal static class MeasuringCommands
{
    const int Nodes = 3;

    /// <summary>All of them.</summary>
    public static IEnumerable<Command> OfSnapshots()
    {
        yield return Snapshots();
        yield return LongRun();
        yield return BigState();
    }

    static Command Snapshots()
    {
        var megabytes = AtLeast("--megabytes", "The size of the state, in 10^6 bytes.", "N", 500, 10);
        var seconds = AtLeast("--seconds", "How long writes are measured before.", "N", 30, 5);
        var rate = AtLeast("--rate", "Small writes per second.", "N", 200, 1);
        var command = new Command("snapshots", "Measures: how long writes take while a follower, then the leader, takes a snapshot of a big state, and before.") { megabytes, seconds, rate };
        command.SetAction((parsed, cancellationToken) =>
        {
            var measure = new SnapshotLatency(parsed.GetValue(megabytes), parsed.GetValue(seconds), parsed.GetValue(rate));
            return Launcher.Measure(Nodes, measure.Cluster, measure.Run, cancellationToken);
        });
        return command;
    }

    static Command LongRun()
    {
        var entries = AtLeast("--entries", "How many entries are written in all, or some more.", "N", 10_000_000, 1000);
        var away = AtLeast("--away", "How many of them while a node is away.", "N", 5_000_000, 1);
        var command = new Command("long-run", "Measures: disk and memory over many entries, and how a node catches up under full load, at its first start and after it was away.") { entries, away };
        command.SetAction((parsed, cancellationToken) => Launcher.Measure(
            Nodes, Measuring.LongRun.Cluster, new LongRun(parsed.GetValue(entries), parsed.GetValue(away)).Run, cancellationToken));
        return command;
    }

    static Command BigState()
    {
        var megabytes = AtLeast("--megabytes", "The size of the state, in 2^20 bytes.", "N", 1024, 16);
        var command = new Command("big-state", "Measures: the memory of nodes that take, restore and send snapshots of a big state, with a heap limited to the state and 400 MB.") { megabytes };
        command.SetAction((parsed, cancellationToken) =>
        {
            var measure = new BigState(parsed.GetValue(megabytes));
            return Launcher.Measure(Nodes, measure.Cluster, measure.Run, cancellationToken);
        });
        return command;
    }

    static Option<int> AtLeast(string name, string description, string helpName, int byDefault, int least)
    {
        var option = new Option<int>(name) { Description = description, HelpName = helpName, DefaultValueFactory = _ => byDefault };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least) result.AddError($"{name} must be at least {least}.");
        });
        return option;
    }
}
