using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>A node's log as it was when last looked at: tells what has changed since, without reading what has not.</summary>
internal sealed class LogMirror
{
    readonly List<LogEntry> _entries = [];

    /// <summary>Looks again.</summary>
    /// <param name="log">The log in memory.</param>
    /// <returns>The first index that has another entry than before, or none; null if nothing changed.</returns>
    public LogIndex? Follow(RaftLog log)
    {
        var last = log.Last.Index;
        if (last.Value == _entries.Count && (_entries.Count == 0 || ReferenceEquals(log[last], _entries[^1]))) return null;

        // A log changes only by cutting its end off and adding to it: up to the last entry that is still the same object, nothing has changed.
        var same = LogIndex.Min(last, new LogIndex(_entries.Count));
        while (same > LogIndex.Zero && !ReferenceEquals(log[same], _entries[(int)same.Value - 1])) same = same.Previous;
        _entries.RemoveRange((int)same.Value, _entries.Count - (int)same.Value);
        for (var index = same.Next; index <= last; index = index.Next) _entries.Add(log[index]);
        return same.Next;
    }
}
