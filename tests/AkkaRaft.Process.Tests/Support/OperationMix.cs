namespace AkkaRaft.Process.Tests.Support;

/// <summary>
/// Operations of all kinds that meet on few keys at a time: some clients at once on each, and a fresh set of keys after a while, so that each
/// key's history is short enough to be judged completely. Values are never the same twice, so that every answer says much.
/// </summary>
internal sealed class OperationMix(int seed)
{
    const int KeysAtATime = 8;
    const int OperationsPerSet = 320;

    readonly Lock _gate = new();
    readonly Random _random = new(seed);
    readonly Dictionary<string, string> _lastWritten = [];
    int _count;

    /// <summary>All keys that were used.</summary>
    public IReadOnlyCollection<string> Keys => [.. Enumerable.Range(0, (_count + OperationsPerSet - 1) / OperationsPerSet)
        .SelectMany(set => Enumerable.Range(0, KeysAtATime).Select(key => $"k{set}-{key}"))];

    /// <summary>The next operation for a client.</summary>
    public DriveRequest Next(int client)
    {
        lock (_gate)
        {
            var number = _count++;
            var key = $"k{number / OperationsPerSet}-{_random.Next(KeysAtATime)}";
            // Far from what adds make, and of another type now and then, so that adds meet what is no number.
            var fresh = _random.Next(10) == 0 ? $"\"c{client}-{number}\"" : $"{number * 1000L}";
            switch (_random.Next(100))
            {
                case < 30: return new DriveRequest(OperationKind.Get, key);
                case < 50: return Writes(new DriveRequest(OperationKind.Put, key, fresh));
                case < 60: return new DriveRequest(OperationKind.Delete, key);
                case < 80: return Writes(new DriveRequest(OperationKind.Cas, key, fresh, _random.Next(5) == 0 ? null : _lastWritten.GetValueOrDefault(key)));
                default: return new DriveRequest(OperationKind.Add, key, $"{_random.Next(1, 9)}");
            }
        }
    }

    DriveRequest Writes(DriveRequest request)
    {
        _lastWritten[request.Key] = request.Value!;
        return request;
    }
}
