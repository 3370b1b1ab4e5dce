using AkkaRaft.Consensus;
using AkkaRaft.TestKit.Invariants;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Invariants;

public sealed class ConfigurationSafetyTests
{
    readonly World _world = new World(committed => new ConfigurationSafety(committed)).Start(1, term: 2, vote: 1, log: "1 1");

    [Fact]
    public void A_change_by_one_voter_is_in_force_when_it_is_appended_and_not_any_more_when_it_is_cut_off()
    {
        _world.Start(2, term: 2, log: "1 1").Changes(2, state => Appends(state, 3, 2, World.VotersOf(4))).ShouldHold();
        _world.Changes(2, state =>
        {
            var cut = state.Log.AppendAfter(World.Entry(2, 1), [World.CommandAt(3, 3)], LogIndex.Zero)!;
            state.Configurations.OnAppended(cut);
        }).ShouldHold();
    }

    [Fact]
    public void Nodes_that_were_founded_with_different_voters_are_reported() =>
        _world.Start(2, term: 1, founders: World.VotersOf(5)).ShouldBreak("node 2", "founded with the voters 1=host:1", "node 1 with");

    [Fact]
    public void A_node_that_ignores_the_configuration_in_its_log_is_reported() =>
        _world.Changes(1, state => state.Log.Append([Change(3, 2, World.VotersOf(4))])).ShouldBreak("node 1", "of index 0", "of index 3");

    [Fact]
    public void A_node_that_goes_on_with_a_configuration_that_was_cut_off_is_reported()
    {
        _world.Changes(1, state => Appends(state, 3, 2, World.VotersOf(4))).ShouldHold();
        _world.Takes(1, World.Entry(2, 1), World.CommandAt(3, 3)).ShouldBreak("node 1", "goes by the voters", "of index 3", "of index 0");
    }

    [Fact]
    public void Configurations_whose_majorities_need_not_meet_are_reported() =>
        _world.Changes(1, state => Appends(state, 3, 2, World.VotersOf(5))).ShouldBreak("entry 3/2", "two majorities");

    [Fact]
    public void A_leader_that_changes_the_voters_before_the_last_change_is_committed_is_reported()
    {
        Leads(first: 2);
        _world.Changes(1, state => state.CommitIndex = new LogIndex(2)).Changes(1, state => Appends(state, 3, 2, World.VotersOf(4))).ShouldHold();
        _world.Changes(1, state => Appends(state, 4, 2, World.VotersOf(5))).ShouldBreak("entry 4/2", "the change of index 3 is not committed");
    }

    [Fact]
    public void A_leader_that_changes_the_voters_before_it_has_committed_in_its_term_is_reported()
    {
        Leads(first: 2);
        _world.Changes(1, state => Appends(state, 3, 2, World.VotersOf(4))).ShouldBreak("entry 3/2", "not committed its no-op of index 2");
    }

    void Leads(long first) => _world.Changes(1, state => (state.Role, state.Leadership) = (RaftRole.Leader, new LeaderState { FirstIndex = new LogIndex(first) }));

    static void Appends(NodeState state, long index, long term, Configuration voters) =>
        state.Configurations.OnAppended(state.Log.Append([Change(index, term, voters)]));

    static ConfigurationEntry Change(long index, long term, Configuration voters) => new(World.Entry(index, term), DateTimeOffset.UnixEpoch, voters);

    // Node 1 has changed the voters, and they are committed; node 2 gets a snapshot of that.
    World Committed()
    {
        _world.Changes(1, state => Appends(state, 3, 2, World.VotersOf(4))).Changes(1, state => state.CommitIndex = new LogIndex(3)).Changes(1, state => state.Log.Append([World.CommandAt(4, 2)]));
        return _world.Changes(1, state => state.CommitIndex = new LogIndex(4)).Start(2, term: 2);
    }

    [Fact]
    public void What_a_snapshot_says_is_in_force() =>
        Committed().Installs(2, _world.Snapshot(4, 2, World.VotersOf(4))).Changes(2, state => Appends(state, 5, 2, World.VotersOf(5))).ShouldHold()
            .Crashes(2).StartFrom(2, term: 2, _world.Snapshot(4, 2, World.VotersOf(4)), World.Entry(4, 2)).ShouldHold();

    [Fact]
    public void Compaction_changes_nothing() =>
        Committed().Changes(1, state => state.Log.Confirm(new EntriesPersisted(2, World.Entry(4, 2)))).Compacts(1, 2).Compacts(1, 4)
            .Changes(1, state => Appends(state, 5, 2, World.VotersOf(5))).ShouldHold();

    [Fact, Trait("RaftBug", "B57")]
    public void A_snapshot_that_lost_a_change_of_the_voters_is_reported() =>
        Committed().Installs(2, _world.Snapshot(4, 2)).ShouldBreak("node 2", "goes by the voters 1=host:1,2=host:2,3=host:3 of index 4", "of index 3");

    [Fact, Trait("RaftBug", "B57")]
    public void A_node_that_goes_by_its_founders_after_a_snapshot_is_reported()
    {
        Committed().ShouldHold();
        var state = _world[2].State!;
        state.Log.Install(World.Entry(4, 2));
        _world.Steps(2).ShouldBreak("node 2", "of index 0", "of index 3");
    }

    [Fact, Trait("RaftBug", "B57")]
    public void A_node_that_starts_from_a_snapshot_that_lost_a_change_is_reported() =>
        Committed().StartFrom(3, term: 2, _world.Snapshot(4, 2), World.Entry(4, 2)).ShouldBreak("node 3", "of index 4", "of index 3");
}
