using System.CommandLine;
using AkkaRaft.Benchmarks.Contenders;
using AkkaRaft.Samples.Common;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>The command line of what stands side by side.</summary>
internal static class ComparingCommands
{
    /// <summary>All contenders in rounds; what ./build.sh bench is.</summary>
    public static Command Compare()
    {
        var names = new Option<string[]>("--contender") { AllowMultipleArgumentsPerToken = true, Description = "Only these; ours is always the first. All unless told." };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 5, Description = "How many rounds; the table has their medians." };
        var warmUp = new Option<double>("--warm-up") { DefaultValueFactory = _ => 20, Description = "Seconds for which each contender writes before the first round: the JIT of ours needs 25 to 50 on two cores, rounds included." };
        var seconds = new Option<double>("--seconds") { DefaultValueFactory = _ => 3, Description = "Seconds that each work is measured in each round." };
        var full = new Option<bool>("--full") { Description = "Latency over offered load, fail-over and the bars that need no peer, too: an hour instead of some twenty minutes." };
        var kills = new Option<int>("--kills") { DefaultValueFactory = _ => 50, Description = "With --full: how often each leader is killed." };
        var output = new Option<string>("--output") { DefaultValueFactory = _ => "docs/benchmarks", Description = "The folder that gets the table (Markdown), the data (JSON) and plots (SVG)." };
        var folder = FolderOption();
        var command = new Command("compare", "Measures AkkaRaft and its peers side by side, in rounds.") { names, rounds, warmUp, seconds, full, kills, output, folder };
        command.SetAction(async (parsed, _) =>
        {
            var plan = new ComparisonPlan(Wanted(parsed.GetValue(names)!), OwnFolder(parsed.GetValue(folder)!), parsed.GetValue(rounds), TimeSpan.FromSeconds(parsed.GetValue(warmUp)), TimeSpan.FromSeconds(parsed.GetValue(seconds)))
            {
                Full = parsed.GetValue(full),
                Kills = parsed.GetValue(kills),
            };
            var line = $"./build.sh bench {string.Join(' ', parsed.Tokens.Skip(1).Select(token => token.Value))}".TrimEnd();
            Console.WriteLine(await Write(await new Comparison(plan, Console.Error.WriteLine, Keep).Run()));
            return ExitCodes.Done;

            Task Keep(ComparisonResult soFar) => Write(soFar);

            Task<string> Write(ComparisonResult result) => WriteTo(parsed.GetValue(output)!, result, line);
        });
        return command;
    }

    /// <summary>One contender, whose leader is killed again and again.</summary>
    public static Command FailOvers()
    {
        var name = new Argument<string>("contender");
        var runs = new Option<int>("--runs") { DefaultValueFactory = _ => 50, Description = "How often the leader is killed." };
        var electionTimeout = new Option<int>("--election-timeout") { DefaultValueFactory = _ => FailOver.DefaultTimeout, Description = "The lower election timeout in milliseconds; the upper one is twice that." };
        var warmUp = new Option<double>("--warm-up") { DefaultValueFactory = _ => 15, Description = "Seconds for which it writes before the first time." };
        var folder = FolderOption();
        var command = new Command("fail-over", "Kills the leader again and again, and says how long it took until the next acknowledged write.") { name, runs, electionTimeout, warmUp, folder };
        command.SetAction(async (parsed, _) =>
        {
            var timeout = parsed.GetValue(electionTimeout);
            var contender = FailOver.WithTimeout(AllContenders.Named(parsed.GetValue(name)!), timeout);
            if (await contender.WhyMissing() is { } missing) throw new ArgumentException($"{contender.Title} cannot be measured here: {missing}");
            var results = await new FailOver([contender], OwnFolder(parsed.GetValue(folder)!), timeout, Console.Error.WriteLine).Run(parsed.GetValue(runs), TimeSpan.FromSeconds(parsed.GetValue(warmUp)));
            Console.WriteLine($"{contender.Title}, {results[0].Describe()}");
            return results[0].Failure is null ? ExitCodes.Done : 1;
        });
        return command;
    }

    static Option<string> FolderOption() => new("--folder") { DefaultValueFactory = _ => Path.GetTempPath(), Description = "On the disk that is measured." };

    static string OwnFolder(string folder) => Path.Combine(folder, $"akkaraft-bench-{Guid.NewGuid():n}");

    static IReadOnlyList<IContender> Wanted(string[] names)
    {
        var ours = AllContenders.InOrder[0];
        return names.Length == 0 ? AllContenders.InOrder : [ours, .. names.Select(AllContenders.Named).Distinct().Where(contender => contender != ours)];
    }

    static async Task<string> WriteTo(string folder, ComparisonResult result, string command)
    {
        Directory.CreateDirectory(folder);
        // The data first: it is all that a table or a picture could be made from again.
        await File.WriteAllTextAsync(Path.Combine(folder, "comparison.json"), result.ToJson(command));
        var text = ComparisonReport.Of(result, command);
        await File.WriteAllTextAsync(Path.Combine(folder, "README.md"), text);
        Plots.Draw(result, folder);
        return text;
    }
}
