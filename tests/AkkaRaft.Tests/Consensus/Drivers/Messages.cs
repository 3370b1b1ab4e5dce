using AkkaRaft.Consensus;

namespace AkkaRaft.Tests.Consensus;

/// <summary>The messages of peers, as short as a test likes to write them.</summary>
internal static class Messages
{
    /// <param name="from">The leader's number.</param>
    /// <param name="term">Its term.</param>
    /// <param name="after">The entry before, as <c>index/term</c>.</param>
    /// <param name="entries">Ids of the entries, as <c>"4/2 5/2"</c>.</param>
    /// <param name="commit">The leader's commit index.</param>
    /// <param name="round">Its newest round of heartbeats.</param>
    public static AppendEntries Append(int from, long term, string after, string entries = "", long commit = 0, long round = 0) =>
        new(Entries.Node(from), new Term(term), round, Entries.Id(after), Entries.Ids(entries), new LogIndex(commit));

    public static AppendEntriesReply Accepted(int from, long term, long upTo, long? verified = null, long round = 0) =>
        AppendEntriesReply.Accepted(Entries.Node(from), new Term(term), round, new LogIndex(upTo), new LogIndex(verified ?? upTo));

    public static AppendEntriesReply Conflict(int from, long term, string at, string hint, long round = 0) =>
        AppendEntriesReply.Conflict(Entries.Node(from), new Term(term), round, Entries.Id(at), Entries.Id(hint));

    public static AppendEntriesReply Stale(int from, long term) => AppendEntriesReply.StaleTerm(Entries.Node(from), new Term(term));

    public static VoteRequest VoteRequest(int from, long term, string last, long round = 1) =>
        new(Entries.Node(from), new Term(term), ElectionKind.Vote, round, Entries.Id(last));

    /// <param name="from">The pre-candidate's number.</param>
    /// <param name="term">The term that it is in; it would stand in the next one.</param>
    /// <param name="last">Its last entry.</param>
    /// <param name="round">Its campaign.</param>
    public static VoteRequest PreVoteRequest(int from, long term, string last, long round = 1) =>
        new(Entries.Node(from), new Term(term), ElectionKind.PreVote, round, Entries.Id(last));

    public static VoteReply VoteReply(int from, long term, ElectionKind kind, long round, VoteRefusal refusal = VoteRefusal.None) =>
        new(Entries.Node(from), new Term(term), kind, round, refusal);

    /// <summary>A snapshot of 10 bytes that stands for everything up to an entry, as <c>index/term</c>.</summary>
    public static StoredSnapshot Snapshot(string last, int voters = 3, long length = 10) =>
        new(new SnapshotMark(Entries.Id(last), Entries.Voters(voters)), length, 7);

    /// <summary>A piece of a snapshot.</summary>
    /// <param name="from">The leader's number.</param>
    /// <param name="term">Its term.</param>
    /// <param name="snapshot">What it sends.</param>
    /// <param name="offset">Where the piece stands.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="transfer">The leader's number for the sending.</param>
    public static InstallSnapshot Piece(int from, long term, StoredSnapshot snapshot, long offset, int bytes, long transfer = 1) =>
        new(Entries.Node(from), new Term(term), new TransferId(new Term(term), transfer), snapshot, offset, new byte[bytes]);

    public static InstallSnapshotReply Install(int from, long term, InstallOutcome outcome, long next = 0, long match = 0, long transfer = 1) =>
        new(Entries.Node(from), new Term(term), new TransferId(new Term(term), transfer), outcome, next, new LogIndex(match));

    public static Propose Propose(params string[] commands) =>
        new([.. commands.Select((command, i) => new Proposal(i + 1, Entries.Command(command)))]);

    public static Read Read(params long[] ids) => new(ids);

    public static EntriesPersisted LogDurable(long write, string last) => new(write, Entries.Id(last));

    public static TermPersisted TermDurable(long term, int? vote = null) =>
        new(new Term(term), vote is { } v ? Entries.Node(v) : null);
}
