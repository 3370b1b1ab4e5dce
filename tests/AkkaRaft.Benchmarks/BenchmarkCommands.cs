using System.CommandLine;
using AkkaRaft.Benchmarks.Contenders;
using AkkaRaft.Benchmarks.Contenders.DotNext;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Contenders.Today;
using AkkaRaft.Benchmarks.Floors;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Benchmarks.Workers;
using AkkaRaft.Samples.Common;
using BenchmarkDotNet.Running;
using static AkkaRaft.Benchmarks.Comparing.ComparingCommands;

namespace AkkaRaft.Benchmarks;

/// <summary>The command line.</summary>
internal static class BenchmarkCommands
{
    public static RootCommand Root() => new("Measures AkkaRaft beside what else could be used.") { Compare(), FailOvers(), Micro(), One(), Client(), Node(), DotNextNode(), Floors(), FloorProcess(), TodayNode(),
        Bars.BarCommands.Bar() };

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
