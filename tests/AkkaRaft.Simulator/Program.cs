using System.Diagnostics;
using AkkaRaft;
using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Scenarios;

var scenario = Simulate.Defined(cluster => cluster
    .Nodes(3)
    .StateMachine(() => new Lines())
    .Clients(4, random => random.Chance(0.3) ? new Get() : new Add($"{random.Between(0, 1000)}"))
    .For(30.Seconds())
    .Faults((Faults)typeof(Faults).GetProperty(args[0])!.GetValue(null)!));
var runner = new SeedRunner(scenario, "x") { Threads = 1 };
var cpu = Process.GetCurrentProcess().TotalProcessorTime;
var watch = Stopwatch.StartNew();
var counters = runner.Run(ulong.Parse(args[1]), int.Parse(args[2]));
var used = Process.GetCurrentProcess().TotalProcessorTime - cpu;
Console.WriteLine(counters);
Console.WriteLine($"{used.TotalSeconds:0.0} CPU s, {watch.Elapsed.TotalSeconds:0.0} s, {counters.Messages / used.TotalSeconds:0} messages per CPU s, {counters.VirtualTime / used:0} virtual per CPU s");

sealed class Lines : RaftStateMachine
{
    readonly List<string> _lines = [];

    public Lines()
    {
        Command<Add, int>(add =>
        {
            _lines.Add(add.Text);
            return _lines.Count;
        });
        Query<Get, int>(_ => _lines.Count);
    }
}

sealed record Add(string Text);

sealed record Get;
