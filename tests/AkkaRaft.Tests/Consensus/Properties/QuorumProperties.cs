using AkkaRaft.Consensus;
using CsCheck;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Consensus.Properties;

/// <summary>The arithmetic of majorities against brute force, for 1 to 7 voters (Raft 5.2, 5.3).</summary>
public sealed class QuorumProperties
{
    [Theory, Trait("RaftBug", "B46"), InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7)]
    public void Votes_are_won_and_lost_as_counting_by_hand_says(int voters)
    {
        var quorum = Entries.Voters(voters).Quorum;
        foreach (var votes in Assignments(voters, 3))
        {
            var granted = Nodes(votes, 1);
            var refused = Nodes(votes, 2);
            var yes = votes.Count(v => v == 1);
            var silent = votes.Count(v => v == 0);
            var expected = yes * 2 > voters ? VoteOutcome.Won : (yes + silent) * 2 > voters ? VoteOutcome.Pending : VoteOutcome.Lost;

            quorum.Count(granted, refused).ShouldBe(expected);

            // Strangers' votes change nothing.
            granted.Add(Entries.Node(8));
            granted.Add(Entries.Node(9));
            quorum.Count(granted, refused).ShouldBe(expected);
        }
    }

    [Theory, Trait("RaftBug", "B46"), InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7)]
    public void What_a_majority_has_reached_is_the_highest_value_that_more_than_half_have(int voters)
    {
        var quorum = Entries.Voters(voters).Quorum;
        foreach (var values in Assignments(voters, voters < 6 ? 4 : 3))
        {
            var expected = values.Distinct().Where(v => values.Count(other => other >= v) * 2 > voters).Max();

            quorum.ReachedByMajority(node => values[int.Parse(node.Value) - 1], -1).ShouldBe(expected);
        }
    }

    [Theory, Trait("RaftBug", "B46"), InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7)]
    public void Any_two_majorities_share_a_voter_and_no_smaller_number_would_do(int voters)
    {
        var size = Entries.Voters(voters).Quorum.Majorities[0].Size;
        (size * 2).ShouldBeGreaterThan(voters);
        ((size - 1) * 2).ShouldBeLessThanOrEqualTo(voters);
    }

    /// <summary>Raft 6: in a joint configuration both sets have to agree. All pairs of sets among four nodes, all votes, all values.</summary>
    [Fact, Trait("RaftBug", "B67")]
    public void Both_sets_of_a_joint_configuration_decide_as_counting_by_hand_says()
    {
        foreach (var (before, after) in PairsOfSets(4))
        {
            var quorum = Entries.Voters(before).Enter(Entries.Voters(after)).Quorum;
            foreach (var votes in Assignments(4, 3))
            {
                bool Wins(int[] set) => set.Count(n => votes[n - 1] == 1) * 2 > set.Length;
                bool MayWin(int[] set) => set.Count(n => votes[n - 1] != 2) * 2 > set.Length;
                var expected = Wins(before) && Wins(after) ? VoteOutcome.Won : MayWin(before) && MayWin(after) ? VoteOutcome.Pending : VoteOutcome.Lost;
                quorum.Count(Nodes(votes, 1), Nodes(votes, 2)).ShouldBe(expected);
                quorum.Holds(node => votes[Number(node) - 1] == 1).ShouldBe(expected == VoteOutcome.Won);

                int Reached(int[] set) => set.Select(n => votes[n - 1]).Distinct().Where(v => set.Count(n => votes[n - 1] >= v) * 2 > set.Length).Max();
                quorum.ReachedByMajority(node => votes[Number(node) - 1], -1).ShouldBe(Math.Min(Reached(before), Reached(after)));
            }
        }
    }

    /// <summary>
    /// Raft 6: whatever one configuration can decide with shares a voter with whatever the next one can: from any set over the joint configuration to any other set, and directly where
    /// no more than one voter changes.
    /// </summary>
    [Fact, Trait("RaftBug", "B67")]
    public void Each_configuration_on_the_way_overlaps_with_the_next()
    {
        foreach (var (before, after) in PairsOfSets(5))
        {
            var (from, to) = (Entries.Voters(before), Entries.Voters(after));
            Overlap(from.Quorum, from.Enter(to).Quorum, 5).ShouldBeTrue($"{from} and the way to {to}");
            Overlap(from.Enter(to).Quorum, to.Quorum, 5).ShouldBeTrue($"{to} and the way from {from}");
            if (from.VotersUnlike(to) <= 1) Overlap(from.Quorum, to.Quorum, 5).ShouldBeTrue($"{from} and {to}");
        }
    }

    static bool Overlap(Quorum left, Quorum right, int nodes)
    {
        for (var agrees = 0; agrees < 1 << nodes; agrees++)
        {
            var others = ~agrees;
            if (left.Holds(node => (agrees >> (Number(node) - 1) & 1) == 1) && right.Holds(node => (others >> (Number(node) - 1) & 1) == 1)) return false;
        }

        return true;
    }

    static IEnumerable<(int[] Before, int[] After)> PairsOfSets(int nodes) =>
        from before in Enumerable.Range(1, (1 << nodes) - 1) from after in Enumerable.Range(1, (1 << nodes) - 1) select (SetOf(before, nodes), SetOf(after, nodes));

    static int[] SetOf(int bits, int nodes) => [.. Enumerable.Range(1, nodes).Where(n => (bits >> (n - 1) & 1) == 1)];

    static int Number(NodeId node) => int.Parse(node.Value, System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void Large_values_are_not_special() =>
        Gen.Long.Array[1, 7].Sample(values =>
        {
            var quorum = Entries.Voters(values.Length).Quorum;
            var expected = values.Where(v => values.Count(other => other >= v) * 2 > values.Length).Max();
            quorum.ReachedByMajority(node => values[int.Parse(node.Value) - 1], 0L).ShouldBe(expected);
        }, iter: 2000);

    [Fact]
    public void Of_no_voters_nobody_is_a_majority()
    {
        var none = Configuration.Empty.Quorum;
        none.Count(Nodes([1, 1, 1], 1), new SortedSet<NodeId>()).ShouldBe(VoteOutcome.Lost);
        none.ReachedByMajority(_ => 7, 0).ShouldBe(0);
    }

    static SortedSet<NodeId> Nodes(IReadOnlyList<int> votes, int which) =>
        [.. Enumerable.Range(1, votes.Count).Where(n => votes[n - 1] == which).Select(Entries.Node)];

    static IEnumerable<int[]> Assignments(int places, int values)
    {
        var all = (int)Math.Pow(values, places);
        for (var i = 0; i < all; i++)
        {
            var assignment = new int[places];
            for (int p = 0, rest = i; p < places; p++, rest /= values) assignment[p] = rest % values;
            yield return assignment;
        }
    }
}
