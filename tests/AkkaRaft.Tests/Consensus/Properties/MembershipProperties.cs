using CsCheck;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Consensus.Properties;

/// <summary>
/// The core under everything at once, while members change all the time: grow, shrink, replace, demote, promote, whatever set, through joint configurations and not, asked of
/// leaders old and new; who was removed loses its disk and comes back under its name. The oracles check each change, too (Raft 6, thesis 4).
/// </summary>
public sealed class MembershipProperties(ITestOutputHelper output)
{
    static readonly Gen<(int Kind, int A, int B)> Event = Gen.Select(Gen.Int[0, 99], Gen.Int[0, 1000], Gen.Int[0, 1000]);

    [Theory, InlineData(1, 4, false, 300), InlineData(2, 2, false, 200), InlineData(3, 2, false, 500), InlineData(3, 3, true, 300)]
    [Trait("RaftBug", "B63"), Trait("RaftBug", "B64"), Trait("RaftBug", "B65"), Trait("RaftBug", "B66"), Trait("RaftBug", "B67"), Trait("RaftBug", "B68")]
    [Trait("RaftBug", "B69"), Trait("RaftBug", "B71"), Trait("RaftBug", "B73")]
    public void While_members_change_the_invariants_hold_and_afterwards_the_cluster_heals(int founders, int spares, bool leases, int iterations)
    {
        // For a long search: AKKARAFT_SOAK=20 runs twenty times as many.
        if (int.TryParse(Environment.GetEnvironmentVariable("AKKARAFT_SOAK"), out var times)) iterations *= times;
        long commits = 0, changed = 0, joint = 0, promoted = 0, leadersRemoved = 0, wiped = 0, installed = 0, byLease = 0;
        Event.Array[200, 800].Sample(events =>
        {
            var chaos = new Chaos(founders, leases: leases, spares: spares);
            foreach (var (kind, a, b) in events) chaos.Happens(kind, a, b);
            chaos.HealsAndServes();
            Interlocked.Add(ref commits, chaos.Cluster.Oracles.Committed.Count);
            Interlocked.Add(ref changed, chaos.MembersChanged);
            Interlocked.Add(ref joint, chaos.JointEntered);
            Interlocked.Add(ref promoted, chaos.Promoted);
            Interlocked.Add(ref leadersRemoved, chaos.LeadersRemoved);
            Interlocked.Add(ref wiped, chaos.Wiped);
            Interlocked.Add(ref installed, chaos.SnapshotsInstalled);
            Interlocked.Add(ref byLease, chaos.LeaseReadsAnsweredAtOnce);
        }, iter: iterations);

        output.WriteLine($"{commits} commits, {changed} changes of members, {joint} joint, {promoted} promoted, {leadersRemoved} leaders removed, {wiped} disks wiped, {installed} snapshots installed, {byLease} reads by lease");
        commits.ShouldBeGreaterThan(iterations * 4, "a run in which nothing happens shows nothing");
        changed.ShouldBeGreaterThan(iterations / 2);
        joint.ShouldBeGreaterThan(iterations / 4);
        promoted.ShouldBeGreaterThan(iterations / 20);
        leadersRemoved.ShouldBeGreaterThan(iterations / 20);
        installed.ShouldBeGreaterThan(iterations / 20);
        if (leases) byLease.ShouldBeGreaterThan(0);
    }
}
