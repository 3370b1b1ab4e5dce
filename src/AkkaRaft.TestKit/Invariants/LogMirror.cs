using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>A node's log as it was when last looked at: tells what has changed since, without reading what has not.</summary>
internal sealed class LogMirror
{
    readonly List<LogEntry> _entries = [];

    /// <summary>The entry before the first one, as it was when last looked at.</summary>
    public EntryId Base { get; private set; }

    /// <summary>Looks again.</summary>
    /// <param name="log">The log in memory.</param>
    /// <returns>
    /// The first index that has another entry than before, or none; null if nothing changed but that its beginning was compacted. A log that begins anew behind a
    /// snapshot has changed from there on.
    /// </returns>
    public LogIndex? Follow(RaftLog log)
    {
        var last = log.Last.Index;
        if (log.Base == Base && last == Last && (_entries.Count == 0 || ReferenceEquals(log[last], _entries[^1]))) return null;

        var begun = BeginAt(log.Base);
        // A log changes only at its ends: up to the last entry that is still the same object, nothing has changed.
        var same = LogIndex.Min(last, Last);
        while (same > Base.Index && !ReferenceEquals(log[same], _entries[PlaceOf(same)])) same = same.Previous;
        if (!begun && same == last && same == Last) return null;
        _entries.RemoveRange(PlaceOf(same) + 1, _entries.Count - PlaceOf(same) - 1);
        for (var index = same.Next; index <= last; index = index.Next) _entries.Add(log[index]);
        return same.Next;
    }

    LogIndex Last => new(Base.Index.Value + _entries.Count);

    /// <returns>Whether it begins anew: it was not compacted to there.</returns>
    bool BeginAt(EntryId @base)
    {
        if (@base == Base) return false;
        var place = PlaceOf(@base.Index);
        var wasCompacted = place >= 0 && place < _entries.Count && _entries[place].Id == @base;
        _entries.RemoveRange(0, wasCompacted ? place + 1 : _entries.Count);
        Base = @base;
        return !wasCompacted;
    }

    int PlaceOf(LogIndex index) => (int)(index - Base.Index - 1);
}
