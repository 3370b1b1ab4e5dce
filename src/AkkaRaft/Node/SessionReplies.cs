using AkkaRaft.Consensus;
using AkkaRaft.Protocol;
using AkkaRaft.StateMachine;

namespace AkkaRaft.Node;

/// <summary>What clients ask for their sessions, and what they are told of them (thesis 6.3).</summary>
internal static class SessionReplies
{
    // What is asked for a session has no command, but waits like one.
    static readonly Payload NoBody = new(0, "", ReadOnlyMemory<byte>.Empty);

    public static ClientRequest RequestOf(SessionCall call) => new(call.RequestId, NoBody);

    public static SessionRequest ProposalOf(SessionCall call, BatchSession? session, RaftSettings settings) => call.Act == SessionAct.Open
        ? new OpenSession(LimitsOf(settings))
        : new KeepSession(session!.Value.Id, session.Value.LowestUnanswered, call.Act == SessionAct.Close);

    public static ClientReply Opened(long requestId, LogIndex session, SessionLimits limits) =>
        new(requestId, ClientOutcome.Ok, session, null, null) { Session = new SessionGrant(limits.Timeout, limits.MaxResults) };

    /// <summary>What is said of an entry that was committed and changed nothing; null of all others.</summary>
    public static (ClientOutcome Outcome, string Error)? Refusal(EntryResult result) => result.Verdict switch
    {
        EntryVerdict.SessionExpired => (ClientOutcome.SessionExpired,
            $"The session is not known at entry {result.Entry}: it was closed, or the time in the log moved by akka.raft.sessions.timeout since its last entry. "
            + "This copy of the command was not applied."),
        EntryVerdict.Answered => (ClientOutcome.Unknown,
            $"Entry {result.Entry} is a copy of a command whose client does not wait for it any more. This copy was not applied; what became of others is forgotten."),
        EntryVerdict.BeyondLimit => (ClientOutcome.Overloaded,
            $"The session has as many unanswered commands as akka.raft.sessions.max-results allowed when it was opened. Entry {result.Entry} was not applied. "
            + "Try again when some have been answered."),
        EntryVerdict.TooManySessions => (ClientOutcome.Overloaded,
            "There are as many sessions as akka.raft.sessions.max-sessions allows. None was opened, and nothing was applied. "
            + "Close clients that are not used, wait until those of dead ones expire, or raise the setting on all nodes."),
        _ => null,
    };

    // In whole milliseconds, as the log has time.
    static SessionLimits LimitsOf(RaftSettings settings) => new(
        TimeSpan.FromMilliseconds(Math.Ceiling(settings.SessionTimeout.TotalMilliseconds)), settings.MaxSessions, settings.MaxSessionResults,
        settings.MaxSessionResultBytes);
}
