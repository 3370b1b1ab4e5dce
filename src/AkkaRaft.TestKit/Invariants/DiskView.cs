using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>What is stored by a node's journals and its snapshot store, decoded: the log as a replay would find it.</summary>
internal sealed class DiskView
{
    readonly List<LogEntry> _log = [];

    // Which event each of them is in.
    readonly List<long> _events = [];

    public Term Term { get; private set; }

    public NodeId? VotedFor { get; private set; }

    /// <summary>The entry before the first one of <see cref="Log"/>.</summary>
    public EntryId LogBase { get; private set; }

    /// <summary>The stored log behind <see cref="LogBase"/>.</summary>
    public IReadOnlyList<LogEntry> Log => _log;

    public EntryId LogLast => _log.Count > 0 ? _log[^1].Id : LogBase;

    /// <summary>The snapshots beside it.</summary>
    public SnapshotRows Snapshots { get; } = new();

    /// <summary>The newest snapshot; null if there is none.</summary>
    public StoredSnapshot? Snapshot => Snapshots.Newest;

    /// <summary>
    /// Whether the newest snapshot stands for another log than the stored one: the node was stopped by a crash, or is busy, while it installs one. A start would then
    /// begin behind the snapshot, with no entries (B55).
    /// </summary>
    public bool IsLogVoid => Snapshot is { } snapshot && snapshot.Last.Index >= LogBase.Index && !LogHolds(snapshot.Last);

    /// <summary>The last entry that a node would have that starts now.</summary>
    public EntryId Last => IsLogVoid ? Snapshot!.Last : LogLast;

    /// <summary>Up to here the stored log has not changed since <see cref="LogVersion"/> last did: the lowest index that the newest event wrote, or took away.</summary>
    public LogIndex FirstChanged { get; private set; }

    /// <summary>Grows with each event of the log.</summary>
    public long LogVersion { get; private set; }

    /// <summary>The newest event of the log; they are numbered from 1.</summary>
    public long NewestEvent { get; private set; }

    /// <summary>The event that repeats what the deleted ones said: the newest one that says what was compacted. 0 if there is none.</summary>
    public long CompactionEvent { get; private set; }

    /// <summary>The oldest event with an entry that counts; 0 if there are none.</summary>
    public long OldestNeededEvent => _events.Count > 0 ? _events[0] : 0;

    /// <summary>Events up to this one are deleted.</summary>
    public long DeletedTo { get; private set; }

    /// <summary>Whether a node that starts now has this entry, or a snapshot that stands for it.</summary>
    public bool Holds(EntryId id) => id == EntryId.Zero || Covers(id) || (!IsLogVoid && LogHolds(id) && id.Index > LogBase.Index);

    /// <summary>Whether a snapshot stands for this entry; of those before its last one it does not know the terms.</summary>
    public bool Covers(EntryId id) => Snapshot is { } snapshot && (id.Index < snapshot.Last.Index || id == snapshot.Last);

    /// <summary>Whether the stored log, taken by itself, has this entry, or begins behind it.</summary>
    public bool LogHolds(EntryId id) => id == LogBase || Find(id.Index)?.Id == id;

    /// <summary>The stored log's entry at an index; null if it has none there.</summary>
    public LogEntry? Find(LogIndex index)
    {
        var place = index - LogBase.Index - 1;
        return place >= 0 && place < _log.Count ? _log[(int)place] : null;
    }

    public void Store(Term term, NodeId? votedFor) => (Term, VotedFor) = (term, votedFor);

    /// <summary>The log's first event, which holds no entry.</summary>
    public void Begin(long number = 0) => Count(number);

    /// <param name="previous">The last entry that stays.</param>
    /// <param name="entries">What follows it.</param>
    /// <param name="number">The event's; 0 for the next one.</param>
    public void Store(EntryId previous, IReadOnlyList<LogEntry> entries, long number = 0)
    {
        Count(number);
        FirstChanged = previous.Index.Next;
        var place = previous.Index - LogBase.Index;
        if (place < 0)
        {
            // It goes on from before its beginning: all that is left is what comes now.
            LogBase = previous;
            place = 0;
        }

        if (_log.Count > place) Remove((int)place, _log.Count - (int)place);
        _log.AddRange(entries);
        for (var i = 0; i < entries.Count; i++) _events.Add(NewestEvent);
    }

    /// <summary>The log begins anew; all that was before is void.</summary>
    public void Restart(EntryId @base, long number = 0)
    {
        Count(number);
        FirstChanged = new LogIndex(1);
        Remove(0, _log.Count);
        LogBase = @base;
    }

    /// <summary>What is at or below an entry counts no more.</summary>
    public void Compact(EntryId upTo, long number = 0)
    {
        Count(number);
        CompactionEvent = NewestEvent;
        FirstChanged = new LogIndex(1);
        if (upTo.Index <= LogBase.Index) return;
        Remove(0, (int)Math.Min(_log.Count, upTo.Index - LogBase.Index));
        LogBase = upTo;
    }

    /// <summary>Events of the log are deleted, up to this one.</summary>
    public void Delete(long upTo) => DeletedTo = Math.Max(DeletedTo, Math.Min(upTo, NewestEvent));

    void Count(long number)
    {
        LogVersion++;
        NewestEvent = number > 0 ? number : NewestEvent + 1;
    }

    void Remove(int place, int count)
    {
        _log.RemoveRange(place, count);
        _events.RemoveRange(place, count);
    }
}
