using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Messages;

namespace AkkaRaft.Tests.Consensus.KnownBugs;

/// <summary>Bugs of proposals, reads and leaders' time that other systems shipped; the rows are those of known-raft-bugs.md.</summary>
public sealed class LeaderBugs
{
    /// <summary>A proposal's place is told with its term: whoever finds another term there knows that it was replaced.</summary>
    [Fact, Trait("RaftBug", "B50"), Trait("RaftBug", "B51")]
    public void Proposals_of_a_deposed_leader_end_when_something_is_committed_at_their_place()
    {
        var cluster = new CoreCluster(3);
        Elect(cluster, 1);
        cluster.Cut(1, 2);
        cluster.Cut(1, 3);
        cluster.Propose(cluster[1], (1, "replaced"), (2, "replaced too"), (3, "beyond the new log"));
        cluster.PersistLog(cluster[1]);
        Elect(cluster, 2);
        cluster.Propose(cluster[2], (4, "kept"));
        cluster.Stabilize(cluster.Nodes);
        cluster.Oracles.Fates.ContainsKey(1).ShouldBeFalse("stepping down alone decides nothing");
        cluster.Heal();

        cluster.Tick(cluster[2], cluster[2].Options.HeartbeatInterval);
        cluster.Stabilize(cluster.Nodes);
        cluster.Tick(cluster[2], cluster[2].Options.HeartbeatInterval);
        cluster.Stabilize(cluster.Nodes);

        cluster.Oracles.Fates.ShouldBe(new Dictionary<long, string> { [1] = "failed", [2] = "failed", [3] = "failed", [4] = "done" }, ignoreOrder: true);
        cluster[1].WaitingProposals.ShouldBeEmpty();
    }

    [Fact, Trait("RaftBug", "B50")]
    public void Everything_that_a_leader_cannot_take_is_refused_at_once()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2, options: new CoreOptions { MaxPendingProposals = 1, MaxPendingReads = 1 });

        leader.Receives(Propose("a", "b")).Effects.Select(Trace.Of).ShouldContain("proposal 2 refused: Overloaded");
        leader.Receives(Read(1, 2)).Effects.Select(Trace.Of).ShouldContain("read r2 refused: Overloaded");
    }

    [Fact]
    public void Proposals_are_bounded_in_bytes_and_the_room_comes_back_when_they_are_committed()
    {
        var size = new CommandEntry(default, default, Entries.Command("12345")).Size;
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2, options: new CoreOptions { MaxPendingProposalBytes = 2 * size });

        for (var i = 0; i < 5; i++)
        {
            leader.Receives(Propose("12345", "12345", "12345")).Effects.OfType<ProposalRefused>().Select(r => r.ProposalId).ShouldBe([3]);
            leader.LogDurable(leader.State.Log.Last.Index.Value).Receives(Accepted(2, 3, leader.State.Log.Last.Index.Value));
            leader.State.Leadership!.UnsettledBytes.ShouldBe(0);
        }
    }

    /// <summary>Old acknowledgements, of the same read asked again or of an earlier leadership, confirm nothing.</summary>
    [Fact, Trait("RaftBug", "B76")]
    public void Rounds_are_never_used_twice()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(Read(1), Accepted(2, 3, 2, round: 1)).Effects.OfType<ReadReady>().Count().ShouldBe(1);

        leader.Receives(Read(1)).Receives(Accepted(2, 3, 2, round: 1), Accepted(3, 3, 2, round: 1)).Effects.OfType<ReadReady>().ShouldBeEmpty();
        leader.Receives(Accepted(3, 3, 2, round: 2)).Effects.OfType<ReadReady>().Count().ShouldBe(1);

        leader.Receives(Read(7), Stale(2, 4), TermDurable(4));
        leader.TimesOut();
        leader.WinsPreVote().Receives(TermDurable(5, vote: 1));
        leader.WinsVote().LogDurable(3).Receives(Accepted(2, 5, 3));
        leader.Receives(Read(8)).Receives(Accepted(2, 3, 2, round: 9), Accepted(3, 3, 2, round: 9)).Effects.OfType<ReadReady>().ShouldBeEmpty();
        leader.Receives(Accepted(2, 5, 3, round: 1)).Effects.OfType<ReadReady>().Select(r => r.ReadId).ShouldBe([8]);
    }

    /// <summary>A follower tells only rounds of the leader of its present term.</summary>
    [Fact, Trait("RaftBug", "B76")]
    public void A_follower_forgets_the_rounds_of_an_earlier_leader()
    {
        var follower = Core.Follower(term: 3, log: "1 3", leader: 2);
        follower.Receives(Append(from: 2, term: 3, after: "2/3", round: 99));

        follower.Receives(Append(from: 3, term: 4, after: "2/3", round: 0), TermDurable(4));

        follower.Sent.Select(s => Trace.Of(s.Message)).ShouldBe(["term 4 accepted, match 2, verified 2, round 0"]);
    }

    /// <summary>What was verified with one leader is nothing with the next.</summary>
    [Fact, Trait("RaftBug", "B31"), Trait("RaftBug", "B34")]
    public void A_follower_forgets_what_it_had_in_common_with_an_earlier_leader()
    {
        var follower = Core.Follower(term: 3, log: "1 3 3", commit: 1, leader: 2);

        follower.Receives(Append(from: 3, term: 4, after: "1/1", commit: 3), TermDurable(4));

        follower.Sent.Select(s => Trace.Of(s.Message)).ShouldBe(["term 4 accepted, match 1, verified 1, round 0"]);
        follower.CommitIndex.ShouldBe(1);
    }

    /// <summary>Only voters make a majority, of commits and of reads. (Learners do not exist yet; strangers and removed nodes do.)</summary>
    [Fact]
    public void Answers_of_nodes_that_do_not_vote_count_for_nothing()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2, voters: 5);
        leader.Receives(Propose("a")).LogDurable(3);

        leader.Receives(Read(1));
        leader.Receives(
            Accepted(2, 3, 3, round: 1), Accepted(7, 3, 3, round: 1), Accepted(8, 3, 3, round: 1), Accepted(9, 3, 3, round: 1), Accepted(1, 3, 3, round: 1));

        leader.CommitIndex.ShouldBe(2);
        leader.Effects.OfType<ReadReady>().ShouldBeEmpty();
    }

    [Fact, Trait("RaftBug", "B84")]
    public void The_time_in_the_log_never_falls_though_a_leaders_clock_does()
    {
        var late = new CommandEntry(Entries.Id("1/1"), Entries.Epoch.AddDays(3), Entries.Command("from a fast clock"));
        var core = new RaftCore(
            Entries.Node(1), new CoreOptions(), new RecoveredState(new Term(1), null, Entries.Voters(1), [late]), 1, default);
        var effects = new Effects();
        core.Step(new Instant(default, Entries.Epoch), Tick.Instance, effects);
        core.Step(new Instant(default, Entries.Epoch), TermDurable(2, vote: 1), effects);
        core.Step(new Instant(default, Entries.Epoch.AddDays(5).AddTicks(7)), Propose("a"), effects);

        core.State.Log[new LogIndex(2)].Time.ShouldBe(late.Time);
        core.State.Log[new LogIndex(3)].Time.ShouldBe(Entries.Epoch.AddDays(5), "whole milliseconds");
    }

    static void Elect(CoreCluster cluster, int node)
    {
        foreach (var each in cluster.Nodes) each.Clock += TimeSpan.FromMilliseconds(700);
        cluster.Step(cluster[node], Campaign.Instance);
        cluster.Stabilize(cluster.Nodes);
        cluster[node].IsLeader.ShouldBeTrue();
    }
}
