using AkkaRaft.Consensus;
using AkkaRaft.TestKit.Invariants;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Invariants;

public sealed class MonotonicStateTests
{
    readonly World _world = new World(_ => new MonotonicState()).Start(1, term: 4, vote: 2, log: "1 1 1").Commits(1, 2);

    [Fact]
    public void What_only_rises_is_right_and_a_start_begins_with_nothing_applied() =>
        _world.Hands(1, 2).Changes(1, state => state.Applied = new LogIndex(1)).Changes(1, state => state.Vote.Raise(new Term(5)))
            .Changes(1, state => state.Vote.Give(World.Id(1))).Stores(1, term: 5, vote: 1).Crashes(1).Start(1, term: 5, vote: 1, log: "1 1 1").Commits(1, 1)
            .ShouldHold();

    [Fact]
    public void A_commit_index_that_falls_is_reported() =>
        _world.Commits(1, 1).ShouldBreak("commit index of node 1", "fell from 2 to 1");

    [Fact]
    public void A_commit_index_beyond_the_log_is_reported() =>
        _world.Commits(1, 4).ShouldBreak("node 1", "committed up to 4", "ends at 3/1");

    [Fact]
    public void An_applied_index_that_falls_or_runs_ahead_is_reported()
    {
        _world.Hands(1, 2).Changes(1, state => state.Applied = new LogIndex(2)).ShouldHold();
        _world.Changes(1, state => state.Applied = new LogIndex(1)).ShouldBreak("node 1", "heard of 2 as applied", "2 and 1");
        new World(_ => new MonotonicState()).Start(1, term: 1, log: "1").Hands(1, 1)
            .ShouldBreak("gave its machine up to 1", "committed up to 0");
    }

    [Fact]
    public void A_vote_that_is_given_twice_in_a_term_is_reported() =>
        Becomes(term: 4, vote: 3).ShouldBreak("node 1", "given its vote of term 4 to node 2", "vote for node 3");

    [Fact]
    public void A_vote_that_is_forgotten_within_its_term_is_reported() => Becomes(term: 4, vote: null).ShouldBreak("vote of term 4 to node 2", "no vote");

    [Fact]
    public void A_term_that_falls_is_reported() => Becomes(term: 3, vote: null).ShouldBreak("the term of node 1", "fell from 4");

    [Fact]
    public void A_node_that_comes_back_without_its_vote_is_reported() =>
        _world.Crashes(1).Joins(1, new RecoveredState(new Term(4), null, _world.Voters, World.Log("1 1 1")))
            .ShouldBreak("starts in term 4 with no vote", "its disk holds term 4 with its vote for node 2");

    [Fact]
    public void A_journal_that_forgets_a_vote_or_a_term_is_reported()
    {
        _world.Stores(1, term: 4).ShouldBreak("journal of node 1", "held its vote for node 2 in term 4", "no vote");
        new World(_ => new MonotonicState()).Start(1, term: 4).Stores(1, term: 3).ShouldBreak("held term 4, and now holds term 3");
    }

    // CurrentTerm itself refuses all this, so the node gets what another one would have: same start, other memory.
    World Becomes(long term, int? vote)
    {
        _world.ShouldHold();
        var vote1 = _world[1].State!.Vote;
        Set(vote1, nameof(CurrentTerm.Term), new Term(term));
        Set(vote1, nameof(CurrentTerm.VotedFor), vote is { } v ? World.Id(v) : null);
        return _world.Steps(1);
    }

    static void Set(CurrentTerm vote, string property, object? value) => typeof(CurrentTerm).GetProperty(property)!.SetValue(vote, value);

    [Fact]
    public void A_machine_is_given_what_a_snapshot_stands_for_all_at_once() =>
        _world.Hands(1, 2).Installs(1, _world.Snapshot(5, 1)).Changes(1, state => state.Applied = new LogIndex(5)).Crashes(1)
            .StartFrom(1, term: 4, _world.Snapshot(5, 1), World.Entry(5, 1), vote: 2).ShouldHold();

    [Fact]
    public void An_applied_index_that_jumps_without_a_snapshot_is_reported() =>
        _world.Changes(1, state => state.Applying = new LogIndex(2)).ShouldBreak("node 1", "has given its machine 2 entries, and has given it 0");

    [Fact]
    public void A_machine_that_is_not_given_every_entry_is_reported() =>
        _world.Wants(1, new ApplyCommitted([World.CommandAt(2, 1)])).ShouldBreak("node 1", "from 2/1 on, and has given it 0");

    [Fact, Trait("RaftBug", "B54")]
    public void A_snapshot_of_less_than_the_machine_was_given_is_reported() =>
        _world.Hands(1, 2).ShouldHold().Wants(1, new RestoreMachine(_world.Snapshot(2, 1))).ShouldBreak("node 1", "a snapshot of 2/1", "has given it 2");

    [Fact]
    public void A_start_that_does_not_begin_where_the_snapshot_stands_is_reported()
    {
        var world = new World(_ => new MonotonicState());
        world.Start(1, term: 1, log: "1 1").Crashes(1).StoresSnapshot(1, world.Snapshot(2, 1));
        var recovered = new RecoveredState(new Term(1), null, world.Voters, World.Log("1 1")) { Snapshot = world.Snapshot(2, 1) };
        var state = new NodeState(World.Id(1), new CoreOptions(), recovered, 1, new Instant(TimeSpan.Zero, DateTimeOffset.UnixEpoch)) { Applying = LogIndex.Zero, Applied = LogIndex.Zero };
        world.Joins(1, state).ShouldBreak("node 1", "its machine had been given 0 entries", "its snapshot has 2");
    }
}
