namespace AkkaRaft;

/// <summary>
/// What names an entry for ever: its index and the term of the leader that made it (Raft 5.3). Two logs that hold the same <see cref="EntryId"/>
/// hold the same entry there and the same log before it (Log Matching).
/// </summary>
/// <param name="Index">The entry's place in the log.</param>
/// <param name="Term">The term in which it was appended.</param>
public readonly record struct EntryId(LogIndex Index, Term Term)
{
    /// <summary>The place before the first entry.</summary>
    public static readonly EntryId Zero = default;

    /// <summary>
    /// Whether a log that ends here is at least as up to date as one that ends at <paramref name="other"/>: the later last term wins, and
    /// with equal terms the longer log (Raft 5.4.1).
    /// </summary>
    public bool IsAtLeastAsUpToDateAs(EntryId other) =>
        Term != other.Term ? Term > other.Term : Index >= other.Index;

    /// <summary>Index/term, as in <c>5/2</c>.</summary>
    public override string ToString() => $"{Index}/{Term}";
}
