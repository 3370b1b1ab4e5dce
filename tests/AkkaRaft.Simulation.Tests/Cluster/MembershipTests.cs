using AkkaRaft.TestKit;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Cluster;

/// <summary>Whole clusters whose members change (Raft 6, thesis 4), as scripts tell them.</summary>
public sealed class MembershipTests
{
    [Fact]
    public void One_node_grows_to_three_and_each_of_them_can_go()
    {
        using var cluster = Founded(nodes: 1, spares: 2);
        foreach (var node in new[] { 2, 3 })
        {
            cluster.AddMember(node);
            cluster.RunUntil(Votes(node));
        }

        cluster.SendUntilDone(new AddLine("three"));
        for (var left = 3; left > 1; left--)
        {
            cluster.RunUntil(Conditions.Converged);   // a leader that has not committed yet would refuse it
            var leader = cluster.Leader!.Value;
            cluster.RemoveMember(leader);
            cluster.RunUntil(new Condition($"{leader} is gone", c => c.Leader is { } next && next != leader && c.StatusOf(next)!.Configuration!.Voters.Count() == left - 1));
            cluster.RunUntil(new Condition($"{leader} knows it", c => c.StatusOf(leader)!.IsRemoved));
        }

        cluster.SendUntilDone(new AddLine("one"));
        cluster.RunUntil(Conditions.Converged);
    }

    /// <summary>Two at once, two out at once: through joint configurations, which survive that all nodes crash.</summary>
    [Fact, Trait("RaftBug", "B67"), Trait("RaftBug", "B68")]
    public void A_joint_configuration_survives_a_crash_of_all()
    {
        for (var seed = 1ul; seed <= 20; seed++)
        {
            using var cluster = Founded(nodes: 3, spares: 2, seed);
            cluster.ChangeMembers([1, 2, 3], learners: [4, 5]);
            cluster.RunUntil(new Condition("the learners have all", c => c.Leader is { } leader && c.StatusOf(leader)!.Configuration is { IsCommitted: true } now && now.Members.Count == 5
                && now.Members.All(member => member.Storage is not null)));
            cluster.RunFor(1.Seconds());
            cluster.ChangeMembers([1, 4, 5]);
            cluster.RunUntil(new Condition("joint somewhere", c => Enumerable.Range(1, 5).Any(node => c.StatusOf(node)?.Configuration?.IsJoint == true)));
            cluster.RunFor(TimeSpan.FromMicroseconds(seed * 137));
            for (var node = 1; node <= 5; node++) cluster.Crash(node);

            cluster.EndFaults();

            cluster.SendUntilDone(new AddLine("on"));
            cluster.RunUntil(Conditions.Converged);
            cluster.StatusOf(cluster.Leader!.Value)!.Configuration!.IsJoint.ShouldBeFalse();
        }
    }

    /// <summary>Its disk is lost, it comes back under its name, and the others know better than it.</summary>
    [Fact, Trait("RaftBug", "B71")]
    public void A_wiped_disk_is_refused_until_its_node_is_removed_and_added_again()
    {
        using var cluster = Founded(nodes: 3, spares: 0);
        cluster.RunUntil(Conditions.Converged);
        cluster.SendUntilDone(new AddLine("kept"));
        cluster.RunUntil(Conditions.Converged);
        var follower = cluster.Leader!.Value % 3 + 1;

        cluster.WipeDisk(follower);
        cluster.Restart(follower);
        cluster.RunUntil(new Condition("it is refused, and stops", c => c.Counters.WipedRefused == 1));
        cluster.StatusOf(follower).ShouldBeNull();

        cluster.MendWipedDisks();
        cluster.AddMember(follower);
        cluster.RunUntil(Votes(follower));
        cluster.RunUntil(Conditions.Converged);
        cluster.StatusOf(follower)!.AppliedIndex.ShouldBe(cluster.StatusOf(cluster.Leader!.Value)!.AppliedIndex);
    }

    /// <summary>With two of three disks gone something acknowledged could be gone too: that is no fault that can be survived.</summary>
    [Fact]
    public void No_more_disks_are_wiped_than_a_majority_can_spare()
    {
        using var cluster = Founded(nodes: 3, spares: 0);
        cluster.RunUntil(Conditions.Converged);

        for (var node = 1; node <= 3; node++) cluster.WipeDisk(node);

        cluster.Counters.DisksWiped.ShouldBe(1);
    }

    /// <summary>A node that was cut off while it was removed knows nothing of it, comes back and disturbs nobody (thesis 4.2.3).</summary>
    [Fact, Trait("RaftBug", "B23")]
    public void A_node_that_was_removed_while_it_was_cut_off_is_told_when_it_comes_back()
    {
        using var cluster = Founded(nodes: 3, spares: 0);
        cluster.RunUntil(Conditions.Converged);
        var (leader, away) = (cluster.Leader!.Value, cluster.Leader.Value % 3 + 1);
        cluster.Isolate(away);
        cluster.RunFor(5.Seconds());
        cluster.RemoveMember(away);
        cluster.RunUntil(new Condition("it is removed", c => c.StatusOf(leader)!.Configuration is { IsCommitted: true } now && now.Members.Count == 2));
        cluster.RunFor(5.Seconds());
        var term = cluster.StatusOf(leader)!.Term;

        cluster.Heal();
        cluster.RunUntil(new Condition("it knows", c => c.StatusOf(away)!.IsRemoved));
        cluster.RunFor(5.Seconds());

        (cluster.Leader, cluster.StatusOf(leader)!.Term).ShouldBe((leader, term));
    }

    static Condition Votes(int node) => new($"{node} votes", c => c.Leader is { } leader && c.StatusOf(leader)!.Configuration is { IsCommitted: true } now
        && now.Find(new NodeId($"{node}")) is { Role: RaftMemberRole.Voter });

    static SimulatedCluster Founded(int nodes, int spares, ulong seed = 1)
    {
        var cluster = new SimulatedCluster(seed, new ClusterOptions { Nodes = nodes, Spares = spares, StateMachine = () => new Journaled() });
        cluster.Start();
        cluster.RunUntil(Conditions.LeaderElected);
        cluster.SendUntilDone(new AddLine("founded"));
        return cluster;
    }
}
