using System.Globalization;
using System.Text;
using Akka.Actor;
using Akka.Event;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Protocol;
using AkkaRaft.TestKit.Kernel;

namespace AkkaRaft.TestKit.Cluster;

/// <summary>The newest messages that actors of the cluster handled, for people to read after a failure. Text is made only when it is read.</summary>
internal sealed class TraceLog(int capacity)
{
    readonly Entry[] _lines = new Entry[capacity];
    long _count;

    public void Add(TraceLine line, NodeState? state)
    {
        if (!IsNoise(line)) Keep(line, state);
    }

    /// <summary>Housekeeping of Akka, which says nothing about a run.</summary>
    static bool IsNoise(TraceLine line) => line.Actor.StartsWith("/system/EventStreamUnsubscriber", StringComparison.Ordinal)
        || line.Actor.StartsWith("/system/recoveryPermitter", StringComparison.Ordinal) || line.Actor.StartsWith("/system/akka.persistence.no-snapshot", StringComparison.Ordinal);

    void Keep(TraceLine line, NodeState? state) =>
        _lines[_count++ % capacity] = new Entry(line, state?.Role, state?.Term ?? Term.Zero, state?.CommitIndex ?? LogIndex.Zero);

    public void Note(TimeSpan at, string host, string text) => Add(new TraceLine(at, host, "", text, null), null);

    /// <summary>The newest lines, oldest first.</summary>
    public IReadOnlyList<string> Last(int lines)
    {
        var from = Math.Max(0, _count - Math.Min(lines, capacity));
        return [.. Enumerable.Range(0, (int)(_count - from)).Select(i => Text(_lines[(from + i) % capacity]))];
    }

    static string Text(Entry entry)
    {
        var (line, role, term, commit) = entry;
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{line.At.TotalSeconds,11:0.000000} {line.Host,-4}");
        if (role is { } known) text.Append(CultureInfo.InvariantCulture, $" {known,-12} t{term} c{commit}");
        text.Append(' ').Append(Short(line.Actor)).Append(line.Actor.Length > 0 ? " <- " : "").Append(MessageText.Of(line.Message));
        if (line.Sender is { } sender && !sender.IsNobody() && sender.Path.Address.Host is { } from && from != line.Host) text.Append(" from ").Append(from);
        return text.ToString();
    }

    static string Short(string actor)
    {
        var at = actor.LastIndexOf("/node/", StringComparison.Ordinal);
        return at >= 0 ? actor[(at + 6)..] : actor;
    }

    readonly record struct Entry(TraceLine Line, RaftRole? Role, Term Term, LogIndex Commit);
}

/// <summary>Messages as people want to read them in a trace: short, and with the numbers that matter.</summary>
internal static class MessageText
{
    public static string Of(object message) => message switch
    {
        string text => text,
        LogEvent line => $"{line.LogLevel()}: {line.Message}",
        PeerMessage peer => Of(peer.Message),
        Greeting greeting => greeting.IsReply ? "Greeting (reply)" : "Greeting",
        AppendEntries m => string.Create(CultureInfo.InvariantCulture,
            $"AppendEntries t{m.Term} of {m.From} round {m.Round} prev {m.Previous} +{m.Entries.Count}{Ends(m)} commit {m.CommitIndex}"),
        AppendEntriesReply m => string.Create(CultureInfo.InvariantCulture,
            $"AppendEntriesReply t{m.Term} of {m.From} round {m.Round} {m.Outcome} match {m.Match} verified {m.Verified} rejected {m.Rejected} hint {m.Hint}"),
        VoteRequest m => $"{(m.IsTransfer ? "Transfer" : "")}{m.Kind}Request t{m.Term} of {m.From} round {m.Round} last {m.LastEntry}",
        VoteReply m => $"{m.Kind}Reply t{m.Term} of {m.From} round {m.Round} {(m.Granted ? "granted" : m.Refusal.ToString())}",
        InstallSnapshot m => string.Create(CultureInfo.InvariantCulture,
            $"InstallSnapshot t{m.Term} of {m.From} transfer {m.Transfer} last {m.Snapshot.Last} from {m.Offset} +{m.Bytes.Length} of {m.Snapshot.Length}"),
        InstallSnapshotReply m => string.Create(CultureInfo.InvariantCulture,
            $"InstallSnapshotReply t{m.Term} of {m.From} transfer {m.Transfer} {m.Outcome} next {m.Next} match {m.Match}"),
        Write { Effect: RestartLog restart } => $"write #{restart.WriteId} begin anew behind {restart.Base}",
        Write { Effect: CompactLog compact } => $"write compacted up to {compact.UpTo}",
        TimeoutNow m => $"TimeoutNow t{m.Term} of {m.From} last {m.Last}",
        TransferRequest m => $"TransferRequest #{m.RequestId} to {m.To?.ToString() ?? "any"}",
        TransferReply m => $"TransferReply of {m.From}: #{m.RequestId} {m.Outcome} {m.Why}",
        Write { Effect: AppendToLog append } => $"write #{append.WriteId} after {append.Previous} +{append.Entries.Count} up to {append.Entries[^1].Id}",
        Write { Effect: PersistTerm term } => $"write term {term.Term} vote {term.VotedFor?.ToString() ?? "-"}",
        Written { Input: EntriesPersisted done } => $"written #{done.WriteId} up to {done.Last}",
        Written { Input: TermPersisted done } => $"written term {done.Term} vote {done.VotedFor?.ToString() ?? "-"}",
        ProposeBatch { Call: { } call } batch => $"Session {call.Act} {batch.Session?.Id}",
        ProposeBatch { Session: { } session } batch => $"Propose {Numbers(batch.Requests)} in session {session.Id}",
        ProposeBatch batch => $"Propose {Numbers(batch.Requests)}",
        QueryBatch batch => $"Query {Numbers(batch.Requests)}{(batch.Terms == QueryTerms.AtLeader ? "" : $" {batch.Terms.Consistency}{(batch.Terms.AnyNode ? " here" : "")} from {batch.Terms.MinIndex}")}",
        ReadIndexRequest m => $"ReadIndexRequest t{m.Term} of {m.From} #{m.Request}{(m.ByLease ? " by lease" : "")}",
        ReadIndexReply m => $"ReadIndexReply t{m.Term} of {m.From} #{m.Request} index {m.Index}",
        ClientReplyBatch batch => $"Replies of {batch.From}: {string.Join(", ", batch.Replies.Take(4).Select(reply => $"#{reply.RequestId} {reply.Outcome}@{reply.Index}"))}",
        LeaderReply reply => $"LeaderReply of {reply.From}: t{reply.Leader.Term} {(reply.Leader.Leader is { } leader ? $"leader {leader}" : $"no leader {reply.WhyNone}")}",
        JournalFailed failed => $"JournalFailed {failed.Journal}: {failed.What}: {failed.Cause.Message}",
        _ => message.GetType().Name,
    };

    static string Numbers(IReadOnlyList<ClientRequest> requests) => string.Join(' ', requests.Take(4).Select(request => $"#{request.RequestId}"));

    static string Ends(AppendEntries append) => append.Entries.Count == 0 ? "" : $" up to {append.Entries[^1].Id}";
}
