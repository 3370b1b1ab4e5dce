using AkkaRaft.Consensus;
using AkkaRaft.TestKit.Invariants;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Invariants;

public sealed class SnapshotOnDiskTests
{
    // Event 1 has entries 1 to 3, event 2 has entry 4.
    readonly World _world = new World(_ => new SnapshotOnDisk()).Start(1, term: 2, log: "1 1 2").Stores(1, World.Entry(3, 2), [World.CommandAt(4, 2)]).Start(2, term: 2);

    [Fact]
    public void Snapshots_that_are_stored_compacted_to_sent_and_replaced_are_right()
    {
        _world.Commits(1, 3).TakesSnapshot(1, 2).Compacts(1, 1).Wants(1, Sent(_world.Snapshot(2, 1))).Compacts(1, 2).TakesSnapshot(1, 3).ShouldHold();
        _world.Wants(1, new RetainSnapshots([World.Entry(3, 2)])).Keeps(1, World.Entry(3, 2)).Compacts(1, 3).Deletes(1, 1).ShouldHold();
        _world.Installs(2, _world.Snapshot(3, 2)).RestartsDisk(2, World.Entry(3, 2)).CompactsDisk(2, World.Entry(3, 2)).Deletes(2, 1).ShouldHold();
        _world.Crashes(2).StartFrom(2, term: 2, _world.Snapshot(3, 2), World.Entry(3, 2), log: "2").ShouldHold();
    }

    [Fact]
    public void Chunks_that_no_directory_speaks_of_may_come_and_go()
    {
        _world.StoresSnapshot(1, _world.Snapshot(2, 1)).StoresSnapshot(1, _world.Snapshot(3, 2)).Keeps(1, World.Entry(3, 2)).ShouldHold();
        for (var number = 1; number <= 4; number++) _world[1].Disk.Snapshots.DeleteChunk(1, number);
        _world.Stores(1, term: 2).ShouldHold();
    }

    [Fact, Trait("RaftBug", "B60")]
    public void A_directory_with_half_a_snapshot_is_reported() =>
        _world.StoresSnapshot(1, _world.Snapshot(2, 1), without: 2).ShouldBreak("disk of node 1", "a snapshot of 2/1", "chunk 2 of 4 is not there");

    [Fact, Trait("RaftBug", "B60")]
    public void A_snapshot_whose_bytes_are_of_another_one_is_reported() =>
        _world.StoresSnapshot(1, _world.Snapshot(2, 1) with { Checksum = 7 }).ShouldBreak("a snapshot of 2/1", "checksum", "not 0000000000000007");

    [Fact, Trait("RaftBug", "B60")]
    public void A_snapshot_of_another_length_is_reported() =>
        _world.StoresSnapshot(1, _world.Snapshot(2, 1) with { Length = 40 }).ShouldBreak("a snapshot of 2/1", "16 bytes together, not 40");

    [Fact, Trait("RaftBug", "B60")]
    public void A_chunk_that_is_deleted_while_its_snapshot_counts_is_reported() =>
        _world.StoresSnapshot(1, _world.Snapshot(2, 1)).ShouldHold().LosesChunk(1, 4).ShouldBreak("a snapshot of 2/1", "chunk 4 of 4 is not there");

    [Fact, Trait("RaftBug", "B60")]
    public void A_slot_that_is_written_again_while_its_snapshot_counts_is_reported()
    {
        _world.StoresSnapshot(1, _world.Snapshot(2, 1)).ShouldHold();
        _world[1].Disk.Snapshots.Store(1, 1, new Journals.SnapshotChunk(1, new byte[4], 0));
        _world.Stores(1, term: 2).ShouldBreak("a snapshot of 2/1", "checksum");
    }

    [Fact, Trait("RaftBug", "B61")]
    public void A_node_that_goes_by_a_snapshot_that_is_not_stored_is_reported() =>
        _world.Changes(1, state => state.Snapshot = _world.Snapshot(2, 1)).ShouldBreak("node 1", "goes by a snapshot of 2/1", "no snapshot is on its disk");

    [Fact, Trait("RaftBug", "B61")]
    public void A_log_that_is_to_be_forgotten_beyond_the_snapshot_is_reported() =>
        _world.StoresSnapshot(1, _world.Snapshot(2, 1)).Wants(1, new CompactLog(World.Entry(3, 2))).ShouldBreak("node 1", "forget its log up to 3/2", "on its disk are of 2/1");

    [Fact, Trait("RaftBug", "B61")]
    public void A_disk_whose_log_begins_behind_all_snapshots_is_reported() =>
        _world.StoresSnapshot(1, _world.Snapshot(2, 1)).CompactsDisk(1, World.Entry(3, 2)).ShouldBreak("disk of node 1", "begins behind 3/2", "are of 2/1");

    [Fact, Trait("RaftBug", "B61")]
    public void A_snapshot_that_is_deleted_though_the_log_needs_it_is_reported() =>
        _world.StoresSnapshot(1, _world.Snapshot(2, 1)).CompactsDisk(1, World.Entry(2, 1)).ShouldHold().Keeps(1).ShouldBreak("disk of node 1", "begins behind 2/1", "no snapshot is on its disk");

    [Fact, Trait("RaftBug", "B61")]
    public void Events_that_are_deleted_with_entries_that_count_are_reported() =>
        _world.StoresSnapshot(1, _world.Snapshot(2, 1)).CompactsDisk(1, World.Entry(2, 1)).Deletes(1, 1).ShouldBreak("journal of node 1", "up to 1", "event 1 has entry 3");

    [Fact, Trait("RaftBug", "B61")]
    public void Events_that_are_deleted_before_one_says_what_stands_for_them_are_reported()
    {
        _world.Deletes(1, 1).ShouldBreak("journal of node 1", "no later one says");
        var other = new World(_ => new SnapshotOnDisk());
        other.Start(1, term: 2, log: "1 1").StoresSnapshot(1, other.Snapshot(2, 1)).CompactsDisk(1, World.Entry(2, 1)).ShouldHold()
            .Deletes(1, 2).ShouldBreak("up to 2", "the newest that does is 2");
    }

    [Fact]
    public void A_machine_that_is_to_begin_anew_from_what_is_not_stored_is_reported() =>
        _world.Wants(2, new RestoreMachine(_world.Snapshot(2, 1))).ShouldBreak("node 2", "begin anew from a snapshot of 2/1", "no snapshot");

    [Fact]
    public void A_log_that_is_to_begin_anew_without_a_snapshot_is_reported() =>
        _world.Wants(2, new RestartLog(1, World.Entry(2, 1))).ShouldBreak("node 2", "begin its log anew behind 2/1", "no snapshot");

    [Fact]
    public void A_snapshot_that_is_sent_and_not_stored_is_reported() =>
        _world.StoresSnapshot(1, _world.Snapshot(2, 1)).Wants(1, Sent(_world.Snapshot(3, 2))).ShouldBreak("node 1", "sends a snapshot of 3/2", "are of 2/1");

    [Fact]
    public void A_node_that_lets_go_of_its_newest_snapshot_is_reported() =>
        _world.Commits(1, 3).TakesSnapshot(1, 2).Wants(1, new RetainSnapshots([World.Entry(1, 1)])).ShouldBreak("keep 1/1 only", "goes by a snapshot of 2/1");

    static SendSnapshotChunk Sent(StoredSnapshot snapshot) =>
        new(World.Id(2), new InstallSnapshot(World.Id(1), new Term(2), new TransferId(new Term(2), 1), snapshot, 0, default), 4);
}
