using System.CommandLine;
using AkkaRaft.Samples.ClusterLauncher;
using AkkaRaft.Samples.Common;
using AkkaRaft.Samples.Common.Accounts;
using AkkaRaft.Samples.Common.Backups;
using AkkaRaft.Samples.Common.Members;
using AkkaRaft.Samples.Common.Offline;
using AkkaRaft.Samples.Hashmap;
using AkkaRaft.Samples.ClusterLauncher.Measuring;

var nodes = new Option<int>("--nodes")
{
    Description = "How many nodes to start, 1 to 9.", HelpName = "N", DefaultValueFactory = _ => 3, Recursive = true,
};
nodes.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 1 or > 9) result.AddError("--nodes must be 1 to 9.");
});
var data = new Option<DirectoryInfo?>("--data")
{
    Description = "Where the nodes keep their data and logs. Default: ./launcher-data; of the demo: a temporary folder.", HelpName = "DIR", Recursive = true,
};
var basePort = new Option<int?>("--base-port")
{
    Description = "Node N listens at this port + N. Default: 4050; of the demo: ports that are free.", HelpName = "PORT", Recursive = true,
};
basePort.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int?>() is < 1 or > 65_526) result.AddError("--base-port must be 1 to 65526.");
});

var config = ConfigFile.Option("A HOCON file for the nodes, and for the launcher as their client, such as hocon/tls.conf.");
config.Recursive = true;

var demo = new Command("demo", "Runs by itself: writes, kills the leader, reads everything back, and says what was lost (nothing).");
demo.SetAction((parsed, cancellationToken) =>
    Launcher.RunDemo(parsed.GetValue(nodes), parsed.GetValue(data), parsed.GetValue(basePort), parsed.GetValue(config), cancellationToken));

var json = AccountCommands.JsonOption();
var status = new Command("status", AccountCommands.StatusDescription) { json };
status.SetAction(async (parsed, _) => CommandLineProgram.Exit(
    await AccountCommands.Status(HashmapApp.App, Launcher.ClientOf(parsed.GetValue(nodes), parsed.GetValue(data), parsed.GetValue(basePort), parsed.GetValue(config)), parsed.GetValue(json))));
var explain = new Command("explain", AccountCommands.ExplainDescription) { json };
explain.SetAction(async (parsed, _) => CommandLineProgram.Exit(
    await AccountCommands.Explain(HashmapApp.App, Launcher.ClientOf(parsed.GetValue(nodes), parsed.GetValue(data), parsed.GetValue(basePort), parsed.GetValue(config)), parsed.GetValue(json))));

var runs = new Option<int>("--runs") { Description = "How many rolling restarts.", HelpName = "N", DefaultValueFactory = _ => 10 };
var rolling = new Command("rolling-restart", "Measures: stops and starts one node after the other under load, and prints the longest time without an acknowledged write, and the writes that failed.")
{
    runs,
};
rolling.SetAction((parsed, cancellationToken) => Launcher.Measure(parsed.GetValue(nodes), new MeasuredCluster(), new RollingRestart(parsed.GetValue(runs)).Run, cancellationToken));

var seconds = new Option<int>("--seconds") { Description = "How long the overload lasts.", HelpName = "N", DefaultValueFactory = _ => 60 };
var factor = new Option<double>("--factor") { Description = "How many times the sustainable rate is offered.", HelpName = "X", DefaultValueFactory = _ => 4 };
var overload = new Command("overload", "Measures: a cluster whose journals are slowed to a fixed rate, first at the most it can do, then offered a multiple of that.")
{
    seconds, factor,
};
overload.SetAction((parsed, cancellationToken) => Launcher.Measure(
    parsed.GetValue(nodes), MeasuredCluster.Of(Overload.Settings), new Overload(parsed.GetValue(seconds), parsed.GetValue(factor)).Run, cancellationToken));

var root = new RootCommand("Starts a cluster of hashmap nodes on this machine, shows it live, and takes commands that write, read, kill, stop and freeze.")
{
    nodes, data, basePort, config, demo, status, explain, rolling, overload,
};
foreach (var command in MeasuringCommands.OfSnapshots()) root.Add(command);
var ofThatLauncher = HashmapApp.App with
{
    Peers = new PeersUnlessTold("those that a launcher runs whose data is in --data", parsed => Launcher.PeersOf(parsed.GetValue(nodes), parsed.GetValue(data), parsed.GetValue(basePort))),
    DataOf = (parsed, id) => Launcher.FolderOf(parsed.GetValue(data), id),
};
root.Add(MembersCommands.Create(ofThatLauncher));
root.Add(TransferCommand.Create(ofThatLauncher));
root.Add(BackupCommands.Create(ofThatLauncher));
root.Add(RecoverCommand.Create(ofThatLauncher));
root.SetAction((parsed, cancellationToken) =>
    Launcher.RunLive(parsed.GetValue(nodes), parsed.GetValue(data), parsed.GetValue(basePort), parsed.GetValue(config), cancellationToken));

// After Ctrl-C the nodes get their 5 s to stop by themselves before they are killed.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(8) });
