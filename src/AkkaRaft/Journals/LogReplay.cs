using AkkaRaft.Consensus;

namespace AkkaRaft.Journals;

/// <summary>
/// The log as its events tell it, one after the other. When events were deleted, the first one that is left goes on from something that is not there any more;
/// that is right only if a <see cref="LogCompacted"/> follows which stands for it.
/// </summary>
internal sealed class LogReplay
{
    readonly List<LogEntry> _entries = [];
    EntryId? _compacted;
    long? _first;
    bool _hasBegun;
    bool _wasCut;

    /// <summary>The storage that the log belongs to; null before any event said so.</summary>
    public StorageId? Storage { get; private set; }

    /// <summary>The outline of what is there.</summary>
    public LogOutline Outline { get; } = new();

    /// <summary>Takes one event up.</summary>
    /// <param name="stored">The event.</param>
    /// <param name="sequenceNr">Its number in the journal; 1 for the first one ever written.</param>
    /// <returns>What contradicts the events before; null if nothing does.</returns>
    public string? Add(JournalEvent stored, long sequenceNr)
    {
        _first ??= sequenceNr;
        switch (stored)
        {
            case LogStarted started:
                if (sequenceNr != 1) return "the log begins twice";
                Storage = started.Storage;
                _hasBegun = true;
                return null;
            case EntriesAppended appended:
                if (!_hasBegun && sequenceNr == 1) return $"entries after {appended.Previous} are stored before the log's beginning";
                return Append(appended.Previous, appended.Entries);
            case LogRestarted restarted:
                Outline.Restart(restarted.Base);
                _entries.Clear();
                _compacted = null;
                (_hasBegun, _wasCut) = (true, false);
                return null;
            case LogCompacted compacted:
                if (Storage is { } known && known != compacted.Storage) return $"the log of storage {known} goes on as that of storage {compacted.Storage}";
                Storage = compacted.Storage;
                _compacted = compacted.UpTo;
                // Nothing is left of what was before, and nothing has come since.
                if (!_hasBegun) Outline.Restart(compacted.UpTo);
                _hasBegun = true;
                return null;
            default:
                return $"a {stored.GetType().Name} stands in a log journal";
        }
    }

    /// <summary>All events were taken up.</summary>
    /// <param name="log">The log: the entry before the first one, and the entries.</param>
    /// <returns>What is missing; null if nothing is.</returns>
    public string? End(out (EntryId Base, IReadOnlyList<LogEntry> Entries) log)
    {
        log = (Outline.Base, _entries);
        if (_compacted is { } upTo && upTo.Index > Outline.Base.Index)
        {
            if (!Outline.Contains(upTo)) return $"the log up to {upTo} was compacted, and {upTo} is not in what is left, which goes from {Outline.Base} to {Outline.Last}";
            _entries.RemoveRange(0, (int)(upTo.Index - Outline.Base.Index));
            Outline.CompactTo(upTo);
            log = (upTo, _entries);
        }
        else if (_compacted is { } before && before.Index == Outline.Base.Index && before != Outline.Base)
        {
            return $"the log up to {before} was compacted, and what is left follows {Outline.Base}";
        }

        return _wasCut && (_compacted is null || _compacted.Value.Index < Outline.Base.Index) ? $"the events before entry {Outline.Base.Index.Next} are gone, and nothing stands for them" : null;
    }

    string? Append(EntryId previous, IReadOnlyList<LogEntry> entries)
    {
        // Deleted are the oldest events, some at a time: what is left may begin with the mark of an older compaction, whose entries are gone by now.
        var wentOn = _first > 1 && previous.Index > Outline.Last.Index;
        if (!_hasBegun || wentOn || (_wasCut && previous.Index < Outline.Base.Index))
        {
            // What was before is deleted; or the log was cut later, below where what is left began. At the end a compaction must stand for all that is not there.
            (_hasBegun, _wasCut) = (true, true);
            _entries.Clear();
            Outline.Restart(previous);
        }

        if (Outline.WhyNot(previous, entries) is { } reason) return reason;
        var kept = (int)(previous.Index - Outline.Base.Index);
        Outline.Replace(previous, entries);
        _entries.RemoveRange(kept, _entries.Count - kept);
        _entries.AddRange(entries);
        return null;
    }
}
