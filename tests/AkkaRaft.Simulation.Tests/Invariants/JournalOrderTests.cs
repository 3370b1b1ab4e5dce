using AkkaRaft.Consensus;
using AkkaRaft.TestKit.Invariants;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Invariants;

public sealed class JournalOrderTests
{
    readonly World _world = new World(_ => new JournalOrder()).Start(1, term: 2, vote: 3, log: "1 2").Start(2, term: 2, vote: 2, log: "1 1");

    [Fact]
    public void What_waits_for_its_journal_is_right() =>
        _world.Wants(1, Vote(term: 2, to: 3)).Wants(2, Request(term: 2, World.Entry(2, 1))).Wants(1, Accepted(2))
            .Wants(1, new AppendToLog(1, World.Entry(2, 2), [World.CommandAt(3, 2)])).Takes(1, World.Entry(2, 2), World.CommandAt(3, 2))
            .Stores(1, World.Entry(2, 2), [World.CommandAt(3, 2)])
            .Changes(1, state => state.Log.Confirm(new EntriesPersisted(1, World.Entry(3, 2))).ShouldBeTrue())
            .Commits(1, 3).Wants(1, Accepted(3)).ShouldHold();

    [Fact]
    public void A_vote_that_is_not_on_disk_is_not_announced() =>
        _world.Wants(1, Vote(term: 2, to: 2)).ShouldBreak("node 1", "tells node 2 that it has its vote of term 2", "its vote for node 3");

    [Fact]
    public void A_term_that_is_not_on_disk_is_not_announced() =>
        _world.Wants(1, new Send(World.Id(2), AppendEntriesReply.StaleTerm(World.Id(1), new Term(3)))).ShouldBreak("announces term 3", "holds term 2 only");

    [Fact]
    public void A_candidate_asks_only_when_its_own_vote_is_on_disk() =>
        _world.Wants(1, Request(term: 2, World.Entry(2, 2), from: 1)).ShouldBreak("node 1", "asks for votes in term 2", "its vote for node 3");

    [Fact]
    public void A_candidate_stands_with_what_is_on_disk() =>
        _world.Takes(2, World.Entry(2, 1), World.CommandAt(3, 2)).Wants(2, Request(term: 2, World.Entry(3, 2)))
            .ShouldBreak("node 2", "with a log up to 3/2", "a log up to 2/1");

    [Fact]
    public void A_leader_has_its_own_vote_on_disk() => _world.Leads(1).ShouldBreak("becomes the leader of term 2", "its vote for node 3");

    [Fact]
    public void Entries_go_to_the_journal_after_their_term() =>
        _world.Wants(1, new AppendToLog(1, World.Entry(2, 2), [World.CommandAt(3, 3)])).ShouldBreak("gives entry 3/3 to its journal", "term 2 only");

    [Fact]
    public void Entries_are_not_stored_before_their_term() =>
        _world.Stores(1, World.Entry(2, 2), [World.CommandAt(3, 3)]).ShouldBreak("disk of node 1", "entry 3/3 and term 2 only");

    [Fact]
    public void Nothing_is_acknowledged_beyond_what_is_durable() =>
        _world.Takes(1, World.Entry(2, 2), World.CommandAt(3, 2)).ShouldHold().Wants(1, Accepted(3)).ShouldBreak("acknowledges its log up to 3", "durable up to 2");

    [Fact]
    public void Nothing_is_acknowledged_that_the_disk_has_otherwise() =>
        _world.ShouldHold().Takes(1, World.Entry(1, 1), World.CommandAt(2, 3)).ShouldHold()
            .Changes(1, state => state.Log.Confirm(new EntriesPersisted(1, World.Entry(2, 3))))
            .ShouldBreak("takes its log up to 2/3 for durable", "entry 2/2 there");

    [Fact]
    public void A_follower_whose_log_differs_from_the_leaders_does_not_acknowledge()
    {
        _world[2].State!.Role = RaftRole.Leader;
        _world.Wants(1, Accepted(1)).ShouldHold();
        _world.Wants(1, Accepted(2)).ShouldBreak("node 1", "equal up to 2", "it has entry 2/2");
    }

    [Fact]
    public void A_follower_does_not_commit_what_is_not_durable()
    {
        _world.Takes(1, World.Entry(2, 2), World.CommandAt(3, 2)).Commits(1, 2).ShouldHold();
        _world.Commits(1, 3).ShouldBreak("raises its commit index from 2 to 3", "durable up to 2 only");
    }

    [Fact]
    public void A_leader_may_commit_what_its_own_disk_lacks_and_knows_it_when_it_follows()
    {
        _world.Changes(2, state => state.Role = RaftRole.Leader).Takes(2, World.Entry(2, 1), World.CommandAt(3, 2)).Commits(2, 3)
            .Changes(2, state => state.Role = RaftRole.Follower).ShouldHold();
    }

    [Fact]
    public void A_node_that_comes_back_with_less_than_its_disk_holds_is_reported() =>
        _world.Crashes(1).Joins(1, new RecoveredState(new Term(2), World.Id(3), _world.Voters, World.Log("1")))
            .ShouldBreak("starts with a log up to 1/1", "holds one up to 2/2");

    [Fact]
    public void A_term_taken_for_durable_that_is_not_on_disk_is_reported() =>
        _world.Changes(1, state =>
        {
            state.Vote.Raise(new Term(3));
            state.Vote.Confirm(new TermPersisted(new Term(3), null));
        }).ShouldBreak("takes term 3 for durable", "holds term 2");

    static Send Vote(long term, int to) => new(World.Id(to), new VoteReply(World.Id(1), new Term(term), ElectionKind.Vote, 1, VoteRefusal.None));

    static Send Request(long term, EntryId last, int from = 2) =>
        new(World.Id(3), new VoteRequest(World.Id(from), new Term(term), ElectionKind.Vote, 1, last));

    static Send Accepted(long match) => new(World.Id(2), AppendEntriesReply.Accepted(World.Id(1), new Term(2), 1, new LogIndex(match), new LogIndex(match)));

    static Send Installed(long match) => new(World.Id(2), new InstallSnapshotReply(World.Id(1), new Term(2), default, InstallOutcome.Installed, 0, new LogIndex(match)));

    [Fact]
    public void What_a_snapshot_on_disk_stands_for_is_durable() =>
        _world.StoresSnapshot(1, _world.Snapshot(2, 2)).Compacts(1, 1).Compacts(1, 2).Wants(1, Accepted(2)).Wants(1, Accepted(1)).Wants(1, Installed(2)).ShouldHold();

    [Fact]
    public void A_snapshot_that_makes_the_stored_log_void_is_right_before_and_after_it_is_told() =>
        _world.Start(3, term: 2, log: "1 1 1").StoresSnapshot(3, _world.Snapshot(2, 2)).Steps(3).Installs(3, _world.Snapshot(3, 2)).RestartsDisk(3, World.Entry(3, 2)).ShouldHold()
            .Crashes(3).StartFrom(3, term: 2, _world.Snapshot(3, 2), World.Entry(3, 2)).ShouldHold();

    [Fact]
    public void A_log_that_a_snapshot_made_void_is_not_taken_for_durable_any_more() =>
        _world.Start(3, term: 2, log: "1 1 1").StoresSnapshot(3, _world.Snapshot(2, 2)).Changes(3, state => state.Snapshot = _world.Snapshot(2, 2)).Stores(3, term: 2)
            .ShouldBreak("node 3", "takes its log up to 3/1 for durable", "a log up to 2/2");

    [Fact]
    public void What_is_compacted_without_a_snapshot_is_not_acknowledged() =>
        _world.StoresSnapshot(1, _world.Snapshot(1, 1)).Changes(1, state => state.Log.CompactTo(new LogIndex(2))).ShouldHold()
            .Keeps(1).Wants(1, Accepted(1)).ShouldBreak("acknowledges its log up to 1");

    [Fact]
    public void A_snapshot_is_not_acknowledged_beyond_what_is_durable() =>
        _world.Takes(1, World.Entry(2, 2), World.CommandAt(3, 2)).ShouldHold().Wants(1, Installed(3)).ShouldBreak("acknowledges its log up to 3", "durable up to 2");

    [Fact]
    public void A_snapshot_is_not_acknowledged_where_the_logs_differ()
    {
        _world[2].State!.Role = RaftRole.Leader;
        _world.Wants(1, Installed(2)).ShouldBreak("node 1", "equal up to 2", "it has entry 2/2");
    }

    [Fact]
    public void A_snapshot_is_sent_after_its_leaders_term_is_on_disk()
    {
        var message = new InstallSnapshot(World.Id(1), new Term(3), new TransferId(new Term(3), 1), _world.Snapshot(1, 1), 0, default);
        _world.Wants(1, new SendSnapshotChunk(World.Id(2), message, 10)).ShouldBreak("announces term 3 with a InstallSnapshot", "term 2 only");
    }

    [Fact]
    public void A_log_begins_anew_after_its_term_is_on_disk() =>
        _world.Wants(1, new RestartLog(1, World.Entry(5, 3))).ShouldBreak("begin its log anew behind entry 5/3", "term 2 only");

    [Fact]
    public void A_node_that_starts_without_its_newest_snapshot_is_reported() =>
        _world.StoresSnapshot(1, _world.Snapshot(2, 2)).Crashes(1).Joins(1, new RecoveredState(new Term(2), World.Id(3), _world.Voters, World.Log("1 2")))
            .ShouldBreak("node 1", "starts with no snapshot", "a snapshot of 2/2");
}
