using AkkaRaft.Process.Tests.Support;

namespace AkkaRaft.Process.Tests.Chaos;

/// <summary>
/// Operations of all kinds on some keys at a time, a few of them much used. After a while fresh keys follow, so that each key's history is short enough to be judged
/// completely; the old ones are read now and then, for what was written long ago must not get lost. Values are never the same twice.
/// </summary>
internal sealed class ChaosMix(int seed, IReadOnlyList<string> nodes)
{
    const int KeysAtATime = 80;
    const int OperationsPerSet = 8_000;

    readonly Lock _gate = new();
    readonly Random _random = new(seed);
    readonly Dictionary<string, string> _lastWritten = [];
    int _count;

    /// <summary>All keys that were used.</summary>
    public IReadOnlyCollection<string> Keys
    {
        get
        {
            lock (_gate)
            {
                var sets = Math.Max(1, (_count + OperationsPerSet - 1) / OperationsPerSet);
                return [.. Enumerable.Range(0, sets).SelectMany(set => Enumerable.Range(0, KeysAtATime).Select(key => Name(set, key)))];
            }
        }
    }

    /// <summary>The next operation for a client.</summary>
    public DriveRequest Next(string client)
    {
        lock (_gate)
        {
            var number = _count++;
            var set = number / OperationsPerSet;
            // The square makes the first keys the busiest: many clients at once on them.
            var share = _random.NextDouble();
            var key = Name(set, (int)(KeysAtATime * share * share));
            // Far from what adds make, and of another type now and then, so that adds meet what is no number.
            var fresh = _random.Next(10) == 0 ? $"\"{client}-{number}\"" : $"{number * 1000L}";
            return _random.Next(100) switch
            {
                < 3 => Read(Name(_random.Next(set + 1), _random.Next(KeysAtATime))),
                < 35 => Read(key),
                < 55 => Writes(new DriveRequest(OperationKind.Put, key, fresh)),
                < 63 => new DriveRequest(OperationKind.Delete, key),
                < 80 => Writes(new DriveRequest(OperationKind.Cas, key, fresh, _random.Next(5) == 0 ? null : _lastWritten.GetValueOrDefault(key))),
                _ => new DriveRequest(OperationKind.Add, key, $"{_random.Next(1, 9)}"),
            };
        }
    }

    static string Name(int set, int key) => $"k{set}-{key}";

    // Half of the reads at the leader, the others at any node; some by its lease, which the settings have on.
    DriveRequest Read(string key) => new(
        OperationKind.Get, key, Node: _random.Next(2) == 0 ? null : nodes[_random.Next(nodes.Count)], ByLease: _random.Next(3) == 0);

    DriveRequest Writes(DriveRequest request)
    {
        _lastWritten[request.Key] = request.Value!;
        return request;
    }
}
