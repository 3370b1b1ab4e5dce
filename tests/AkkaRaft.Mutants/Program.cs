using System.CommandLine;
using AkkaRaft.Mutants;

var list = new Option<bool>("--list") { Description = "Print the mutants, and do nothing." };
var check = new Option<bool>("--check") { Description = "Only check that every patch still applies to the working tree." };
var only = new Option<string[]>("--only") { Description = "Only these, by id or the beginning of the name: --only B01,B28-old.", HelpName = "NAMES" };
var stages = new Option<string>("--stages")
{
    Description = "unit (unit tests and scripts), sim (the simulation), or both.", HelpName = "STAGES", DefaultValueFactory = _ => "unit,sim",
};
var seeds = new Option<int>("--seeds") { Description = "How many seeds the simulation may take for a mutant.", HelpName = "N", DefaultValueFactory = _ => 200 };
var jobs = new Option<int>("--jobs")
{
    Description = "How many at a time. Default: one for each core.", HelpName = "N", DefaultValueFactory = _ => Environment.ProcessorCount,
};
var budget = new Option<int?>("--budget") { Description = "Seconds for one mutant; what is not known then is undecided.", HelpName = "SECONDS" };
var again = new Option<bool>("--again") { Description = "Try also those whose fate is known for this source." };
var built = new Option<bool>("--built")
{
    Description = "Take the tests as they are built in the working tree (Release), and believe that they pass without a mutant.",
};
var rotate = new Option<bool>("--rotate") { Description = "Check all patches and try one mutant, another one with each commit and each day." };
var writeDocs = new Option<bool>("--write-docs") { Description = "Write the table of docs/mutants.md from the results." };

var root = new RootCommand("Applies the mutations of tests/mutants one by one and sees which test catches each.")
{
    list, check, only, stages, seeds, jobs, budget, again, built, rotate, writeDocs,
};
root.SetAction((parsed, stop) => MutantsProgram.Run(new Request(
    parsed.GetValue(list), parsed.GetValue(check), parsed.GetValue(rotate), parsed.GetValue(writeDocs), parsed.GetValue(stages)!, parsed.GetValue(seeds),
    new Options
    {
        Only = [.. (parsed.GetValue(only) ?? []).SelectMany(names => names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
        Stages = [],
        Jobs = Math.Max(1, parsed.GetValue(jobs)),
        Budget = parsed.GetValue(budget) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        Again = parsed.GetValue(again),
        Built = parsed.GetValue(built),
    }), stop));
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
