using AkkaRaft.Consensus;
using AkkaRaft.TestKit.Invariants;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Invariants;

public sealed class LeaderAppendOnlyTests
{
    readonly World _world = new World(_ => new LeaderAppendOnly()).Start(1, term: 2, vote: 1, log: "1 1").Leads(1);

    [Fact]
    public void A_leader_that_appends_is_right() =>
        _world.Wants(1, new AppendToLog(1, World.Entry(2, 1), [World.CommandAt(3, 2)])).Changes(1, state => state.Log.Append([World.CommandAt(3, 2)])).ShouldHold();

    [Fact]
    public void A_follower_may_cut_what_it_had_as_a_leader()
    {
        _world.Changes(1, state => state.Role = RaftRole.Follower).Takes(1, World.Entry(1, 1), World.CommandAt(2, 2)).ShouldHold();
    }

    [Fact]
    public void A_leader_that_overwrites_an_entry_is_reported() =>
        _world.Takes(1, World.Entry(1, 1), World.CommandAt(2, 2)).ShouldBreak("node 1 (leader of term 2)", "had entry 2/1", "entry 2/2 over it");

    [Fact]
    public void A_leader_that_cuts_and_appends_more_is_reported() =>
        _world.Takes(1, World.Entry(1, 1), World.CommandAt(2, 2), World.CommandAt(3, 2)).ShouldBreak("had entry 2/1", "entry 2/2 over it");

    [Fact]
    public void A_leader_whose_log_became_shorter_is_reported() =>
        _world.Takes(1, EntryId.Zero, World.CommandAt(1, 2)).ShouldBreak("had a log up to 2/1", "now it ends at 1/2");

    [Fact]
    public void A_write_that_cuts_a_leaders_journal_is_reported() =>
        _world.Wants(1, new AppendToLog(1, World.Entry(1, 1), [World.CommandAt(2, 2)])).ShouldBreak("to keep its log up to 1/1 only", "ended at 2/1");

    [Fact]
    public void A_leader_that_compacts_its_log_and_appends_is_right() =>
        _world.StoresSnapshot(1, _world.Snapshot(2, 1)).Compacts(1, 1).Compacts(1, 2).Changes(1, state => state.Log.Append([World.CommandAt(3, 2)])).ShouldHold();

    [Fact]
    public void A_leader_that_compacts_and_overwrites_an_entry_is_reported() =>
        _world.Compacts(1, 1).Takes(1, World.Entry(1, 1), World.CommandAt(2, 2)).ShouldBreak("had entry 2/1", "entry 2/2 over it");

    [Fact]
    public void A_leader_whose_log_begins_anew_is_reported()
    {
        _world.Changes(1, state => state.Log.Install(World.Entry(4, 2))).ShouldBreak("had a log up to 2/1", "begins behind 4/2");
        new World(_ => new LeaderAppendOnly()).Start(1, term: 2, vote: 1, log: "1 1").Leads(1).Wants(1, new RestartLog(1, World.Entry(4, 2)))
            .ShouldBreak("begin its log anew behind 4/2", "ended at 2/1");
    }
}
