namespace AkkaRaft;

/// <summary>
/// What a command handler may know about the entry that it applies: the same on every node and at every replay, so that results may depend on it.
/// </summary>
/// <param name="Index">The entry's place in the log; it grows with every command, but not by one: the log has entries of its own between them.</param>
/// <param name="Term">The term of the leader that appended it.</param>
/// <param name="Time">That leader's wall clock when it appended it, in whole milliseconds; it never falls along the log. Use it instead of the clock.</param>
public readonly record struct EntryContext(LogIndex Index, Term Term, DateTimeOffset Time);
