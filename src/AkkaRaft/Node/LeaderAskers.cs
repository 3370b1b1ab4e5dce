using Akka.Actor;

namespace AkkaRaft.Node;

/// <summary>
/// Who has asked for the leader lately. They are told once more when there is another one: a client that looks for it would only find it when it asks this node again, and that time is
/// part of every fail-over.
/// </summary>
internal sealed class LeaderAskers
{
    /// <summary>Those that asked longest ago are forgotten first; they go on asking by themselves.</summary>
    const int Most = 1000;

    /// <summary>Longer than a search lasts, unless there is no leader to be found.</summary>
    static readonly TimeSpan Kept = TimeSpan.FromSeconds(10);

    readonly List<(IActorRef Asker, TimeSpan At)> _askers = [];

    public void Remember(IActorRef asker, TimeSpan now)
    {
        if (asker.IsNobody()) return;
        _askers.RemoveAll(known => known.Asker.Equals(asker));
        if (_askers.Count == Most) _askers.RemoveAt(0);
        _askers.Add((asker, now));
    }

    /// <summary>Those that may still be looking; they are remembered no longer.</summary>
    public IReadOnlyList<IActorRef> Take(TimeSpan now)
    {
        List<IActorRef> askers = [.. _askers.Where(known => now - known.At <= Kept).Select(known => known.Asker)];
        _askers.Clear();
        return askers;
    }
}
