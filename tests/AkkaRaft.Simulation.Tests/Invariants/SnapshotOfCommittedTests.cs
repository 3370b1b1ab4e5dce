using AkkaRaft.Consensus;
using AkkaRaft.TestKit.Invariants;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Invariants;

public sealed class SnapshotOfCommittedTests
{
    readonly World _world = new World(committed => new SnapshotOfCommitted(committed)).Start(1, term: 2, vote: 1, log: "1 1 2").Start(2, term: 2).Start(3, term: 2).Commits(1, 3);

    [Fact]
    public void A_snapshot_that_is_taken_sent_installed_and_started_from_is_right()
    {
        _world.TakesSnapshot(1, 2).Wants(1, Sent(_world.Snapshot(2, 1))).Installs(2, _world.Snapshot(2, 1)).TakesSnapshot(1, 3).ShouldHold();
        _world.Crashes(2).StartFrom(2, term: 2, _world.Snapshot(2, 1), World.Entry(2, 1), log: "2").Commits(2, 3).TakesSnapshot(2, 3).ShouldHold();
    }

    [Fact]
    public void What_was_given_to_the_machine_after_the_snapshot_may_follow_in_the_same_step()
    {
        var state = _world[1].State!;
        state.Applying = new LogIndex(3);
        _world.Wants(1, new ApplyCommitted([.. World.Log("1 1")])).Wants(1, new TakeSnapshot(_world.Snapshot(2, 1).Mark)).Wants(1, new ApplyCommitted([World.CommandAt(3, 2)])).ShouldHold();
    }

    [Fact]
    public void A_snapshot_of_what_is_not_committed_is_reported()
    {
        _world.StoresSnapshot(2, _world.Snapshot(4, 2)).ShouldBreak("node 2", "has on its disk a snapshot of 4/2", "ends at index 3");
        var other = new World(committed => new SnapshotOfCommitted(committed)).Start(1, term: 2, log: "1 1 2").Commits(1, 2);
        other.Hands(1, 3).Wants(1, new TakeSnapshot(other.Snapshot(3, 2).Mark)).ShouldBreak("node 1", "takes a snapshot of 3/2", "ends at index 2");
    }

    [Fact]
    public void A_snapshot_of_another_entry_than_the_committed_one_is_reported() =>
        _world.Wants(1, Sent(_world.Snapshot(3, 1))).ShouldBreak("node 1", "sends a snapshot of 3/1", "there is entry 3/2");

    [Fact, Trait("RaftBug", "B57")]
    public void A_snapshot_with_other_voters_than_those_that_were_committed_there_is_reported() =>
        _world.StoresSnapshot(2, _world.Snapshot(2, 1, World.VotersOf(4))).ShouldBreak("snapshot of 2/1 with the voters", "4=host:4", "committed there are 1=host:1,2=host:2,3=host:3");

    [Fact, Trait("RaftBug", "B57")]
    public void The_voters_of_a_snapshot_are_those_of_its_own_place()
    {
        var change = new ConfigurationEntry(World.Entry(4, 2), DateTimeOffset.UnixEpoch, World.VotersOf(4));
        _world.Takes(1, World.Entry(3, 2), change).Commits(1, 4).StoresSnapshot(2, _world.Snapshot(4, 2, World.VotersOf(4))).StoresSnapshot(1, _world.Snapshot(3, 2)).ShouldHold();
        _world.StoresSnapshot(3, _world.Snapshot(4, 2)).ShouldBreak("node 3", "4=host:4");
    }

    [Fact, Trait("RaftBug", "B41")]
    public void A_snapshot_of_what_the_own_disk_lacks_is_reported() =>
        _world.Takes(1, World.Entry(3, 2), World.CommandAt(4, 2)).Commits(1, 4).Hands(1, 4).Wants(1, new TakeSnapshot(_world.Snapshot(4, 2).Mark))
            .ShouldBreak("node 1", "takes a snapshot of 4/2", "durable up to 3", "a log up to 3/2");

    [Fact, Trait("RaftBug", "B58")]
    public void A_snapshot_that_does_not_stand_where_the_machine_will_be_is_reported() =>
        _world.Hands(1, 3).Wants(1, new TakeSnapshot(_world.Snapshot(2, 1).Mark)).ShouldBreak("takes a snapshot of 2/1", "given its machine 3 entries");

    [Fact, Trait("RaftBug", "B54")]
    public void A_snapshot_of_less_than_was_committed_is_not_installed() =>
        _world.Wants(1, new RestoreMachine(_world.Snapshot(2, 1))).ShouldBreak("node 1", "installs a snapshot of 2/1", "had committed up to 3");

    [Fact]
    public void A_node_that_installs_a_snapshot_and_does_not_know_what_is_committed_is_reported() =>
        _world.Wants(2, new RestoreMachine(_world.Snapshot(2, 1))).ShouldBreak("node 2", "installs a snapshot of 2/1", "committed up to 0 only");

    [Fact, Trait("RaftBug", "B54")]
    public void A_node_that_goes_by_an_older_snapshot_than_before_is_reported() =>
        _world.TakesSnapshot(1, 3).ShouldHold().Changes(1, state => state.Snapshot = _world.Snapshot(2, 1)).ShouldBreak("goes by a snapshot of 2/1", "one of 3/2 before");

    [Fact]
    public void A_node_that_starts_from_a_snapshot_of_nothing_committed_is_reported() =>
        _world.Joins(3, new RecoveredState(new Term(2), null, _world.Voters, []) { Base = World.Entry(9, 2), Snapshot = _world.Snapshot(9, 2) })
            .ShouldBreak("node 3", "starts from a snapshot of 9/2", "ends at index 3");

    static SendSnapshotChunk Sent(StoredSnapshot snapshot) =>
        new(World.Id(2), new InstallSnapshot(World.Id(1), new Term(2), new TransferId(new Term(2), 1), snapshot, 0, default), 4);
}
