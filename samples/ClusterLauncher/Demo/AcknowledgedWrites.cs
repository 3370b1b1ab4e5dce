using System.Collections.Concurrent;

namespace AkkaRaft.Samples.ClusterLauncher.Demo;

/// <summary>What the demo knows about the keys that it has written; each key is written once, with a value of its own.</summary>
internal sealed class AcknowledgedWrites
{
    readonly ConcurrentDictionary<string, string> _acknowledged = new();
    readonly ConcurrentDictionary<string, string> _unknown = new();

    /// <summary>Keys and values whose write was acknowledged: they must be there.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>> Acknowledged => _acknowledged;

    /// <summary>Keys and values whose write may or may not have been applied: there with that value, or not there.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>> Unknown => _unknown;

    /// <summary>The cluster said that it is done.</summary>
    public void Acknowledge(string key, string value) => _acknowledged[key] = value;

    /// <summary>The cluster did not say.</summary>
    public void LeaveOpen(string key, string value) => _unknown[key] = value;
}

/// <summary>What was read back.</summary>
/// <param name="Lost">Acknowledged, and not there.</param>
/// <param name="Wrong">Another value than the only one that was written.</param>
/// <param name="UnknownPresent">Of unknown outcome, and there.</param>
internal sealed record ReadBack(int Lost, int Wrong, int UnknownPresent);
