using System.CommandLine;
using System.Globalization;
using AkkaRaft.Simulator;
using AkkaRaft.TestKit;

var machine = new Option<string>("--machine") { Description = $"what the cluster runs: {string.Join(", ", Hunts.Machines)}", DefaultValueFactory = _ => "map" };
machine.AcceptOnlyFromAmong([.. Hunts.Machines]);
var faults = new Option<string>("--faults") { Description = $"what may go wrong: {string.Join(", ", Hunts.Profiles.Keys)}", DefaultValueFactory = _ => nameof(Faults.All) };
faults.AcceptOnlyFromAmong([.. Hunts.Profiles.Keys]);
var nodes = new Option<int?>("--nodes") { Description = "how many nodes, 1 to 9; default: each seed draws, 1 to 5" };
nodes.AcceptOnlyFromAmong([.. Enumerable.Range(1, 9).Select(count => $"{count}")]);
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
    machine, faults, nodes, seed, first, seeds, hours, minutes, threads, failures, html, trace,
};
AtLeast(seeds, 1);
AtLeast(threads, 1);
MoreThanNone(hours);
MoreThanNone(minutes);
root.Validators.Add(parsed =>
{
    if (parsed.GetResult(seed) is null && (parsed.GetResult(html) ?? parsed.GetResult(trace)) is { } file)
        parsed.AddError($"{file.Option.Name} shows one run: say which, with {seed.Name}.");
    if (parsed.GetResult(seed) is not null && new Option[] { first, seeds, hours, minutes }.FirstOrDefault(option => parsed.GetResult(option) is not null) is { } range)
        parsed.AddError($"{seed.Name} runs one seed, and {range.Name} is for many: say one of them.");
    if (parsed.GetResult(hours) is not null && parsed.GetResult(minutes) is not null) parsed.AddError($"{hours.Name} and {minutes.Name} both say for how long: say one of them.");
});
root.SetAction(parsed =>
{
    var hunt = new Hunt(parsed.GetValue(machine)!, parsed.GetValue(faults)!, parsed.GetValue(nodes));
    if (parsed.GetValue(seed) is { } only) return hunt.RunOne(only, parsed.GetValue(html)?.FullName, parsed.GetValue(trace)?.FullName);

    var time = parsed.GetValue(hours) is { } h ? TimeSpan.FromHours(h) : parsed.GetValue(minutes) is { } m ? TimeSpan.FromMinutes(m) : (TimeSpan?)null;
    var count = parsed.GetValue(seeds) ?? (time is null ? 500 : long.MaxValue);
    return hunt.RunMany(parsed.GetValue(first) ?? Hunt.FreshSeed(), count, time, parsed.GetValue(threads), parsed.GetValue(failures)!.FullName);
});
return await root.Parse(args).InvokeAsync();

// What is no number is the parser's to say.
static void AtLeast(Option option, long least) => option.Validators.Add(result =>
{
    if (result.Tokens is [var token] && long.TryParse(token.Value, CultureInfo.InvariantCulture, out var value) && value < least) result.AddError($"{option.Name} is at least {least}.");
});

static void MoreThanNone(Option option) => option.Validators.Add(result =>
{
    if (result.Tokens is [var token] && double.TryParse(token.Value, CultureInfo.InvariantCulture, out var value) && value is not (> 0 and <= 24 * 365))
        result.AddError($"{option.Name} is more than 0, and {24 * 365} at most.");
});
