using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Messages;

namespace AkkaRaft.Tests.Consensus.Properties;

/// <summary>
/// What a node decides in a joint configuration, against counting by hand (Raft 6): for all pairs of sets of voters among four nodes, and whoever of them answers: commits,
/// reads, leases, the right to go on leading, and elections.
/// </summary>
public sealed class JointProperties
{
    const int Nodes = 4;

    [Fact, Trait("RaftBug", "B67"), Trait("RaftBug", "B46")]
    public void An_entry_is_committed_when_majorities_of_both_sets_store_it() => ForAll((before, after, who) =>
    {
        var leader = LeaderOf(before, after);
        if (who.Contains(1)) leader.LogDurable(3);

        leader.Receives([.. Others(who).Select(node => Accepted(node, 3, 3, round: leader.State.Leadership!.Round))]);

        return leader.CommitIndex == 3;
    });

    [Fact, Trait("RaftBug", "B67"), Trait("RaftBug", "B46")]
    public void A_read_is_answered_when_majorities_of_both_sets_confirm_it() => ForAll((before, after, who) =>
    {
        var leader = LeaderOf(before, after);
        var answered = leader.Receives(Read(1)).Effects.OfType<ReadReady>().Count();

        leader.Receives([.. Others(who).Select(node => Accepted(node, 3, 2, round: leader.State.Leadership!.Round))]);

        return answered + leader.Effects.OfType<ReadReady>().Count() > 0;
    }, alwaysAgrees: 1);

    [Fact, Trait("RaftBug", "B67"), Trait("RaftBug", "B46"), Trait("RaftBug", "B78")]
    public void A_lease_is_of_majorities_of_both_sets() => ForAll((before, after, who) =>
    {
        var leader = LeaderOf(before, after, new CoreOptions { LeaseReads = true });
        leader.Waits(100).Receives([.. Others(who).Select(node => Accepted(node, 3, 2, round: leader.State.Leadership!.Round))]);

        var round = leader.State.Leadership!.Round;
        var answered = leader.Receives(new Read([1]) { ByLease = true }).Effects.OfType<ReadReady>().Any();

        if (!before.Contains(1) && !after.Contains(1))
        {
            answered.ShouldBeFalse("a leader without a vote has no lease");
            return Decides(before, after, who);
        }

        // Who is alone in both sets is its own round.
        if (before is not [1] || after is not [1]) (leader.State.Leadership.Round == round).ShouldBe(answered, "a lease needs no round");
        return answered;
    }, alwaysAgrees: 1);

    [Fact, Trait("RaftBug", "B67"), Trait("RaftBug", "B46")]
    public void A_leader_leads_on_while_majorities_of_both_sets_answer() => ForAll((before, after, who) =>
    {
        var leader = LeaderOf(before, after).LogDurable(3);

        for (var waited = 0; waited < 1500 && leader.Role == RaftRole.Leader; waited += 100)
        {
            leader.Waits(100);
            if (leader.Role == RaftRole.Leader) leader.Receives([.. Others(who).Select(node => Accepted(node, 3, 2, round: leader.State.Leadership!.Round))]);
        }

        return leader.Role == RaftRole.Leader;
    }, alwaysAgrees: 1);

    [Fact, Trait("RaftBug", "B67"), Trait("RaftBug", "B46")]
    public void Who_stands_is_elected_by_majorities_of_both_sets() => ForAll((before, after, who) =>
    {
        if (!before.Contains(1) && !after.Contains(1)) return Decides(before, after, who);   // it does not stand at all
        var now = TimeSpan.Zero;
        var core = new RaftCore(Entries.Node(1), new CoreOptions(), new RecoveredState(new Term(3), null, Joint(before, after), Entries.Log("1 3")), 1, default);
        void Step(Input input) => core.Step(new Instant(now, Entries.Epoch + now), input, new Effects());
        while (core.State.Role == RaftRole.Follower)
        {
            now += CoreCluster.TickInterval;
            Step(Tick.Instance);
        }

        foreach (var node in Others(who)) Step(VoteReply(node, 3, ElectionKind.PreVote, core.State.CampaignRound));
        var wouldWin = core.State.Role == RaftRole.Candidate;
        wouldWin.ShouldBe(Decides(before, after, who), "the rehearsal");
        if (!wouldWin) return false;
        Step(TermDurable(4, 1));
        foreach (var node in Others(who)) Step(VoteReply(node, 4, ElectionKind.Vote, core.State.CampaignRound));
        return core.State.Role == RaftRole.Leader;
    }, alwaysAgrees: 1);

    /// <summary>The leader of term 3, with two entries committed, that has just appended the joint configuration as the third.</summary>
    static Core LeaderOf(int[] before, int[] after, CoreOptions? options = null) =>
        Core.Leader(term: 3, log: "1 3", commit: 2, voters: Nodes, options: options).Reconfigures(Joint(before, after));

    static Configuration Joint(int[] before, int[] after) => Entries.Voters(before).Enter(Entries.Voters(after), stay: true);

    static IEnumerable<int> Others(int[] who) => who.Where(node => node != 1);

    static bool Decides(int[] before, int[] after, int[] who) => before.Count(who.Contains) * 2 > before.Length && after.Count(who.Contains) * 2 > after.Length;

    static void ForAll(Func<int[], int[], int[], bool> decided, int? alwaysAgrees = null)
    {
        var sets = Enumerable.Range(0, 1 << Nodes).Select(bits => Enumerable.Range(1, Nodes).Where(n => (bits >> (n - 1) & 1) == 1).ToArray()).ToList();
        foreach (var before in sets.Where(set => set.Length > 0))
        {
            foreach (var after in sets.Where(set => set.Length > 0))
            {
                foreach (var who in sets.Where(set => alwaysAgrees is not { } self || set.Contains(self)))
                {
                    decided(before, after, who).ShouldBe(Decides(before, after, who), $"before {string.Join(" ", before)}, after {string.Join(" ", after)}, those who agree {string.Join(" ", who)}");
                }
            }
        }
    }
}
