using System.CommandLine;
using AkkaRaft.Samples.Common;

namespace AkkaRaft.Benchmarks.Bars;

/// <summary>The command line of the bars: what is wanted of speed, measured one by one.</summary>
internal static class BarCommands
{
    /// <summary>The command that has them all.</summary>
    public static Command Bar() => new("bar", "Measures one of the goals: what is wanted, what is seen, whether it is met.") { Recovery(), Snapshot(), Sizes(), Idle(), Allocations(), Process() };

    static Command Recovery()
    {
        var entries = new Option<int>("--entries") { DefaultValueFactory = _ => OwnBar.RecoveryEntries, Description = "Entries of 256 bytes in the log." };
        var perEvent = new Option<int>("--per-event") { DefaultValueFactory = _ => OwnBar.RecoveryPerEvent, Description = "Entries in each event of the journal." };
        return New(OwnBar.Recovery, "Starts a node on a long log: how long until it serves.", [entries, perEvent],
            (run, parsed) => RecoveryBar.Measure(run, parsed.GetValue(entries), parsed.GetValue(perEvent)));
    }

    static Command Snapshot()
    {
        var megabytes = new Option<int>("--megabytes") { DefaultValueFactory = _ => OwnBar.SnapshotMegabytes, Description = "The state, in million bytes." };
        var rate = new Option<double>("--rate") { DefaultValueFactory = _ => OwnBar.SnapshotRate, Description = "Writes that begin in a second meanwhile." };
        var settings = new Option<string>("--settings") { DefaultValueFactory = _ => "", Description = "HOCON over the defaults, for all nodes." };
        return New(OwnBar.Snapshot, "Adds an empty learner to three nodes with a big state: how long the installation takes, and what writes feel of it.", [megabytes, rate, settings],
            (run, parsed) => SnapshotBar.Measure(run, parsed.GetValue(megabytes), parsed.GetValue(rate), parsed.GetValue(settings)!));
    }

    static Command Sizes() => New(OwnBar.Sizes, "Clusters of three, five and seven nodes: what each more costs.", [], (run, _) => SizesBar.Measure(run));

    static Command Idle() => New(OwnBar.Idle, "Three nodes to which nobody says anything: what they use.", [], (run, _) => IdleBar.Measure(run));

    static Command Allocations()
    {
        var inFlight = new Option<int[]>("--in-flight") { DefaultValueFactory = _ => OwnBar.AllocationsInFlight, AllowMultipleArgumentsPerToken = true, Description = "Writes under way at any time; the bar is for the first." };
        return New(OwnBar.Allocations, "What a write allocates at the leader, beside what stock Akka.Remote and Akka.Persistence.Sql allocate for the same bytes.", [inFlight],
            (run, parsed) => AllocationsBar.Measure(run, parsed.GetValue(inFlight)!));
    }

    static Command Process()
    {
        var kind = new Argument<string>("kind");
        var arguments = new Argument<string[]>("arguments") { Arity = ArgumentArity.ZeroOrMore };
        var command = new Command(BarProgram.Command, "A process that a bar is measured with; started by the others.") { kind, arguments };
        command.Hidden = true;
        command.SetAction((parsed, _) => BarProgram.Run(parsed.GetValue(kind)!, parsed.GetValue(arguments)!));
        return command;
    }

    static Command New(OwnBar bar, string description, IEnumerable<Option> more, Func<BarRun, ParseResult, Task<IReadOnlyList<BarResult>>> measure)
    {
        var round = new Option<int>("--rounds") { DefaultValueFactory = _ => bar.Rounds, Description = "How many rounds; the result has their medians." };
        var measured = new Option<double>("--seconds") { DefaultValueFactory = _ => bar.Seconds, Description = "Seconds that each thing is measured in each round." };
        var output = new Option<string?>("--output") { Description = $"A folder that gets the data: bar-{bar.Name}.json." };
        var folder = new Option<string>("--folder") { DefaultValueFactory = _ => Path.GetTempPath(), Description = "On the disk that is measured." };
        var command = new Command(bar.Name, description) { round, measured, output, folder };
        foreach (var option in more) command.Add(option);
        command.SetAction(async (parsed, _) =>
        {
            var own = Path.Combine(parsed.GetValue(folder)!, $"akkaraft-bar-{Guid.NewGuid():n}");
            var run = new BarRun(own, parsed.GetValue(round), TimeSpan.FromSeconds(parsed.GetValue(measured)), Console.Error.WriteLine);
            await Report(run, bar.Name, parsed, parsed.GetValue(output), () => measure(run, parsed));
            return ExitCodes.Done;
        });
        return command;
    }

    static async Task Report(BarRun run, string name, ParseResult parsed, string? output, Func<Task<IReadOnlyList<BarResult>>> measure)
    {
        var begun = DateTimeOffset.UtcNow;
        Directory.CreateDirectory(run.Folder);
        try
        {
            var results = await measure();
            var report = new BarReport($"./build.sh bench {string.Join(' ', parsed.Tokens.Select(token => token.Value))}", begun, results, run.Notes);
            Console.WriteLine(report.ToMarkdown());
            if (output is null) return;
            Directory.CreateDirectory(output);
            await File.WriteAllTextAsync(Path.Combine(output, $"bar-{name}.json"), report.ToJson());
        }
        finally
        {
            Directory.Delete(run.Folder, recursive: true);
        }
    }
}
