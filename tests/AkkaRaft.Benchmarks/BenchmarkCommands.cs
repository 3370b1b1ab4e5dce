using System.CommandLine;
using AkkaRaft.Benchmarks.Comparing;
using AkkaRaft.Benchmarks.Contenders;
using AkkaRaft.Benchmarks.Contenders.DotNext;
using AkkaRaft.Benchmarks.Contenders.Etcd;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Contenders.Today;
using AkkaRaft.Benchmarks.Floors;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Benchmarks.Workers;
using AkkaRaft.Samples.Common;
using BenchmarkDotNet.Running;

namespace AkkaRaft.Benchmarks;

/// <summary>The command line.</summary>
internal static class BenchmarkCommands
{
    public static RootCommand Root() => new("Measures AkkaRaft beside what else could be used.") { Compare(), FailOvers(), Micro(), One(), Client(), Node(), DotNextNode(), Floors(), FloorProcess(), TodayNode() };

    static Command Compare()
    {
        var names = new Option<string[]>("--contender") { AllowMultipleArgumentsPerToken = true, Description = "Only these; ours is always the first. All unless told." };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 5, Description = "How many rounds; the table has their medians." };
        var seconds = new Option<double>("--seconds") { DefaultValueFactory = _ => 3, Description = "Seconds that each work is measured in each round." };
        var output = new Option<string>("--output") { DefaultValueFactory = _ => "docs/benchmarks", Description = "The folder that gets the table (Markdown), the data (JSON) and a plot (SVG)." };
        var folder = new Option<string>("--folder") { DefaultValueFactory = _ => Path.GetTempPath(), Description = "On the disk that is measured." };
        var command = new Command("compare", "Measures AkkaRaft and its peers side by side, in rounds.") { names, rounds, seconds, output, folder };
        command.SetAction(async (parsed, _) =>
        {
            var wanted = parsed.GetValue(names) is { Length: > 0 } some ? [AllContenders.InOrder[0], .. some.Select(AllContenders.Named).Where(contender => contender != AllContenders.InOrder[0])] : AllContenders.InOrder;
            var said = $"./build.sh bench {string.Join(' ', parsed.Tokens.Skip(1).Select(token => token.Value))}".TrimEnd();
            var result = await new Comparison(wanted, Path.Combine(parsed.GetValue(folder)!, $"akkaraft-bench-{Guid.NewGuid():n}"), parsed.GetValue(rounds),
                TimeSpan.FromSeconds(parsed.GetValue(seconds)), Console.Error.WriteLine).Run();
            Directory.CreateDirectory(parsed.GetValue(output)!);
            Plots.Throughput(result, Path.Combine(parsed.GetValue(output)!, "throughput.svg"));
            await File.WriteAllTextAsync(Path.Combine(parsed.GetValue(output)!, "comparison.json"), result.ToJson(said));
            await File.WriteAllTextAsync(Path.Combine(parsed.GetValue(output)!, "README.md"), result.ToMarkdown(said));
            Console.WriteLine(result.ToMarkdown(said));
            return ExitCodes.Done;
        });
        return command;
    }

    static Command FailOvers()
    {
        var name = new Argument<string>("contender");
        var runs = new Option<int>("--runs") { DefaultValueFactory = _ => 50, Description = "How often the leader is killed." };
        var electionTimeout = new Option<int>("--election-timeout") { DefaultValueFactory = _ => 600, Description = "The contender's lower election timeout in milliseconds, for the ratio; etcd is started with it." };
        var folder = new Option<string>("--folder") { DefaultValueFactory = _ => Path.GetTempPath(), Description = "On the disk that is measured." };
        var command = new Command("fail-over", "Kills the leader again and again, and says how long it took until the next acknowledged write.") { name, runs, electionTimeout, folder };
        command.SetAction(async (parsed, _) =>
        {
            var timeout = parsed.GetValue(electionTimeout);
            var contender = AllContenders.Named(parsed.GetValue(name)!);
            if (contender is EtcdContender) contender = new EtcdContender(heartbeat: 100, electionTimeout: timeout);
            if (await contender.WhyMissing() is { } missing) throw new ArgumentException($"{contender.Title} cannot be measured here: {missing}");
            var times = await FailOver.Run(contender, Path.Combine(parsed.GetValue(folder)!, $"akkaraft-bench-{Guid.NewGuid():n}"), parsed.GetValue(runs), Console.Error.WriteLine);
            Console.WriteLine($"{contender.Title}, {FailOver.Describe(times, timeout)}");
            return ExitCodes.Done;
        });
        return command;
    }

    static Command Micro()
    {
        var options = new Argument<string[]>("options") { Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("micro", "Runs the micro-benchmarks of the rules; what follows -- goes to BenchmarkDotNet.") { options };
        command.SetAction(parsed =>
        {
            BenchmarkSwitcher.FromAssembly(typeof(BenchmarkCommands).Assembly).Run(parsed.GetValue(options)!);
            return ExitCodes.Done;
        });
        return command;
    }

    static Command One()
    {
        var name = new Argument<string>("contender");
        var inFlight = new Option<int[]>("--in-flight") { DefaultValueFactory = _ => [1, 16, 100, 1000], AllowMultipleArgumentsPerToken = true, Description = "Operations under way at any time." };
        var rate = new Option<double>("--rate") { Description = "Operations that begin in a second; 0 for a closed loop." };
        var reads = new Option<bool>("--reads") { Description = "Reads instead of writes." };
        var inside = new Option<bool>("--inside") { Description = "From the leader's process instead of a client's own." };
        var warmUp = new Option<double>("--warm-up") { DefaultValueFactory = _ => 10, Description = "Seconds that are not measured, for the first load; the others get a fifth." };
        var seconds = new Option<double>("--seconds") { DefaultValueFactory = _ => 5, Description = "Seconds that are measured." };
        var nodes = new Option<int>("--nodes") { DefaultValueFactory = _ => 3, Description = "How many nodes." };
        var folder = new Option<string>("--folder") { DefaultValueFactory = _ => Path.GetTempPath(), Description = "On the disk that is measured." };
        var command = new Command("one", "Puts loads on one contender, one after the other, to see where it stands.") { name, inFlight, rate, reads, inside, warmUp, seconds, nodes, folder };
        command.SetAction((parsed, _) => OneContender.Run(AllContenders.Named(parsed.GetValue(name)!), Path.Combine(parsed.GetValue(folder)!, $"akkaraft-bench-{Guid.NewGuid():n}"), parsed.GetValue(nodes),
            [.. parsed.GetValue(inFlight)!.Select((count, place) => new LoadRequest(parsed.GetValue(reads) ? LoadKind.Read : LoadKind.Write, count, parsed.GetValue(rate),
                TimeSpan.FromSeconds(parsed.GetValue(warmUp) / (place == 0 ? 1 : 5)), TimeSpan.FromSeconds(parsed.GetValue(seconds))))], parsed.GetValue(inside)));
        return command;
    }

    static Command Client()
    {
        var name = new Argument<string>("contender");
        var endpoints = new Argument<string>("endpoints");
        var command = new Command("client", "A client in a process of its own; started by the others.") { name, endpoints };
        command.Hidden = true;
        command.SetAction((parsed, _) => WorkerProgram.Client(AllContenders.Named(parsed.GetValue(name)!), parsed.GetValue(endpoints)!));
        return command;
    }

    static Command Node()
    {
        var id = new Argument<string>("id");
        var endpoints = new Argument<string>("endpoints");
        var folder = new Argument<string>("folder");
        var settings = new Argument<string>("settings");
        var command = new Command("node", "A node of ours; started by the others.") { id, endpoints, folder, settings };
        command.Hidden = true;
        command.SetAction((parsed, _) => RaftNodeProgram.Run(parsed.GetValue(id)!, parsed.GetValue(endpoints)!, parsed.GetValue(folder)!, parsed.GetValue(settings)!));
        return command;
    }

    static Command DotNextNode()
    {
        var place = new Argument<int>("place");
        var peers = new Argument<string>("peers");
        var endpoints = new Argument<string>("endpoints");
        var folder = new Argument<string>("folder");
        var followersFlush = new Argument<bool>("followers-flush");
        var lower = new Argument<int>("lower-election-timeout");
        var upper = new Argument<int>("upper-election-timeout");
        var command = new Command("dotnext-node", "A node of dotNext; started by the others.") { place, peers, endpoints, folder, followersFlush, lower, upper };
        command.Hidden = true;
        command.SetAction((parsed, _) => DotNextNodeProgram.Run(parsed.GetValue(place), parsed.GetValue(peers)!, parsed.GetValue(endpoints)!, parsed.GetValue(folder)!,
            parsed.GetValue(followersFlush), parsed.GetValue(lower), parsed.GetValue(upper)));
        return command;
    }

    static Command Floors()
    {
        var warmUp = new Option<double>("--warm-up") { DefaultValueFactory = _ => 2, Description = "Seconds that are not measured, for each floor." };
        var seconds = new Option<double>("--seconds") { DefaultValueFactory = _ => 3, Description = "Seconds that are measured." };
        var folder = new Option<string>("--folder") { DefaultValueFactory = _ => Path.GetTempPath(), Description = "On the disk that is measured." };
        var command = new Command("floors", "Measures what nothing durable and nothing over Akka.Remote can be better than.") { warmUp, seconds, folder };
        command.SetAction((parsed, _) => AllFloors.Print(Path.Combine(parsed.GetValue(folder)!, $"akkaraft-floors-{Guid.NewGuid():n}"),
            new FloorTime(TimeSpan.FromSeconds(parsed.GetValue(warmUp)), TimeSpan.FromSeconds(parsed.GetValue(seconds)))));
        return command;
    }

    static Command FloorProcess()
    {
        var kind = new Argument<string>("kind");
        var arguments = new Argument<string[]>("arguments") { Arity = ArgumentArity.ZeroOrMore };
        var command = new Command(FloorProgram.Command, "A process that a floor is measured with; started by the others.") { kind, arguments };
        command.Hidden = true;
        command.SetAction((parsed, _) => FloorProgram.Run(parsed.GetValue(kind)!, parsed.GetValue(arguments)!));
        return command;
    }

    static Command TodayNode()
    {
        var contender = new Argument<string>("contender");
        var place = new Argument<int>("place");
        var endpoints = new Argument<string>("endpoints");
        var folder = new Argument<string>("folder");
        var command = new Command(TodayNodeProgram.Command, "A node with Akka.Cluster; started by the others.") { contender, place, endpoints, folder };
        command.Hidden = true;
        command.SetAction((parsed, _) => TodayNodeProgram.Run(parsed.GetValue(contender)!, parsed.GetValue(place), parsed.GetValue(endpoints)!, parsed.GetValue(folder)!));
        return command;
    }
}
