using AkkaRaft.Consensus;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Consensus.Paper;

/// <summary>Election priorities: when a node stands, never whether it may.</summary>
public sealed class PriorityRules
{
    static readonly CoreOptions Options = new();

    /// <summary>Raft 5.2: whatever its priority, a node waits a random time, and never less than the minimum that leaders and leases rely on.</summary>
    [Theory, InlineData(50, 600, 1200), InlineData(100, 600, 900), InlineData(75, 600, 1050), InlineData(0, 1200, 1800), InlineData(25, 900, 1500)]
    public void A_priority_moves_the_wait_and_never_below_the_minimum(int priority, int from, int to)
    {
        var random = new ElectionRandom(7);
        var waits = Enumerable.Range(0, 2000).Select(_ => ElectionPriority.Wait(Options with { ElectionPriority = priority }, random, 0).TotalMilliseconds).ToList();

        waits.Min().ShouldBeInRange(from, from + 20);
        waits.Max().ShouldBeInRange(to - 20, to);
    }

    /// <summary>Each campaign without a leader halves what a priority counts for.</summary>
    [Theory, InlineData(0), InlineData(100)]
    public void A_priority_counts_half_as_much_after_each_fruitless_campaign(int priority)
    {
        var options = Options with { ElectionPriority = priority };
        double Longest(int fruitless)
        {
            var random = new ElectionRandom(7);
            return Enumerable.Range(0, 2000).Max(_ => ElectionPriority.Wait(options, random, fruitless).TotalMilliseconds);
        }

        var expected = priority == 0 ? new[] { 1800, 1500, 1350, 1275, 1200 } : [900, 1050, 1125, 1162, 1200];
        foreach (var (fruitless, longest) in new[] { 0, 1, 2, 3, 60 }.Zip(expected)) Longest(fruitless).ShouldBeInRange(longest - 15, longest + 1);
    }

    /// <summary>A node counts its campaigns until it hears a leader.</summary>
    [Fact]
    public void Campaigns_are_counted_until_a_leader_is_heard()
    {
        var node = Core.Recovered(term: 3, log: "1");
        node.TimesOut().TimesOut();
        node.State.FruitlessCampaigns.ShouldBe(2);

        node.Receives(Messages.Append(from: 2, term: 3, after: "1/1"));

        node.State.FruitlessCampaigns.ShouldBe(0);
    }

    /// <summary>A follower tells its priority with every answer; a leader remembers the newest.</summary>
    [Fact]
    public void A_follower_tells_its_leader_its_priority()
    {
        var follower = Core.Follower(term: 3, log: "1 3", options: Options with { ElectionPriority = 80 });
        follower.Receives(Messages.Append(from: 2, term: 3, after: "2/3"), Messages.Append(from: 2, term: 3, after: "9/3"));
        follower.Sent.Select(s => ((AppendEntriesReply)s.Message).Priority).ShouldBe([80, 80]);

        var leader = Core.Leader(term: 3, log: "1 3");
        leader.Receives(Messages.Accepted(from: 2, term: 3, upTo: 2) with { Priority = 80 });
        leader.State.Leadership!.Peers[Entries.Node(2)].Priority.ShouldBe(80);
    }

    /// <summary>With all timers started together the preferred node nearly always leads; without it the others elect all the same, however low they are.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void A_preferred_node_leads_when_it_lives_and_is_not_missed_when_it_is_dead(bool dead)
    {
        var preferred = 0;
        for (var run = 0; run < 20; run++)
        {
            var cluster = new CoreCluster(3, priority: node => node == 1 ? 100 : 0);
            foreach (var node in cluster.Nodes) node.Clock += TimeSpan.FromMilliseconds(run);
            if (dead) cluster.Crash(cluster[1]);
            for (var passed = 0; passed < 6000 && cluster.Leader is null; passed += 50)
            {
                foreach (var node in cluster.Nodes) cluster.Tick(node, node.IsRunning ? CoreCluster.TickInterval : TimeSpan.Zero);
                cluster.Stabilize(cluster.Nodes);
            }

            if (cluster.Leader.ShouldNotBeNull("a leader within 6 s").Number == 1) preferred++;
        }

        preferred.ShouldBe(dead ? 0 : 20);
    }
}
