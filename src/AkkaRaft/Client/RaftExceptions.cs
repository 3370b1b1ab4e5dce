namespace AkkaRaft;

/// <summary>What is known about an operation that ended with an error. Callers branch on it instead of on lists of exception types.</summary>
public enum RaftOutcome
{
    /// <summary>It surely changed nothing and never will: sending it again cannot apply it twice.</summary>
    NotApplied,

    /// <summary>It may have been applied, or may still be: find out by a query before sending it again, unless twice does no harm.</summary>
    Unknown,

    /// <summary>It was applied (a query: answered); only its result did not reach the caller.</summary>
    Applied,
}

/// <summary>The root of AkkaRaft's errors. Its message says what happened, what is known, and what to do.</summary>
public abstract class RaftException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="outcome">What is known about the operation.</param>
    /// <param name="message">What happened, what is known, what to do.</param>
    /// <param name="cause">The error behind it, if there is one.</param>
    protected RaftException(RaftOutcome outcome, string message, Exception? cause = null) : base(message, cause) => Outcome = outcome;

    /// <summary>What is known about the operation.</summary>
    public RaftOutcome Outcome { get; }

    /// <summary>Whether the operation surely changed nothing, so that sending it again cannot apply it twice.</summary>
    public bool IsSurelyNotApplied => Outcome == RaftOutcome.NotApplied;
}

/// <summary>No leader took the operation in time: it was never sent, or each node it reached surely refused it. Surely not applied.</summary>
public sealed class NotLeaderException : RaftException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened, what is known, what to do.</param>
    /// <param name="leader">The leader that was last heard of, if any.</param>
    public NotLeaderException(string message, LeaderInfo? leader = null) : base(RaftOutcome.NotApplied, message) => Leader = leader;

    /// <summary>The leader that was last heard of; null if none was. It need not lead any more.</summary>
    public LeaderInfo? Leader { get; }
}

/// <summary>Too much is waiting, in this client or at the leader. Surely not applied; try again later, and more slowly.</summary>
public sealed class OverloadedException : RaftException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened, what is known, what to do.</param>
    /// <param name="retryAfter">When another try may be worth while, if that is known.</param>
    public OverloadedException(string message, TimeSpan? retryAfter = null) : base(RaftOutcome.NotApplied, message) => RetryAfter = retryAfter;

    /// <summary>
    /// The leader's estimate of when another try may be worth while, from 10 ms to 5 s: by then about half of what waits is done at its present pace. Null when
    /// it has no idea yet, or when this client's own limits were reached.
    /// </summary>
    public TimeSpan? RetryAfter { get; }
}

/// <summary>The command cannot be taken as it is (too large, a type that nobody registered, damaged). Surely not applied; it would fail again.</summary>
public sealed class CommandRejectedException : RaftException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened, what is known, what to do.</param>
    /// <param name="cause">The error behind it, if it arose in this process.</param>
    public CommandRejectedException(string message, Exception? cause = null) : base(RaftOutcome.NotApplied, message, cause)
    {
    }
}

/// <summary>
/// The operation was sent and its end is not known: no answer came in time, its node is gone, or another leader was elected. A command may have
/// been applied, or may still be; a query changes nothing and can simply be asked again.
/// </summary>
public sealed class OutcomeUnknownException : RaftException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened, what is known, what to do.</param>
    /// <param name="cause">The error behind it, such as a <see cref="SessionExpiredException"/>; null if there is none.</param>
    public OutcomeUnknownException(string message, Exception? cause = null) : base(RaftOutcome.Unknown, message, cause)
    {
    }
}

/// <summary>
/// The group knows the client's session no longer, and with it what became of its commands. It is the <see cref="Exception.InnerException"/> of the
/// <see cref="OutcomeUnknownException"/> with which those commands end that may have been applied. Others, and later ones, go into another session.
/// </summary>
public sealed class SessionExpiredException : RaftException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened, what is known, what to do.</param>
    /// <param name="session">The session: the log index of the entry that opened it.</param>
    public SessionExpiredException(string message, LogIndex session) : base(RaftOutcome.Unknown, message) => Session = session;

    /// <summary>The session: the log index of the entry that opened it.</summary>
    public LogIndex Session { get; }
}

/// <summary>
/// The command was applied, or the query answered, but the result cannot be had: it is too large for a frame, cannot be serialized, or is of
/// another type than the caller asked for.
/// </summary>
public sealed class ResultUnavailableException : RaftException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened, what is known, what to do.</param>
    /// <param name="index">The command's log index, or the index that the query's answer reflects.</param>
    /// <param name="cause">The error behind it, if it arose in this process.</param>
    public ResultUnavailableException(string message, LogIndex index, Exception? cause = null) : base(RaftOutcome.Applied, message, cause) =>
        Index = index;

    /// <summary>The command's log index, or the index that the query's answer reflects.</summary>
    public LogIndex Index { get; }
}

/// <summary>The query has no answer: it has no handler, its handler threw, or it cannot be read. Nothing was changed.</summary>
public sealed class QueryFailedException : RaftException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened, what is known, what to do.</param>
    /// <param name="cause">The error behind it, if it arose in this process.</param>
    public QueryFailedException(string message, Exception? cause = null) : base(RaftOutcome.NotApplied, message, cause)
    {
    }
}

/// <summary>A node did not answer a question about itself in time. Nothing was changed.</summary>
public sealed class NodeUnreachableException : RaftException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened, what is known, what to do.</param>
    /// <param name="node">The node that was asked.</param>
    public NodeUnreachableException(string message, NodeId node) : base(RaftOutcome.NotApplied, message) => Node = node;

    /// <summary>The node that was asked.</summary>
    public NodeId Node { get; }
}

/// <summary>
/// The node's own state is older than the query allows (<see cref="ReadOptions.MinIndex"/>, <see cref="ReadOptions.MaxStaleness"/>), and did not become newer in
/// time. Nothing was changed.
/// </summary>
public sealed class TooStaleException : RaftException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened, what is known, what to do.</param>
    /// <param name="node">The node that was asked.</param>
    /// <param name="applied">Up to where it had applied the log.</param>
    public TooStaleException(string message, NodeId node, LogIndex applied) : base(RaftOutcome.NotApplied, message) => (Node, Applied) = (node, applied);

    /// <summary>The node that was asked.</summary>
    public NodeId Node { get; }

    /// <summary>Up to where it had applied the log.</summary>
    public LogIndex Applied { get; }
}

/// <summary>Why leadership was not handed over.</summary>
public enum LeadershipTransferFailure
{
    /// <summary>The node that was named does not vote in the group.</summary>
    NotAVoter,

    /// <summary>No other voter has answered the leader lately, or whoever could take leadership is being sent a snapshot.</summary>
    NoTarget,

    /// <summary>Leadership is being handed over to another node already.</summary>
    Busy,

    /// <summary>The target did not lead within an election timeout: it is down, too far behind, or was not elected. The old leader leads on and takes writes again.</summary>
    TimedOut,
}

/// <summary>Leadership was not handed over (thesis 3.10); the leader that was asked leads on. Nothing is lost, and writes go on.</summary>
public sealed class LeadershipTransferException : RaftException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened, what is known, what to do.</param>
    /// <param name="failure">Why.</param>
    public LeadershipTransferException(string message, LeadershipTransferFailure failure) : base(RaftOutcome.NotApplied, message) => Failure = failure;

    /// <summary>Why.</summary>
    public LeadershipTransferFailure Failure { get; }
}
