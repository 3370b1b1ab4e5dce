using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Story;

namespace AkkaRaft.Tests.Consensus.KnownBugs;

/// <summary>Who is who when disks are lost, and when names pass on: founders, newcomers, and those that were removed.</summary>
public sealed class WhoIsWhoStories
{
    /// <summary>
    /// Three founders have greeted each other. Node 3 is cut off before it has stored anything; 1 and 2 acknowledge a write; node 2 loses its disk and is started again with its settings unchanged, as a
    /// scheduler does; node 1 dies. Node 3 has met another storage under that name, and must not elect anybody with this one.
    /// </summary>
    [Fact, Trait("RaftBug", "B71")]
    public void A_founder_that_met_another_storage_of_that_name_founds_nothing_with_a_wiped_one()
    {
        var cluster = new CoreCluster(3, storages: true);
        foreach (var node in cluster.Nodes)
            foreach (var other in cluster.Nodes)
                if (other != node) cluster.Step(node, new Met(other.Id, other.Storage!.Value));
        Partition(cluster, [1, 2], [3]);
        cluster.Step(cluster[1], Campaign.Instance);
        Passes(cluster, 200, () => false);
        Committed(cluster, "kept");
        cluster[3].Disk.Last.ShouldBe(EntryId.Zero);

        var founded = cluster[2].FirstConfiguration;
        cluster.Wipe(cluster[2]);
        typeof(ClusterNode).GetProperty(nameof(ClusterNode.FirstConfiguration))!.SetValue(cluster[2], founded);
        cluster.Start(cluster[2]);
        cluster.Crash(cluster[1]);
        cluster.Heal();
        Passes(cluster, 10_000, () => cluster.Leader is not null).ShouldBeFalse("what 1 and 2 acknowledged is on the disk of node 1 only");
    }

    /// <summary>
    /// Node 2 loses its disk, is removed and added again, as operations.md says. While it is sent the log, which has its removal in the middle, the leader dies for a while: the newcomer must not say
    /// that it was removed, and that its folder is not needed.
    /// </summary>
    [Fact, Trait("RaftBug", "B71")]
    public void A_newcomer_whose_leader_falls_silent_in_the_middle_of_the_log_was_not_removed()
    {
        var options = new CoreOptions { MaxAppendEntries = 1 };
        var cluster = Led(founders: 1, spares: 1, options: options, storages: true);
        Change(cluster, [1], learners: [2]);
        Passes(cluster, 1000, () => cluster[2].State.Configuration.Find(cluster[2].Id) is { Storage: not null }).ShouldBeTrue();
        cluster.Wipe(cluster[2]);
        Change(cluster, [1]);
        var removal = cluster[1].State.Configurations.EffectiveIndex;
        foreach (var command in "abcdef") Committed(cluster, command.ToString());
        Change(cluster, [1], learners: [2]);

        cluster.Start(cluster[2]);
        for (var i = 0; i < 10_000 && cluster[2].State.CommitIndex <= removal; i++)
        {
            if (cluster.InFlight.Count == 0) cluster.Tick(cluster[1], CoreCluster.TickInterval);
            foreach (var node in cluster.Nodes)
            {
                if (cluster[2].State.CommitIndex > removal) break;
                if (cluster.InFlight.Find(e => e.To == node.Number) is { } next) cluster.Deliver(next);
                cluster.PersistTerm(node);
                cluster.PersistLog(node);
            }
        }

        cluster[2].State.CommitIndex.ShouldBe(removal.Next);
        cluster.Crash(cluster[1]);
        cluster.InFlight.Clear();
        Passes(cluster, 5000, () => cluster[2].State.IsRemoved).ShouldBeFalse("it is a member, and its leader will be back");
    }

    /// <summary>
    /// A leader is cut off with proposals that nobody else has, and is removed meanwhile. When it comes back its log is longer than what the others have committed, though of an older term: it has to learn that it
    /// was removed, and be silent.
    /// </summary>
    [Fact, Trait("RaftBug", "B23")]
    public void A_removed_node_with_a_longer_log_of_an_older_term_learns_that_it_was_removed()
    {
        var cluster = Led(founders: 3, storages: true);
        Committed(cluster, "before");
        Isolate(cluster, 1);
        for (var i = 0; i < 30; i++) cluster.Propose(cluster[1], (100 + i, "never committed"));
        Passes(cluster, 10_000, () => !cluster[1].IsLeader && cluster.Leader is { } led && led.State.CommitIndex == led.State.Log.Last.Index).ShouldBeTrue();
        Change(cluster, [2, 3]);
        Passes(cluster, 10_000, () => false);
        cluster.Heal();

        Passes(cluster, 60_000, () => cluster[1].State.IsRemoved).ShouldBeTrue("it is told");
    }

    /// <summary>The documentation says that founders are bound before anything is committed: of a restored cluster too, where the first configuration stands behind the snapshot.</summary>
    [Fact, Trait("RaftBug", "B71")]
    public void Restored_founders_are_bound_before_anything_is_committed()
    {
        var last = new EntryId(new LogIndex(5), new Term(1));
        var founders = new Configuration(Entries.Voters(3).Voters) { RecoveryMark = 7 };
        var recovered = new RecoveredState(new Term(1), null, founders, []) { Base = last, Storage = new StorageId("1a"), Snapshot = new StoredSnapshot(new SnapshotMark(last, founders), 5, 5) };
        var now = TimeSpan.FromSeconds(10);
        var core = new RaftCore(Entries.Node(1), new CoreOptions(), recovered, 1, new Instant(now, Entries.Epoch + now));
        List<Effect> Step(Input input)
        {
            var effects = new Effects();
            core.Step(new Instant(now, Entries.Epoch + now), input, effects);
            return [.. effects.All];
        }

        Step(new Met(Entries.Node(2), new StorageId("2a")));
        Step(new Met(Entries.Node(3), new StorageId("3a")));
        while (core.State.Role == RaftRole.Follower)
        {
            now += TimeSpan.FromMilliseconds(50);
            Step(Tick.Instance);
        }

        Step(Messages.VoteReply(2, 1, ElectionKind.PreVote, core.State.CampaignRound));
        Step(Messages.TermDurable(2, 1));
        var led = Step(Messages.VoteReply(2, 2, ElectionKind.Vote, core.State.CampaignRound));
        core.State.Role.ShouldBe(RaftRole.Leader);
        led.OfType<AppendToLog>().SelectMany(append => append.Entries).OfType<ConfigurationEntry>().ShouldHaveSingleItem().Configuration.Members.ShouldAllBe(member => member.Storage != null);
    }
}
