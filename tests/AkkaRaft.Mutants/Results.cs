using System.Text.Json;

namespace AkkaRaft.Mutants;

/// <summary>What earlier runs found, in artifacts/mutants/results.json: a run that was stopped goes on where it was.</summary>
internal sealed class Results
{
    static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    readonly string _file;
    readonly SortedDictionary<string, MutantResult> _results;

    public Results(string file)
    {
        _file = file;
        _results = File.Exists(file) ? JsonSerializer.Deserialize<SortedDictionary<string, MutantResult>>(File.ReadAllText(file), Format)! : [];
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
