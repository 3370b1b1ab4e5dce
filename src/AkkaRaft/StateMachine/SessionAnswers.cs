using AkkaRaft.Consensus;

namespace AkkaRaft.StateMachine;

/// <summary>What is told to whoever waits for an entry of a session.</summary>
internal static class SessionAnswers
{
    public static EntryResult Of(EntryId entry, SessionVerdict verdict, SessionResult? result) => verdict switch
    {
        SessionVerdict.Expired => new EntryResult(entry, null, null) { Verdict = EntryVerdict.SessionExpired },
        SessionVerdict.Answered => new EntryResult(entry, null, null) { Verdict = EntryVerdict.Answered },
        SessionVerdict.BeyondLimit => new EntryResult(entry, null, null) { Verdict = EntryVerdict.BeyondLimit },
        _ => new EntryResult(entry, result!.Value, result.IsForgotten ? Forgotten(result.Index) : result.Error) { AppliedAt = result.Index },
    };

    public static EntryResult OfOpening(OpenSessionEntry entry, bool isOpened) => isOpened
        ? new EntryResult(entry.Id, null, null) { Opened = entry.Limits }
        : new EntryResult(entry.Id, null, null) { Verdict = EntryVerdict.TooManySessions };

    public static EntryResult OfKeeping(KeepSessionEntry entry, bool isKnown) =>
        new EntryResult(entry.Id, null, null) { Verdict = isKnown ? EntryVerdict.Done : EntryVerdict.SessionExpired };

    // Without what the serializer said, which may differ from node to node: this is a part of the replicated state.
    public static string NotSerializable(EntryId entry, Type result) =>
        $"The command of entry {entry} was applied, but its result, a {result}, cannot be serialized. "
        + "Do not send the command again. Register the result type with PayloadTypes, or return a type that can be serialized; the nodes' logs say more.";

    static string Forgotten(LogIndex index) =>
        $"The command was applied at index {index}, but its result is not kept any more: the session's results were more than its limit in bytes. "
        + "Do not send the command again. Raise akka.raft.sessions.max-result-bytes on the nodes, or return less.";
}
