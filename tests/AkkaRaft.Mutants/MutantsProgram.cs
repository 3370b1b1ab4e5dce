namespace AkkaRaft.Mutants;

/// <summary>The command line, understood.</summary>
internal sealed record Request(bool List, bool Check, bool Rotate, bool WriteDocs, string Stages, int Seeds, Options Options);

/// <summary>Carries out what the command line asks for.</summary>
internal static class MutantsProgram
{
    const int Fine = 0;
    const int NotCaught = 1;
    const int Usage = 2;

    public static async Task<int> Run(Request request, CancellationToken stop)
    {
        try
        {
            return await Do(request, stop);
        }
        catch (MutantsException problem)
        {
            await Console.Error.WriteLineAsync($"mutants: {problem.Message}");
            return Usage;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("mutants: stopped; what is known is kept, and the next run goes on from there");
            return Usage;
        }
    }

    static async Task<int> Do(Request request, CancellationToken stop)
    {
        var repository = new Tree(FindRoot());
        // The one that CI tries has a place of its own, so that a long run may go on beside it.
        var folder = repository.PathOf(request.Rotate ? "artifacts/mutants/rotated" : "artifacts/mutants");
        var all = Mutant.ReadAll(repository.PathOf("tests/mutants"));
        if (all.Count == 0) throw new MutantsException("tests/mutants has no patches.");
        var results = new Results(Path.Combine(folder, "results.json"), repository.PathOf("tests/mutants/results.json"), all);
        var chosen = request.Options.Only.Count == 0
            ? all : [.. all.Where(mutant => request.Options.Only.Any(name => mutant.Name.StartsWith(name, StringComparison.Ordinal)))];
        if (chosen.Count == 0) throw new MutantsException($"No mutant's name begins with {string.Join(" or ", request.Options.Only)}. See --list.");

        if (request.List)
        {
            foreach (var mutant in chosen) Report.Say($"{mutant.Name}: {mutant.Broken}");
            return Fine;
        }

        if (request.Check || request.Rotate)
        {
            var broken = await Hunt.Check(repository, request.Rotate ? all : chosen, stop);
            foreach (var (mutant, why) in broken) Report.Say($"{mutant.Name} does not apply; write it anew against the present source: {why}");
            if (broken.Count > 0) return NotCaught;
            Report.Say($"{(request.Rotate ? all : chosen).Count} patches apply");
            if (request.Check) return Fine;
            chosen = [await Rotation.Pick(repository, all, stop)];
        }

        if (request.WriteDocs)
        {
            Docs.Write(repository.PathOf("docs/mutants.md"), all, results);
            results.Keep(repository.PathOf("tests/mutants/results.json"), all);
            return Fine;
        }

        using var alone = Alone(folder);
        var options = request.Options with { Stages = StagesOf(request), Again = request.Options.Again || request.Rotate };
        var found = await new Hunt(repository, folder, options, results).Run(chosen, stop);
        Report.Print(chosen, found);
        return found.Any(result => result.HasSurvived || result.Error is not null) ? NotCaught : Fine;
    }

    // Two runs would build in the same copies, and each would test the other's mutants.
    static FileStream Alone(string folder)
    {
        Directory.CreateDirectory(folder);
        try
        {
            return new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new MutantsException($"Another run is at work in {folder}. Wait for it, or stop it; what it knows is kept.");
        }
    }

    static IReadOnlyList<Stage> StagesOf(Request request)
    {
        Stage[] all = [new UnitStage(), new SimulationStage(request.Seeds)];
        var names = request.Stages.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var name in names)
        {
            if (all.All(stage => stage.Name != name)) throw new MutantsException($"There is no stage \"{name}\"; --stages knows unit and sim.");
        }

        return [.. all.Where(stage => names.Contains(stage.Name))];
    }

    static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "AkkaRaft.sln"))) return folder.FullName;
        }

        throw new MutantsException($"There is no AkkaRaft.sln above {AppContext.BaseDirectory}: it runs from within a checkout.");
    }
}
