using AkkaRaft.TestKit;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Cluster;

/// <summary>A cluster of real nodes gets into trouble, and a client asks why. The client's own gathering runs under virtual time too.</summary>
public sealed class DiagnosisTests
{
    [Fact]
    public void A_cluster_without_trouble_says_so()
    {
        using var cluster = Elected();
        cluster.SendUntilDone(new AddLine("a"));
        cluster.RunUntil(Conditions.Converged);

        var told = Diagnose(cluster);

        told.IsWell.ShouldBeTrue(told.ToString());
        told.NoLeader.Verdict.ShouldBe($"There is a leader: node {cluster.Leader}, of term {cluster.StatusOf(1)!.Term}.");
        told.CommitStuck.Verdict.ShouldStartWith("Nothing waits");
    }

    [Fact]
    public void A_network_that_is_cut_into_single_nodes_has_no_leader_because_they_do_not_hear_each_other()
    {
        using var cluster = Elected();
        cluster.PartitionNodes([1], [2], [3]);
        cluster.RunFor(4.Seconds());

        var told = Diagnose(cluster);

        var finding = told.NoLeader.Findings.ShouldHaveSingleItem();
        finding.Cause.ShouldBe(RaftCause.VotersDoNotHearEachOther);
        finding.Evidence.ShouldNotBeEmpty();   // whoever asked a moment ago may still be answered, and is not among them
        finding.Evidence.ShouldAllBe(e => e.Fact.StartsWith("asked node ") && e.Fact.Contains("got no answer; it heard node "));
        told.CommitStuck.Findings.ShouldHaveSingleItem().Cause.ShouldBe(RaftCause.NoLeader);

        cluster.Heal();
        cluster.RunUntil(Conditions.Converged);
        Diagnose(cluster).IsWell.ShouldBeTrue();
    }

    [Fact]
    public void A_node_without_its_majority_names_those_that_are_down()
    {
        using var cluster = Elected();
        var left = cluster.Leader!.Value;
        foreach (var other in Others(left)) cluster.Crash(other);
        cluster.RunFor(4.Seconds());

        var told = Diagnose(cluster);

        told.NoLeader.Findings[0].Cause.ShouldBe(RaftCause.NoMajority);
        told.NoLeader.Findings[0].Evidence.Select(e => e.Node.Value).ShouldBe(Others(left).Select(other => $"{other}"));
        told.Silent.Select(node => node.Node.Value).ShouldBe(Others(left).Select(other => $"{other}"));
    }

    [Fact]
    public void A_commit_that_waits_for_the_disks_of_a_majority_is_told_by_their_disks()
    {
        using var cluster = Elected();
        cluster.SendUntilDone(new AddLine("a"));
        cluster.RunUntil(Conditions.Converged);
        for (var node = 1; node <= 3; node++) cluster.StallDisk(node, TimeSpan.FromSeconds(60));
        cluster.Propose(new AddLine("b"));
        cluster.RunFor(3.Seconds());   // the leader has given up, since its own disk hangs (B90), and nobody else can stand

        var told = Diagnose(cluster);

        told.CommitStuck.Findings.Select(f => f.Cause).ShouldBe([RaftCause.NoLeader]);
        var disks = told.NoLeader.Findings.Where(f => f.Cause == RaftCause.DiskPending).ShouldHaveSingleItem();
        disks.Evidence.Count.ShouldBe(3);
    }

    static SimulatedCluster Elected()
    {
        var cluster = new SimulatedCluster(1, new ClusterOptions { Nodes = 3, Clients = 1, StateMachine = () => new Journaled() });
        cluster.Start();
        cluster.RunUntil(Conditions.LeaderElected);
        return cluster;
    }

    static RaftDiagnosis Diagnose(SimulatedCluster cluster)
    {
        var client = cluster.AllClients[0];
        Task<RaftDiagnosis>? asked = null;
        cluster.Kernel.RunAs(client.Host, () => asked = client.Client.Diagnose(500.Milliseconds()));
        cluster.RunUntil(new Condition("the diagnosis is made", _ => asked!.IsCompleted));
        return asked!.GetAwaiter().GetResult();
    }

    static int[] Others(int node) => [.. Enumerable.Range(1, 3).Where(other => other != node)];
}
