namespace AkkaRaft.Events;

/// <summary>The node has replayed its journals and takes part in its group; also when it has started over after a journal failure.</summary>
/// <param name="Address">Its canonical address, <c>host:port</c>.</param>
/// <param name="Term">The term that it found.</param>
/// <param name="LastEntry">The last entry of the log that it found.</param>
public sealed record NodeReady(string Address, Term Term, EntryId LastEntry) : RaftEvent;

/// <summary>The node has stopped, and is not started again in this ActorSystem.</summary>
/// <param name="Cause">Why, if it stopped because it could not go on; null if it was asked to.</param>
public sealed record NodeStopped(Exception? Cause) : RaftEvent;

/// <summary>
/// One of the node's journals failed. The node takes no part until it has replayed them; when that was the last attempt it stops, and <see cref="NodeStopped"/> follows.
/// </summary>
/// <param name="What">Which journal, and what it was doing.</param>
/// <param name="Cause">The journal's own error, if there is one.</param>
/// <param name="Attempt">How many times in a row a journal has failed, from 1.</param>
/// <param name="MaxAttempts">How many times it may (<c>akka.raft.journal.max-restarts</c>).</param>
public sealed record JournalFailed(string What, Exception? Cause, int Attempt, int MaxAttempts) : RaftEvent;
