using AkkaRaft.Consensus;
using Shouldly;

namespace AkkaRaft.Tests.Consensus;

/// <summary>
/// One core under test: node 1. It is brought into the wanted state by legal inputs only, so that no test starts from a state that cannot be.
/// </summary>
internal sealed class Core
{
    readonly List<AppendToLog> _writes = [];
    readonly List<Effect> _last = [];

    RaftCore _core;
    TimeSpan _now = TimeSpan.FromSeconds(10);
    TimeSpan _wallClockIsAhead;

    Core(long term, int? votedFor, IReadOnlyList<LogEntry> log, int voters, CoreOptions? options, ulong seed, StoredSnapshot? snapshot = null, int compacted = 0)
    {
        Options = options ?? new CoreOptions();
        var recovered = new RecoveredState(new Term(term), votedFor is { } v ? Entries.Node(v) : null, Entries.Voters(voters), [.. log.Skip(compacted)])
        {
            Base = compacted > 0 ? log[compacted - 1].Id : EntryId.Zero,
            Snapshot = snapshot,
        };
        _core = new RaftCore(Entries.Node(1), Options, recovered, seed, Time);
    }

    /// <summary>The promise of a node that has just started is over, and its election timer starts anew: the process stood still.</summary>
    Core IsUpForLong()
    {
        if (State.PromisedUntil is not { } over || over <= _now) return this;
        _now = over;
        Step(Tick.Instance);
        _now += TimeSpan.FromMilliseconds(50);
        Step(Tick.Instance);
        _last.Clear();
        return this;
    }

    public CoreOptions Options { get; }

    public NodeState State => _core.State;

    public RaftRole Role => State.Role;

    public long Term => State.Term.Value;

    public long CommitIndex => State.CommitIndex.Value;

    public long Durable => State.Log.Durable.Value;

    public string? VotedFor => State.Vote.VotedFor?.Value;

    public string? KnownLeader => State.Leader?.Value;

    /// <summary>The entries that it holds in memory.</summary>
    public string Log => Trace.Of([.. Enumerable.Range(1, (int)(State.Log.Last.Index - State.Log.Base.Index)).Select(i => State.Log[State.Log.Base.Index + i])]);

    public TimeSpan Now => _now;

    /// <summary>The effects of the last <see cref="Receives"/>.</summary>
    public IReadOnlyList<Effect> Effects => _last;

    public IEnumerable<(string To, RaftMessage Message)> Sent => _last.OfType<Send>().Select(s => (s.To.Value, s.Message));

    Instant Time => new(_now, Entries.Epoch + _now + _wallClockIsAhead);

    /// <summary>A node that has started with what its journals hold, and has heard nobody since.</summary>
    public static Core Recovered(
        long term = 0, int? votedFor = null, string log = "", int voters = 3, CoreOptions? options = null, ulong seed = 1) =>
        JustStarted(term, votedFor, log, voters, options, seed).IsUpForLong();

    /// <summary>A node as it starts, with what its journals hold.</summary>
    public static Core JustStarted(
        long term = 0, int? votedFor = null, string log = "", int voters = 3, CoreOptions? options = null, ulong seed = 1) =>
        new(term, votedFor, Entries.Log(log), voters, options, seed);

    /// <summary>A follower of node 2 that has started with a snapshot of the first entries of <paramref name="log"/>.</summary>
    /// <param name="term">Its term.</param>
    /// <param name="log">Terms of the entries, from index 1, also of those that it does not hold any more.</param>
    /// <param name="snapshot">The last entry of the snapshot, from 1.</param>
    /// <param name="compacted">So many entries are no longer held; all of the snapshot's when not said.</param>
    /// <param name="options">Limits and times.</param>
    public static Core FollowerWithSnapshot(long term, string log, int snapshot, int? compacted = null, CoreOptions? options = null)
    {
        var entries = Entries.Log(log);
        var core = new Core(term, null, entries, 3, options, 1, Messages.Snapshot(entries[snapshot - 1].Id.ToString()), compacted ?? snapshot);
        core.Receives(new AppendEntries(Entries.Node(2), new Term(term), 0, entries[^1].Id, [], new LogIndex(snapshot)));
        core._last.Clear();
        return core;
    }

    /// <summary>A follower of node <paramref name="leader"/>, whose log in memory is <paramref name="log"/>.</summary>
    /// <param name="term">Its term.</param>
    /// <param name="log">Terms of its entries.</param>
    /// <param name="commit">What the leader has told to be committed; never more than durable.</param>
    /// <param name="durable">How many of the entries its journal has; all when not said.</param>
    /// <param name="verified">How many of the entries are known to be the leader's; all when not said. What is above is another leader's.</param>
    /// <param name="leader">The leader that it has just heard.</param>
    /// <param name="voters">The size of the cluster.</param>
    /// <param name="options">Limits and times.</param>
    public static Core Follower(
        long term, string log = "", long commit = 0, int? durable = null, int? verified = null, int leader = 2, int voters = 3, CoreOptions? options = null)
    {
        var entries = Entries.Log(log);
        var kept = durable ?? entries.Count;
        var core = new Core(term, null, [.. entries.Take(kept)], voters, options, 1);
        var common = verified ?? kept;
        var before = common == 0 ? EntryId.Zero : entries[common - 1].Id;
        core.Receives(new AppendEntries(Entries.Node(leader), new Term(term), 0, before, [.. entries.Skip(kept)], new LogIndex(commit)));
        core.State.CommitIndex.Value.ShouldBe(commit);
        return core;
    }

    /// <summary>A node that is asking whether it could win an election in the term after <paramref name="term"/>.</summary>
    public static Core PreCandidate(long term, string log = "", int voters = 3)
    {
        var core = Recovered(term, log: log, voters: voters);
        core.TimesOut();
        core.Role.ShouldBe(RaftRole.PreCandidate);
        return core;
    }

    /// <summary>A candidate whose own vote is durable, and who has asked everybody.</summary>
    public static Core Candidate(long term, string log = "", int voters = 3)
    {
        var core = PreCandidate(term - 1, log, voters);
        core.WinsPreVote();
        core.Receives(Messages.TermDurable(term, 1));
        core.Role.ShouldBe(RaftRole.Candidate);
        return core;
    }

    /// <summary>The leader of <paramref name="term"/>; the first entry of that term in <paramref name="log"/> is its no-op, later ones are proposals.</summary>
    public static Core Leader(
        long term, string log, long commit = 0, int? durable = null, int voters = 3, CoreOptions? options = null)
    {
        var entries = Entries.Log(log);
        var old = entries.TakeWhile(e => e.Term.Value < term).ToList();
        old.Count.ShouldBeLessThan(entries.Count, "a leader has a no-op of its own term");
        var core = new Core(term - 1, null, old, voters, options, 1);
        if (commit > 0 && old.Count > 0)
        {
            core.Receives(new AppendEntries(
                Entries.Node(2), new Term(term - 1), 0, old[^1].Id, [], new LogIndex(Math.Min(commit, old.Count))));
        }

        core.TimesOut();
        if (voters > 1) core.WinsPreVote();
        core.Receives(Messages.TermDurable(term, 1));
        if (voters > 1) core.WinsVote();
        core.Role.ShouldBe(RaftRole.Leader);
        for (var i = old.Count + 1; i < entries.Count; i++) core.Receives(Messages.Propose($"p{i + 1}"));
        if ((durable ?? entries.Count) > old.Count) core.LogDurable(durable ?? entries.Count);
        if (commit > old.Count)
        {
            foreach (var peer in Enumerable.Range(2, voters / 2)) core.Receives(Messages.Accepted(peer, term, commit));
        }

        core.CommitIndex.ShouldBe(commit);
        core._last.Clear();
        return core;
    }

    /// <summary>Handles inputs one after the other; <see cref="Effects"/> has what all of them caused.</summary>
    public Core Receives(params Input[] inputs)
    {
        _last.Clear();
        foreach (var input in inputs) Step(input);
        return this;
    }

    /// <summary>Lets time pass, with a tick every 50 ms as the shell does.</summary>
    public Core Waits(double milliseconds)
    {
        _last.Clear();
        for (var end = _now + TimeSpan.FromMilliseconds(milliseconds); _now < end;)
        {
            _now = Min(end, _now + TimeSpan.FromMilliseconds(50));
            Step(Tick.Instance);
        }

        return this;
    }

    /// <summary>The process stands still; afterwards comes one tick.</summary>
    public Core StandsStill(double milliseconds)
    {
        _now += TimeSpan.FromMilliseconds(milliseconds);
        return Receives(Tick.Instance);
    }

    /// <summary>Somebody sets the clock of the machine; no time passes.</summary>
    public Core WallClockMoves(double milliseconds)
    {
        _wallClockIsAhead += TimeSpan.FromMilliseconds(milliseconds);
        return this;
    }

    /// <summary>Time passes for a node that is busy with other inputs; no tick.</summary>
    public Core Later(double milliseconds)
    {
        _now += TimeSpan.FromMilliseconds(milliseconds);
        return this;
    }

    /// <summary>Hears nobody until its election timer runs out.</summary>
    public Core TimesOut()
    {
        while (_now < State.ElectionDeadline - TimeSpan.FromMilliseconds(50)) Waits(50);
        return Waits(Math.Max(1, (State.ElectionDeadline - _now).TotalMilliseconds));
    }

    /// <summary>The LogJournal confirms the write that ends at this index, newest first when an index was written twice.</summary>
    public Core LogDurable(long upTo)
    {
        var write = _writes.FindLast(w => w.Entries[^1].Index.Value == upTo).ShouldNotBeNull();
        return Receives(new EntriesPersisted(write.WriteId, write.Entries[^1].Id));
    }

    /// <summary>Starts again, and is up for long, with what is durable: the log up to <see cref="Durable"/>, and this term and vote.</summary>
    public Core Restarts(long term, int? votedFor)
    {
        var log = Enumerable.Range(1, (int)Durable).Select(i => State.Log[new LogIndex(i)]).ToList();
        var recovered = new RecoveredState(new Term(term), votedFor is { } v ? Entries.Node(v) : null, State.Configurations.CommittedAt(LogIndex.Zero), log);
        _core = new RaftCore(Entries.Node(1), Options, recovered, 2, Time);
        _writes.Clear();
        _last.Clear();
        return IsUpForLong();
    }

    /// <summary>A majority, this node's own vote in it, would vote for it.</summary>
    public Core WinsPreVote() => HearsVotes(ElectionKind.PreVote, State.Term.Value);

    /// <summary>A majority votes for it.</summary>
    public Core WinsVote() => HearsVotes(ElectionKind.Vote, State.Term.Value);

    /// <summary>The effects of the last inputs, exactly these and in this order.</summary>
    public Core Did(params string[] effects)
    {
        _last.Select(Trace.Of).ShouldBe(effects);
        return this;
    }

    public Core DidNothing() => Did();

    Core HearsVotes(ElectionKind kind, long term)
    {
        var round = State.CampaignRound;
        return Receives([.. Enumerable.Range(2, State.Quorum.Majorities[0].Size - 1).Select(peer => Messages.VoteReply(peer, term, kind, round))]);
    }

    /// <summary>The leader appends a configuration, past the rules of changes: for what a log with it does.</summary>
    public Core Reconfigures(Configuration configuration)
    {
        _last.Clear();
        var effects = new Effects();
        var id = new EntryId(State.Log.Last.Index.Next, State.Term);
        LeaderReplication.Append(State, [new ConfigurationEntry(id, Entries.Epoch + _now, configuration)], effects);
        Record(effects);
        return this;
    }

    void Step(Input input)
    {
        var effects = new Effects();
        _core.Step(Time, input, effects);
        Record(effects);
    }

    void Record(Effects effects)
    {
        _last.AddRange(effects.All);
        _writes.AddRange(effects.All.OfType<AppendToLog>());
        foreach (var apply in effects.All.OfType<ApplyCommitted>())
        {
            if (AppliesAtOnce) Step(new Applied(apply.Entries[^1].Index));
        }
    }

    /// <summary>Whether the state machine applies what it gets within the same step.</summary>
    public bool AppliesAtOnce { get; set; } = true;

    static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
