using AkkaRaft.TestKit;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Cluster;

/// <summary>A majority is lost for good, and a survivor is recovered by hand: all invariants stay on, and the lost nodes come back when they like.</summary>
public sealed class RecoveryTests
{
    /// <summary>They come back with what they had, at any moment, one by one; then empty, and added; nothing that was acknowledged is lost, for the survivor had it all.</summary>
    [Fact, Trait("RaftBug", "B71")]
    public void Whoever_was_left_behind_changes_nothing_and_comes_back_as_a_newcomer()
    {
        for (var seed = 1ul; seed <= 30; seed++)
        {
            using var cluster = Founded(seed);
            var survivor = (int)(seed % 3) + 1;
            int[] lost = [survivor % 3 + 1, (survivor + 1) % 3 + 1];
            foreach (var node in lost) cluster.Crash(node);
            cluster.Crash(survivor);

            var after = cluster.Recover(survivor, survivor);
            after.Configuration.Voters.ShouldHaveSingleItem();
            cluster.Restart(survivor);
            cluster.RunUntil(Conditions.LeaderElected);
            cluster.Leader.ShouldBe(survivor);
            cluster.SendUntilDone(new AddLine("alone"));

            // Alone each of them is no majority of before; it hears of the recovery, and stops.
            foreach (var node in lost)
            {
                cluster.Restart(node);
                cluster.RunFor(TimeSpan.FromMilliseconds(200 + (137 * (seed % 11))));
                cluster.SendUntilDone(new AddLine($"while {node} is back"));
                cluster.RunUntil(new Condition($"{node} has stopped", c => c.StatusOf(node) is null));
                cluster.Crash(node);
            }

            foreach (var node in lost)
            {
                cluster.StartAnew(node);
                cluster.AddMember(node);
                cluster.RunUntil(new Condition($"{node} votes", c => c.Leader is { } leader && c.StatusOf(leader)!.Configuration is { IsCommitted: true } now
                    && now.Find(new NodeId($"{node}")) is { Role: RaftMemberRole.Voter }));
            }

            cluster.SendUntilDone(new AddLine("three again"));
            cluster.RunUntil(Conditions.Converged);
            cluster.StatusOf(cluster.Leader!.Value)!.Configuration!.RecoveryMark.ShouldBe(after.Configuration.RecoveryMark);
        }
    }

    /// <summary>The other survivors are in the new configuration already, and a left-behind one of the same name does not come in for them.</summary>
    [Fact, Trait("RaftBug", "B71")]
    public void Another_survivor_comes_back_empty_and_votes_by_itself()
    {
        for (var seed = 1ul; seed <= 20; seed++)
        {
            using var cluster = Founded(seed);
            for (var node = 1; node <= 3; node++) cluster.Crash(node);
            cluster.Recover(2, 2, 3).Configuration.Learners.ShouldHaveSingleItem();
            cluster.Restart(2);
            cluster.Restart(3);   // as it was
            cluster.RunUntil(new Condition("3 is refused", c => c.StatusOf(3) is null));
            cluster.SendUntilDone(new AddLine("alone"));

            cluster.StartAnew(3);
            cluster.RunUntil(new Condition("3 votes", c => c.Leader is { } leader && c.StatusOf(leader)!.Configuration!.Voters.Count() == 2));
            cluster.SendUntilDone(new AddLine("two"));
            cluster.RunUntil(new Condition("3 has it", c => c.StatusOf(3) is { } three && c.StatusOf(2) is { } two && three.AppliedIndex == two.AppliedIndex));
        }
    }

    static SimulatedCluster Founded(ulong seed)
    {
        var cluster = new SimulatedCluster(seed, new ClusterOptions { Nodes = 3, StateMachine = () => new Journaled() });
        cluster.Start();
        cluster.RunUntil(Conditions.LeaderElected);
        cluster.SendUntilDone(new AddLine("founded"));
        cluster.RunUntil(Conditions.Converged);
        cluster.RunFor(2.Seconds());   // the log names all storages
        cluster.RunUntil(Conditions.Converged);
        return cluster;
    }
}
