using System.CommandLine;
using AkkaRaft.Simulator;
using AkkaRaft.TestKit;

var machine = new Option<string>("--machine") { Description = $"what the cluster runs: {string.Join(", ", Hunts.Machines)}", DefaultValueFactory = _ => "map" };
machine.AcceptOnlyFromAmong([.. Hunts.Machines]);
var faults = new Option<string>("--faults") { Description = $"what may go wrong: {string.Join(", ", Hunts.Profiles.Keys)}", DefaultValueFactory = _ => nameof(Faults.All) };
faults.AcceptOnlyFromAmong([.. Hunts.Profiles.Keys]);
var seed = new Option<ulong?>("--seed") { Description = "run this seed only, and say all about it" };
var first = new Option<ulong?>("--first") { Description = "where the range of seeds begins; default: by the clock, so that each run has new ones" };
var seeds = new Option<long?>("--seeds") { Description = "how many seeds" };
var hours = new Option<double?>("--hours") { Description = "run for so many hours" };
var minutes = new Option<double?>("--minutes") { Description = "run for so many minutes" };
var threads = new Option<int>("--threads") { Description = "how many seeds at once", DefaultValueFactory = _ => Environment.ProcessorCount };
var failures = new Option<DirectoryInfo>("--failures") { Description = "where failures are kept as files", DefaultValueFactory = _ => new DirectoryInfo("artifacts/simulation") };
var html = new Option<FileInfo?>("--html") { Description = "with --seed: write a page that shows the run" };
var trace = new Option<FileInfo?>("--trace") { Description = "with --seed: write the protocol events of all nodes as JSON lines (docs/trace.md)" };

var root = new RootCommand("Runs simulated AkkaRaft clusters under faults, seed after seed, with all invariants checked after every step.")
{
    machine, faults, seed, first, seeds, hours, minutes, threads, failures, html, trace,
};
root.SetAction(parsed =>
{
    var hunt = new Hunt(parsed.GetValue(machine)!, parsed.GetValue(faults)!);
    if (parsed.GetValue(seed) is { } only) return hunt.RunOne(only, parsed.GetValue(html)?.FullName, parsed.GetValue(trace)?.FullName);

    var time = parsed.GetValue(hours) is { } h ? TimeSpan.FromHours(h) : parsed.GetValue(minutes) is { } m ? TimeSpan.FromMinutes(m) : (TimeSpan?)null;
    var count = parsed.GetValue(seeds) ?? (time is null ? 500 : long.MaxValue);
    return hunt.RunMany(parsed.GetValue(first) ?? Hunt.FreshSeed(), count, time, parsed.GetValue(threads), parsed.GetValue(failures)!.FullName);
});
return await root.Parse(args).InvokeAsync();
