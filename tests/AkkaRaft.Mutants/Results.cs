using System.Text.Json;

namespace AkkaRaft.Mutants;

/// <summary>
/// What earlier runs found, in artifacts/mutants/results.json: a run that was stopped goes on where it was. Of a mutant that this machine has not tried as it is now,
/// what is kept in tests/mutants/results.json with the table of docs/mutants.md is known.
/// </summary>
internal sealed class Results
{
    static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    readonly string _file;
    readonly SortedDictionary<string, MutantResult> _results;

    public Results(string file, string kept, IReadOnlyList<Mutant> mutants)
    {
        _file = file;
        _results = Read(kept);
        foreach (var (name, result) in Read(file))
        {
            var isOfThisPatch = mutants.Any(mutant => mutant.Name == name && mutant.Hash == result.Patch);
            if (isOfThisPatch || !_results.ContainsKey(name)) _results[name] = result;
        }
    }

    static SortedDictionary<string, MutantResult> Read(string file) =>
        File.Exists(file) ? JsonSerializer.Deserialize<SortedDictionary<string, MutantResult>>(File.ReadAllText(file), Format)! : [];

    /// <summary>Keeps what is known of these mutants in another file.</summary>
    public void Keep(string file, IReadOnlyList<Mutant> mutants)
    {
        lock (_results)
        {
            var known = _results.Where(result => mutants.Any(mutant => mutant.Name == result.Key)).ToDictionary();
            File.WriteAllText(file, JsonSerializer.Serialize(new SortedDictionary<string, MutantResult>(known), Format) + "\n");
        }
    }

    public MutantResult? Of(Mutant mutant, string source)
    {
        lock (_results)
            return _results.TryGetValue(mutant.Name, out var known) && known.Patch == mutant.Hash && known.Source == source ? known : null;
    }

    /// <summary>The newest result of this patch, whatever the source was.</summary>
    public MutantResult? Newest(Mutant mutant)
    {
        lock (_results) return _results.TryGetValue(mutant.Name, out var known) && known.Patch == mutant.Hash ? known : null;
    }

    public void Add(MutantResult result)
    {
        lock (_results)
        {
            _results[result.Name] = result;
            Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
            var fresh = _file + ".new";
            File.WriteAllText(fresh, JsonSerializer.Serialize(_results, Format));
            File.Move(fresh, _file, overwrite: true);
        }
    }
}
