using System.Collections.Concurrent;
using System.Diagnostics;

namespace AkkaRaft.Mutants;

/// <summary>
/// Tries mutants: each is applied to a copy of the source below artifacts/mutants, built, and handed to the stages. Only the library is built again and put
/// under tests that are built already, as an incremental build would do it; a mutant that changes what other projects see of the library has them built too.
/// </summary>
internal sealed class Hunt(Tree repository, string folder, Options options, Results results)
{
    static readonly TimeSpan LongestBuild = TimeSpan.FromMinutes(10);

    /// <summary>Far more than any stage takes.</summary>
    static readonly TimeSpan Unbounded = TimeSpan.FromDays(1);

    // The source without a mutant, and the tests as they are built with it.
    readonly Tree _model = options.Built ? repository : new Tree(Path.Combine(folder, "model"));
    readonly ConcurrentDictionary<string, string> _hashes = [];
    IReadOnlyList<string> _files = [];

    /// <summary>Which patches do not apply, and why.</summary>
    public static async Task<IReadOnlyList<(Mutant Mutant, string Why)>> Check(Tree repository, IReadOnlyList<Mutant> mutants, CancellationToken stop)
    {
        var broken = new List<(Mutant, string)>();
        foreach (var mutant in mutants)
        {
            var check = await repository.Apply(mutant, checkOnly: true, stop);
            if (!check.Succeeded) broken.Add((mutant, check.LastLines(2)));
        }

        return broken;
    }

    /// <summary>Tries them all; what is known of this very source is not tried again.</summary>
    public async Task<IReadOnlyList<MutantResult>> Run(IReadOnlyList<Mutant> mutants, CancellationToken stop)
    {
        _files = await repository.Files(stop);
        if (!options.Built)
        {
            // From here on the working tree may change; all copies are made of this one.
            Directory.CreateDirectory(_model.Root);
            _model.Copy(repository, _files);
            _model.Prune(_files);
        }

        var source = Hash("src/AkkaRaft/");
        var known = mutants.Select(mutant => results.Of(mutant, source)).ToArray();
        var open = Enumerable.Range(0, mutants.Count).Where(i => options.Again || !IsDecided(known[i])).ToArray();
        var found = new ConcurrentDictionary<int, MutantResult>();
        foreach (var i in Enumerable.Range(0, mutants.Count).Except(open)) found[i] = known[i]!;
        Report.Say($"{mutants.Count} mutants, {found.Count} of them known, {open.Length} to try with {options.Jobs} jobs");
        if (open.Length == 0) return InOrder(found);

        if (!options.Built) await BuildModel(stop);
        var queue = new ConcurrentQueue<int>(open);
        var done = 0;
        await Task.WhenAll(Enumerable.Range(1, Math.Min(options.Jobs, open.Length)).Select(async job =>
        {
            var tree = await Prepare(job, stop);
            while (queue.TryDequeue(out var i))
            {
                var result = await Try(tree, mutants[i], source, options.Again ? null : known[i], stop);
                found[i] = result;
                if (!result.IsUndecided) results.Add(result);
                Report.Say($"{Interlocked.Increment(ref done)}/{open.Length} {Report.Line(result)}");
            }
        }));
        return InOrder(found);
    }

    static IReadOnlyList<MutantResult> InOrder(ConcurrentDictionary<int, MutantResult> found) =>
        [.. found.OrderBy(pair => pair.Key).Select(pair => pair.Value)];

    // A mutant that was caught stays caught when tests are added; one that survived is tried again by tests that have changed, and an error always.
    bool IsDecided(MutantResult? known) => known is { Error: null } && options.Stages.All(stage => IsDecided(known, stage));

    bool IsDecided(MutantResult known, Stage stage) => known.Stages.TryGetValue(stage.Name, out var result)
        && (result.Verdict.Outcome == Outcome.Caught || (result.Verdict.Outcome != Outcome.Undecided && result.Tests == Hash([.. stage.TestFolders])));

    string Hash(params string[] folders) => _hashes.GetOrAdd(string.Join(' ', folders), _ =>
        Hashing.Of(_model.Root, _files.Where(file => folders.Any(folder => file.StartsWith(folder, StringComparison.Ordinal)))));

    /// <summary>The source without any mutant is built, and seen to pass: tests that fail anyway catch nothing.</summary>
    async Task BuildModel(CancellationToken stop)
    {
        foreach (var stage in options.Stages)
        {
            Report.Say($"building {stage.Project} without a mutant");
            var build = await _model.BuildTests(stage.Project, LongestBuild, stop);
            if (!build.Succeeded) throw new MutantsException($"{stage.Project} does not build without a mutant:\n{build.LastLines(15)}");

            var passed = Path.Combine(folder, $"passed-{stage.Name}");
            var state = Hash(["src/", "samples/", .. stage.TestFolders]);
            if (File.Exists(passed) && await File.ReadAllTextAsync(passed, stop) == state) continue;
            Report.Say($"running the stage {stage.Name} without a mutant");
            var verdict = await stage.Run(_model, null, Unbounded, stop);
            if (verdict.Outcome == Outcome.Caught)
                throw new MutantsException(
                    $"The stage {stage.Name} fails without a mutant, in {verdict.By}. Mend that first: tests that fail anyway catch nothing.");
            await File.WriteAllTextAsync(passed, state, stop);
        }
    }

    async Task<Tree> Prepare(int job, CancellationToken stop)
    {
        var tree = new Tree(Path.Combine(folder, $"work-{job}"));
        Directory.CreateDirectory(tree.Root);
        tree.Copy(_model, _files);
        tree.Prune(_files);
        var restored = await tree.Restore(LongestBuild, stop);
        if (!restored.Succeeded) throw new MutantsException($"The packages of the library cannot be restored in {tree.Root}:\n{restored.LastLines(5)}");
        foreach (var stage in options.Stages)
        {
            if (!_model.IsBuilt(stage.Project))
                throw new MutantsException($"{stage.Project} is not built in {_model.Root}. Build the solution first (Release), or leave --built out.");
            tree.CopyTests(_model, stage.Project);
        }

        return tree;
    }

    async Task<MutantResult> Try(Tree tree, Mutant mutant, string source, MutantResult? known, CancellationToken stop)
    {
        var watch = Stopwatch.StartNew();
        var result = new MutantResult(mutant.Name, mutant.Hash, source, null, known?.Stages ?? []);
        var applied = await tree.Apply(mutant, checkOnly: false, stop);
        if (!applied.Succeeded) return Failed(result, "does not apply", applied);
        try
        {
            var build = await tree.BuildLibrary(Left(), stop);
            if (build.OutOfTime) return OutOfTime(result, watch.Elapsed);
            if (!build.Succeeded) return Failed(result, "does not build", build);

            var isSeen = !tree.Surface.AsSpan().SequenceEqual(_model.Surface);
            foreach (var stage in options.Stages.Where(stage => known is null || !IsDecided(known, stage)))
            {
                if (!isSeen)
                {
                    tree.CopyTests(_model, stage.Project);
                    tree.PlaceLibrary(stage.Project);
                }
                else
                {
                    var tests = await tree.BuildTests(stage.Project, Left(), stop);
                    if (tests.OutOfTime) return OutOfTime(result, watch.Elapsed);
                    if (!tests.Succeeded) return Failed(result, $"{stage.Project} does not build with it", tests);
                }

                result.Stages[stage.Name] = new StageResult(Hash([.. stage.TestFolders]), await stage.Run(tree, mutant, Left(), stop));
            }

            return result;
        }
        finally
        {
            tree.Copy(_model, mutant.Touches);
        }

        TimeSpan Left() => options.Budget is { } budget ? budget - watch.Elapsed : Unbounded;
    }

    static MutantResult Failed(MutantResult result, string what, CommandResult why) => result with { Error = $"{what}: {why.LastLines(8)}", Stages = [] };

    MutantResult OutOfTime(MutantResult result, TimeSpan took)
    {
        foreach (var stage in options.Stages)
            result.Stages.TryAdd(stage.Name, new StageResult("", new Verdict(Outcome.Undecided, "out of time", null, took.TotalSeconds)));
        return result;
    }
}
