namespace AkkaRaft.Consensus;

/// <summary>What a stored log and a stored snapshot mean together when a node starts.</summary>
/// <param name="Base">The entry before the first one of <paramref name="Entries"/>.</param>
/// <param name="Entries">The log that counts.</param>
/// <param name="MustRestart">The stored log is not that of the snapshot: the node crashed while it installed one, and the LogJournal must begin anew (B55).</param>
internal sealed record RecoveredLog(EntryId Base, IReadOnlyList<LogEntry> Entries, bool MustRestart)
{
    /// <summary>Puts them together.</summary>
    /// <param name="snapshot">The newest snapshot; null if there is none.</param>
    /// <param name="base">The entry before the first one stored.</param>
    /// <param name="entries">What is stored, consecutive.</param>
    /// <returns>The log; null if there is a gap between the two: what is missing was acknowledged, and is lost here.</returns>
    public static RecoveredLog? Of(StoredSnapshot? snapshot, EntryId @base, IReadOnlyList<LogEntry> entries)
    {
        if (snapshot is null) return @base.Index == LogIndex.Zero ? new RecoveredLog(@base, entries, false) : null;
        if (@base.Index > snapshot.Last.Index) return null;
        var place = snapshot.Last.Index - @base.Index;
        var held = place == 0 ? @base : place <= entries.Count ? entries[(int)place - 1].Id : (EntryId?)null;
        return held == snapshot.Last ? new RecoveredLog(@base, entries, false) : new RecoveredLog(snapshot.Last, [], true);
    }
}
