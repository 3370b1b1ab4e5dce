using AkkaRaft.Consensus;
using AkkaRaft.TestKit.Invariants;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Invariants;

public sealed class ElectionSafetyTests
{
    // Node 2 votes for 1; 3 for nobody.
    readonly World _world = new World(_ => new ElectionSafety()).Start(1, term: 2, vote: 1).Start(2, term: 2, vote: 1).Start(3, term: 2);

    [Fact]
    public void One_leader_with_the_durable_votes_of_a_majority_is_right() =>
        _world.Leads(1).Wants(1, Append(2)).Stores(3, term: 3, vote: 3).Stores(2, term: 3, vote: 3).Start(3, term: 3, vote: 3).Leads(3).ShouldHold();

    [Fact]
    public void Two_leaders_of_one_term_are_reported()
    {
        _world.Leads(1).ShouldHold();
        _world.Leads(3).ShouldBreak("term 2 has two leaders", "node 1", "node 3");
    }

    [Fact]
    public void A_node_that_leads_its_term_again_after_a_crash_is_a_second_leader() =>
        _world.Leads(1).ShouldHold().Crashes(1).Start(1, term: 2, vote: 1).Leads(1).ShouldBreak("term 2 has two leaders", "start 1", "start 2");

    [Fact]
    public void A_leader_without_a_majority_of_durable_votes_is_reported() =>
        new World(_ => new ElectionSafety(), nodes: 5).Start(1, term: 2, vote: 1).Stores(2, term: 2, vote: 1).Stores(3, term: 2, vote: 3).Leads(1)
            .ShouldBreak("leads term 2 with 2 durable votes of 5 voters; a majority is 3");

    [Fact]
    public void A_leader_that_no_role_change_told_of_is_seen_all_the_same() =>
        _world.Changes(3, state => state.Role = RaftRole.Leader).ShouldBreak("node 3", "with 0 durable votes");

    [Fact]
    public void Appends_of_a_node_that_was_not_elected_are_reported()
    {
        _world.Leads(1).Wants(1, Append(2)).ShouldHold();
        _world.Wants(2, Append(2)).ShouldBreak("node 2", "sends AppendEntries of term 2");
    }

    static Send Append(long term) =>
        new(World.Id(3), new AppendEntries(World.Id(1), new Term(term), 1, EntryId.Zero, [], LogIndex.Zero));

    [Fact]
    public void Snapshots_of_a_node_that_was_not_elected_are_reported()
    {
        var snapshot = _world.Snapshot(1, 1);
        _world.Leads(1).Wants(1, Install(1, snapshot)).ShouldHold();
        _world.Wants(2, Install(2, snapshot)).ShouldBreak("node 2", "sends InstallSnapshot of term 2");
    }

    static SendSnapshotChunk Install(int from, StoredSnapshot snapshot) =>
        new(World.Id(3), new InstallSnapshot(World.Id(from), new Term(2), new TransferId(new Term(2), 1), snapshot, 0, default), 4);
}
