namespace AkkaRaft.Consensus;

/// <summary>
/// The log in memory (Raft 5.3), and how much of it the LogJournal has confirmed. It knows three kinds of index: compacted (at or below
/// <see cref="Base"/>), held, and absent; a compacted one is never taken for an absent one (B42).
/// </summary>
internal sealed class RaftLog
{
    readonly List<LogEntry> _entries = [];

    long _lastWrite;
    long _lastCut;

    /// <summary>A log whose entries up to <paramref name="base"/> are in a snapshot, followed by <paramref name="durable"/>, all of it durable.</summary>
    public RaftLog(EntryId @base, IEnumerable<LogEntry> durable)
    {
        Base = @base;
        foreach (var entry in durable) Add(entry);
        Durable = Last.Index;
    }

    /// <summary>The last entry that is no longer held: everything up to it is committed, and a snapshot stands for it.</summary>
    public EntryId Base { get; private set; }

    public EntryId Last => _entries.Count > 0 ? _entries[^1].Id : Base;

    /// <summary>Up to here the LogJournal has confirmed this very log.</summary>
    public LogIndex Durable { get; private set; }

    public bool IsWriting => Durable < Last.Index;

    public LogEntry this[LogIndex index] => _entries[PlaceOf(index)];

    /// <summary>The entry's name, where the log still knows it: held, or the base itself.</summary>
    public bool TryGetId(LogIndex index, out EntryId id)
    {
        id = index == Base.Index ? Base : default;
        if (index == Base.Index) return true;
        if (index < Base.Index || index > Last.Index) return false;
        id = _entries[PlaceOf(index)].Id;
        return true;
    }

    /// <summary>
    /// Whether this log holds <paramref name="id"/>. Below the base it does by definition: what is compacted is committed, and a leader's log
    /// holds every committed entry (Raft 5.4; B43).
    /// </summary>
    public bool Matches(EntryId id) =>
        id.Index < Base.Index || (TryGetId(id.Index, out var mine) && mine.Term == id.Term);

    /// <summary>
    /// The last entry at or below <paramref name="id"/>'s index whose term is not above its term: two logs can agree at no entry between it and
    /// <paramref name="id"/>, since terms never fall along a log. Leader and follower both jump by it, over a whole term each time (Raft 5.3).
    /// </summary>
    public EntryId LastPossibleMatch(EntryId id)
    {
        var index = LogIndex.Min(id.Index, Last.Index);
        while (index > Base.Index && this[index].Term > id.Term) index = index.Previous;
        return TryGetId(index, out var found) ? found : Base;
    }

    /// <summary>Entries from <paramref name="first"/>, as many as both bounds allow; one at least, if there is one.</summary>
    public IReadOnlyList<LogEntry> Slice(LogIndex first, LogIndex last, int maxEntries, long maxBytes)
    {
        var end = LogIndex.Min(last, Last.Index);
        if (first > end) return [];
        var slice = new List<LogEntry>((int)Math.Min(maxEntries, end - first + 1));
        long bytes = 0;
        for (var index = first; index <= end && slice.Count < maxEntries; index = index.Next)
        {
            var entry = this[index];
            bytes += entry.Size;
            if (bytes > maxBytes && slice.Count > 0) break;
            slice.Add(entry);
        }

        return slice;
    }

    /// <summary>Appends a leader's own new entries.</summary>
    /// <returns>What must be made durable.</returns>
    public AppendToLog Append(IReadOnlyList<LogEntry> entries)
    {
        Invariant.Holds(entries.Count > 0);
        var previous = Last;
        foreach (var entry in entries) Add(entry);
        return new AppendToLog(++_lastWrite, previous, entries);
    }

    /// <summary>
    /// Takes a leader's entries after <paramref name="previous"/>, which this log matches. Entries that it has already stay as they are; only at a
    /// real conflict is the rest cut off (Raft 5.3; B29), and never anything that is committed.
    /// </summary>
    /// <returns>What must be made durable, or null if all was there.</returns>
    public AppendToLog? AppendAfter(EntryId previous, IReadOnlyList<LogEntry> entries, LogIndex committed)
    {
        Invariant.Holds(Matches(previous));
        var known = 0;
        while (known < entries.Count && Matches(entries[known].Id)) known++;
        if (known == entries.Count) return null;

        var firstNew = entries[known].Index;
        if (firstNew <= Last.Index) CutFrom(firstNew, committed);

        var before = Last;
        var added = known == 0 ? entries : [.. entries.Skip(known)];
        foreach (var entry in added) Add(entry);
        return new AppendToLog(++_lastWrite, before, added);
    }

    /// <summary>
    /// The journal has confirmed a write. Whether that makes anything durable is decided now (B38): a write from before the newest cut says nothing
    /// about the log as it is, and the cutting write's own confirmation is still to come and covers everything before it.
    /// </summary>
    /// <returns>Whether more is durable than before.</returns>
    public bool Confirm(EntriesPersisted write)
    {
        Invariant.Holds(write.WriteId <= _lastWrite);
        if (write.WriteId < _lastCut || write.Last.Index <= Durable) return false;
        if (!TryGetId(write.Last.Index, out var mine) || mine.Term != write.Last.Term) return false;
        Durable = write.Last.Index;
        return true;
    }

    /// <summary>Lets go of the entries up to <paramref name="index"/>, for which a snapshot stands (Raft 7). They are committed and durable.</summary>
    public void CompactTo(LogIndex index)
    {
        Invariant.Holds(index > Base.Index && index <= Durable);
        var last = this[index].Id;
        _entries.RemoveRange(0, PlaceOf(index) + 1);
        Base = last;
    }

    /// <summary>
    /// A snapshot from elsewhere stands for everything up to <paramref name="snapshot"/>, and it is durable (Raft 7). If this log holds that entry, what follows it
    /// stays: it may be all that a majority has of it (B53). Else the log is another one, and nothing of it may come back (B55).
    /// </summary>
    /// <returns>What the LogJournal must be told; null if the log goes on as it is.</returns>
    public RestartLog? Install(EntryId snapshot)
    {
        Invariant.Holds(snapshot.Index > Base.Index);
        if (TryGetId(snapshot.Index, out var mine) && mine == snapshot)
        {
            Durable = LogIndex.Max(Durable, snapshot.Index);
            return null;
        }

        _entries.Clear();
        Base = snapshot;
        Durable = snapshot.Index;
        _lastCut = ++_lastWrite;
        return new RestartLog(_lastWrite, snapshot);
    }

    void CutFrom(LogIndex first, LogIndex committed)
    {
        if (first <= committed || first <= Base.Index)
            Invariant.Broken($"a leader's log conflicts at index {first} with entries that are committed up to {committed} here");
        var place = PlaceOf(first);
        _entries.RemoveRange(place, _entries.Count - place);
        Durable = LogIndex.Min(Durable, first.Previous);
        _lastCut = _lastWrite + 1;
    }

    void Add(LogEntry entry)
    {
        if (entry.Index != Last.Index.Next || entry.Term < Last.Term || entry.Term == Term.Zero)
            Invariant.Broken($"entry {entry.Id} cannot follow entry {Last}: indexes are consecutive and terms never fall along a log");
        _entries.Add(entry);
    }

    int PlaceOf(LogIndex index) => checked((int)(index - Base.Index - 1));
}
