using AkkaRaft.Consensus;

namespace AkkaRaft.Journals;

/// <summary>Which entry stands where in a log, without the entries: enough to refuse what does not continue it. Small, as terms run long.</summary>
internal sealed class LogOutline
{
    // The first entry of each term, terms rising.
    readonly List<EntryId> _terms = [];

    /// <summary>The entry before the first one that is known; <see cref="EntryId.Zero"/> before any is deleted.</summary>
    public EntryId Base { get; private set; }

    /// <summary>The last entry; <see cref="Base"/> when the log is empty.</summary>
    public EntryId Last { get; private set; }

    /// <summary>Whether this very entry is in the log; the place before the first entry always is.</summary>
    public bool Contains(EntryId entry) => entry == Base
        || (entry.Index > Base.Index && entry.Index <= Last.Index && _terms[RunOf(entry.Index)].Term == entry.Term);

    /// <summary>Makes it the outline of an empty log behind an entry.</summary>
    public void Restart(EntryId @base)
    {
        _terms.Clear();
        Base = Last = @base;
    }

    /// <summary>Forgets what is at or below an entry of the log.</summary>
    public void CompactTo(EntryId entry)
    {
        while (_terms.Count > 1 && _terms[1].Index <= entry.Index.Next) _terms.RemoveAt(0);
        if (entry == Last) _terms.Clear();
        Base = entry;
    }

    /// <summary>What is wrong with replacing everything after <paramref name="previous"/> by these entries; null when nothing is.</summary>
    public string? WhyNot(EntryId previous, IReadOnlyList<LogEntry> entries)
    {
        if (entries.Count == 0) return $"no entries are to follow {previous}";
        if (!Contains(previous)) return $"entry {entries[0].Id} is to follow {previous}, which is not in the log that ends at {Last}";
        var before = previous;
        foreach (var entry in entries)
        {
            if (entry.Index != before.Index.Next || entry.Term < before.Term || entry.Term == Term.Zero) return $"entry {entry.Id} cannot follow {before}";
            before = entry.Id;
        }

        return null;
    }

    /// <summary>Makes it the outline of the log up to <paramref name="previous"/> and then these entries; callers have asked <see cref="WhyNot"/>.</summary>
    public void Replace(EntryId previous, IReadOnlyList<LogEntry> entries)
    {
        while (_terms.Count > 0 && _terms[^1].Index > previous.Index) _terms.RemoveAt(_terms.Count - 1);
        foreach (var entry in entries)
        {
            if (_terms.Count == 0 || _terms[^1].Term != entry.Term) _terms.Add(entry.Id);
        }

        Last = entries[^1].Id;
    }

    int RunOf(LogIndex index)
    {
        int low = 0, high = _terms.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_terms[middle].Index <= index) low = middle;
            else high = middle - 1;
        }

        return low;
    }
}
