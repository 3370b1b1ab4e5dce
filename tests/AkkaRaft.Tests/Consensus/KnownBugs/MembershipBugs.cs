using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Messages;

namespace AkkaRaft.Tests.Consensus.KnownBugs;

/// <summary>Changes of who belongs to a group (Raft 6, thesis 4): bugs that other systems shipped.</summary>
public sealed class MembershipBugs
{
    /// <summary>
    /// Ongaro, raft-dev 2015: before an entry of its own term is committed a leader cannot know that the configuration before its own newest one was ever agreed on.
    /// </summary>
    [Fact, Trait("RaftBug", "B63")]
    public void No_change_before_the_leader_has_committed_in_its_own_term()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 0);

        leader.Receives(Change(1, [1, 2, 3, 4])).Did("change 1 ended: Busy, node 1 has not committed an entry of its own term 3 yet");

        leader.Receives(Accepted(from: 2, term: 3, upTo: 2));
        leader.Receives(Change(2, [1, 2, 3], learners: [4])).Effects.OfType<AppendToLog>().ShouldHaveSingleItem();
    }

    /// <summary>Thesis 4.1: one at a time. The next change waits until the one before is committed.</summary>
    [Fact, Trait("RaftBug", "B64")]
    public void No_change_while_another_is_not_committed()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(Change(1, [1, 2, 3], learners: [4]));

        leader.Receives(Change(2, [1, 2])).Did("change 2 ended: Busy, another change is under way");

        leader.LogDurable(3).Receives(Accepted(from: 2, term: 3, upTo: 3)).Effects.Select(Trace.Of).ShouldContain("change 1 ended: Changed, index 3");
        leader.Receives(Change(3, [1, 2])).Effects.OfType<AppendToLog>().ShouldHaveSingleItem();
    }

    /// <summary>Two operators cannot undo each other: a change names the configuration that it is meant for.</summary>
    [Fact, Trait("RaftBug", "B64")]
    public void A_change_that_is_meant_for_another_configuration_is_refused_and_one_that_is_done_is_found_done()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(Change(1, [1, 2, 3], learners: [4], expected: 0)).LogDurable(3).Receives(Accepted(from: 2, term: 3, upTo: 3));

        leader.Receives(Change(2, [1, 2], expected: 0)).Effects.OfType<MembershipEnded>().ShouldHaveSingleItem().Outcome.ShouldBe(MembershipOutcome.Conflict);
        leader.Receives(Change(3, [1, 2, 3], learners: [4], expected: 0)).Did("change 3 ended: Unchanged, index 3");
    }

    /// <summary>Raft 6: in a joint configuration an entry is committed by a majority of the voters before and one of those after.</summary>
    [Fact, Trait("RaftBug", "B67"), Trait("RaftBug", "B68")]
    public void A_joint_configuration_commits_with_both_majorities_and_is_left_once()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(Change(1, [1, 4, 5], force: true));
        leader.State.Configuration.IsJoint.ShouldBeTrue();

        leader.LogDurable(3).Receives(Accepted(from: 2, term: 3, upTo: 3), Accepted(from: 3, term: 3, upTo: 3));
        leader.CommitIndex.ShouldBe(2, "the majority before has it, that after has not");
        leader.Receives(Accepted(from: 4, term: 3, upTo: 3, round: 1));
        leader.CommitIndex.ShouldBe(3);
        leader.Effects.OfType<AppendToLog>().ShouldHaveSingleItem().Entries.ShouldHaveSingleItem().ShouldBeOfType<ConfigurationEntry>().Configuration.ToString()
            .ShouldBe("1=host:1,4=host:4,5=host:5");
        leader.Waits(300).Effects.OfType<AppendToLog>().ShouldBeEmpty("once");

        leader.LogDurable(4).Receives(Accepted(from: 4, term: 3, upTo: 4, round: 1)).Effects.Select(Trace.Of).ShouldContain("change 1 ended: Changed, index 4");
        leader.State.Configuration.IsJoint.ShouldBeFalse();
    }

    /// <summary>Raft 6: the majority after decides no more alone than the majority before.</summary>
    [Fact, Trait("RaftBug", "B67")]
    public void The_majority_after_a_joint_configuration_is_not_enough()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2, voters: 5);
        leader.Receives(Change(1, [1, 6, 7], force: true));

        leader.LogDurable(3).Receives(Accepted(from: 6, term: 3, upTo: 3, round: 1), Accepted(from: 7, term: 3, upTo: 3, round: 1), Accepted(from: 2, term: 3, upTo: 3));
        leader.CommitIndex.ShouldBe(2, "two of five have it");

        leader.Receives(Accepted(from: 3, term: 3, upTo: 3));
        leader.CommitIndex.ShouldBe(3);
    }

    /// <summary>Raft 6: votes, too, are needed of both; and a restarted node finds the joint configuration in its log.</summary>
    [Fact, Trait("RaftBug", "B67")]
    public void A_candidate_in_a_joint_configuration_needs_both_majorities()
    {
        var candidate = Core.Follower(term: 3, log: "1 3").Receives(Configure(after: "2/3", Joint(before: [1, 2, 3], after: [1, 4, 5]))).LogDurable(3).Restarts(3, null);
        candidate.State.Configuration.IsJoint.ShouldBeTrue("a restart does not forget it");
        candidate.TimesOut().Sent.Select(sent => sent.To).ShouldBe(["2", "3", "4", "5"]);

        var round = candidate.State.CampaignRound;
        candidate.Receives(VoteReply(2, 3, ElectionKind.PreVote, round), VoteReply(3, 3, ElectionKind.PreVote, round)).Role.ShouldBe(RaftRole.PreCandidate);
        candidate.Receives(VoteReply(4, 3, ElectionKind.PreVote, round)).Role.ShouldBe(RaftRole.Candidate);
        candidate.Receives(TermDurable(4, 1));
        round = candidate.State.CampaignRound;
        candidate.Receives(VoteReply(4, 4, ElectionKind.Vote, round), VoteReply(5, 4, ElectionKind.Vote, round)).Role.ShouldBe(RaftRole.Candidate);
        candidate.Receives(VoteReply(2, 4, ElectionKind.Vote, round)).Role.ShouldBe(RaftRole.Leader);
    }

    /// <summary>Thesis 6.4, Raft 6: who leads by one majority only may be deposed already; reads are confirmed by both.</summary>
    [Fact, Trait("RaftBug", "B67")]
    public void A_read_in_a_joint_configuration_is_confirmed_by_both_majorities()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(Change(1, [1, 4, 5], force: true));

        leader.Receives(Read(1), Accepted(2, 3, 2, round: 2), Accepted(3, 3, 2, round: 2)).Effects.OfType<ReadReady>().ShouldBeEmpty();
        leader.Receives(Accepted(5, 3, 2, round: 2)).Effects.OfType<ReadReady>().Count().ShouldBe(1);
    }

    /// <summary>Raft 6: whoever leads next leaves the joint configuration, when it has committed in its own term, and only once.</summary>
    [Fact, Trait("RaftBug", "B68")]
    public void The_next_leader_leaves_the_joint_configuration()
    {
        var leader = Core.Follower(term: 3, log: "1 3").Receives(Configure(after: "2/3", Joint(before: [1, 2, 3], after: [1, 2]))).LogDurable(3).TimesOut();
        leader.WinsPreVote().Receives(TermDurable(4, 1)).WinsVote().Role.ShouldBe(RaftRole.Leader);
        leader.State.Configuration.IsJoint.ShouldBeTrue();

        leader.LogDurable(4).Receives(Accepted(2, 4, 4));

        leader.CommitIndex.ShouldBe(4);
        leader.Effects.OfType<AppendToLog>().ShouldHaveSingleItem().Entries.ShouldHaveSingleItem().ShouldBeOfType<ConfigurationEntry>().Configuration.IsJoint.ShouldBeFalse();
        leader.Waits(300).Effects.OfType<AppendToLog>().ShouldBeEmpty();
    }

    /// <summary>Thesis 4.2.1: learners get everything, and count for nothing.</summary>
    [Fact, Trait("RaftBug", "B66")]
    public void Learners_count_neither_for_commits_nor_for_reads_nor_for_elections()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(Change(1, [1, 2, 3], learners: [4, 5]));

        leader.LogDurable(3).Receives(Accepted(4, 3, 3, round: 1), Accepted(5, 3, 3, round: 1));
        leader.CommitIndex.ShouldBe(2);
        leader.Receives(Read(1), Accepted(4, 3, 3, round: 2), Accepted(5, 3, 3, round: 2)).Effects.OfType<ReadReady>().ShouldBeEmpty();
        for (var waited = 0; waited < 2000 && leader.Role == RaftRole.Leader; waited += 100)
        {
            leader.Waits(100);
            if (leader.Role == RaftRole.Leader) leader.Receives(Accepted(4, 3, 3, round: leader.State.Leadership!.Round));
        }

        leader.Role.ShouldBe(RaftRole.Follower, "no voter has answered for an election timeout");
    }

    /// <summary>Thesis 4.2.1: a learner that restarts is what the configuration says, and does not stand.</summary>
    [Fact, Trait("RaftBug", "B73"), Trait("RaftBug", "B21")]
    public void A_learner_does_not_stand_not_even_after_a_restart()
    {
        var learner = Core.Follower(term: 3, log: "1 3").Receives(Configure(after: "2/3", new Configuration(Entries.Voters([2, 3]).Voters, Entries.Voters([1]).Voters), commit: 3))
            .LogDurable(3);
        learner.CommitIndex.ShouldBe(3);

        learner.TimesOut().Sent.ShouldBeEmpty();
        learner.Receives(Campaign.Instance).DidNothing();
        learner = Core.Follower(term: 3, log: "1 3").Receives(Configure(after: "2/3", new Configuration(Entries.Voters([2, 3]).Voters, Entries.Voters([1]).Voters))).LogDurable(3);
        learner.Restarts(3, null).Receives(Append(2, 3, "3/3", commit: 3)).TimesOut().Sent.ShouldBeEmpty();
    }

    /// <summary>Thesis 4.2.1: a learner is a voter as soon as it has caught up; the leader sees to that.</summary>
    [Fact]
    public void A_learner_that_has_caught_up_is_promoted()
    {
        var leader = Core.Leader(term: 3, log: "1 3*50", commit: 51);
        leader.Receives(Change(1, [1, 2, 3], promote: [4])).LogDurable(52).Receives(Accepted(2, 3, 52));

        leader.Receives(Conflict(4, 3, at: "51/3", hint: "0/0", round: 1)).Receives(Accepted(4, 3, 20, round: 1)).Effects.OfType<AppendToLog>().ShouldBeEmpty("it lacks most of the log");
        leader.Receives(Accepted(4, 3, 52, round: 1));

        leader.Effects.OfType<AppendToLog>().ShouldHaveSingleItem().Entries.ShouldHaveSingleItem().ShouldBeOfType<ConfigurationEntry>().Configuration.IsVoter(Entries.Node(4)).ShouldBeTrue();
        leader.LogDurable(53).Receives(Accepted(2, 3, 53)).CommitIndex.ShouldBe(52, "two of four have it");
        leader.Receives(Accepted(4, 3, 53, round: 1)).CommitIndex.ShouldBe(53);
    }

    /// <summary>Thesis 4.2.2: a removed leader leads until that is committed and told, and then another is asked to lead.</summary>
    [Fact, Trait("RaftBug", "B69")]
    public void A_removed_leader_leads_until_that_is_committed_and_told_and_then_hands_over()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2).Receives(Accepted(2, 3, 2), Accepted(3, 3, 2));
        leader.Receives(Change(1, [2, 3])).LogDurable(3).Receives(Accepted(2, 3, 3));
        leader.CommitIndex.ShouldBe(2, "its own disk counts no more");
        leader.Role.ShouldBe(RaftRole.Leader);

        leader.Receives(Accepted(3, 3, 3));
        leader.CommitIndex.ShouldBe(3);
        leader.Role.ShouldBe(RaftRole.Leader);
        leader.Effects.OfType<Send>().ShouldContain(sent => sent.Message is AppendEntries, "the others are told");
        leader.Effects.OfType<Send>().ShouldNotContain(sent => sent.Message is TimeoutNow);

        var told = leader.State.Leadership!.Round;
        leader.Receives(Accepted(2, 3, 3, round: told), Accepted(3, 3, 3, round: told)).Waits(50);
        leader.Effects.OfType<Send>().Concat(leader.Waits(200).Effects.OfType<Send>()).ShouldContain(sent => sent.Message is TimeoutNow);
    }

    /// <summary>Thesis 4.2.2: if nobody takes over, it goes all the same, and stands no more.</summary>
    [Fact, Trait("RaftBug", "B69")]
    public void A_removed_leader_goes_though_nobody_takes_over()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2).Receives(Accepted(2, 3, 2), Accepted(3, 3, 2));
        leader.Receives(Change(1, [2, 3])).LogDurable(3).Receives(Accepted(2, 3, 3), Accepted(3, 3, 3));

        for (var waited = 0; waited < 6000 && leader.Role == RaftRole.Leader; waited += 100)
        {
            leader.Waits(100);
            if (leader.Role == RaftRole.Leader) leader.Receives(Accepted(2, 3, 3, round: leader.State.Leadership!.Round), Accepted(3, 3, 3, round: leader.State.Leadership!.Round));
        }

        leader.Role.ShouldBe(RaftRole.Follower);
        leader.Waits(5000).Sent.ShouldBeEmpty();
    }

    /// <summary>Raft 6: when a dead member is removed, what waits may have its majority.</summary>
    [Fact, Trait("RaftBug", "B49")]
    public void Removing_a_dead_member_commits_what_waits()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2, voters: 4);
        leader.Receives(Propose("a")).LogDurable(3).Receives(Accepted(2, 3, 3));
        leader.CommitIndex.ShouldBe(2, "two of four");

        leader.Receives(Change(1, [1, 2, 3]));

        leader.CommitIndex.ShouldBe(3, "two of three");
    }

    /// <summary>Of a majority of nodes without the log nothing would be committed until they have it.</summary>
    [Fact]
    public void A_majority_of_empty_nodes_is_refused_unless_forced()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2, voters: 1);

        var refused = leader.Receives(Change(1, [1, 2])).Effects.OfType<MembershipEnded>().ShouldHaveSingleItem();
        refused.Outcome.ShouldBe(MembershipOutcome.Refused);
        refused.Why.ShouldContain("add it as a learner first");
        leader.Receives(Change(2, [])).Effects.OfType<MembershipEnded>().ShouldHaveSingleItem().Why.ShouldContain("without voters");

        leader.Receives(Change(3, [1, 2], force: true)).Effects.OfType<AppendToLog>().ShouldHaveSingleItem();
    }

    /// <summary>Thesis 4.2.3: a removed node that comes back disturbs nobody, and learns why nobody votes for it.</summary>
    [Fact, Trait("RaftBug", "B23"), Trait("RaftBug", "B70")]
    public void A_node_that_was_removed_while_it_was_away_is_told_and_stands_no_more()
    {
        var member = Core.Follower(term: 3, log: "1 3").Receives(Configure(after: "2/3", Entries.Voters([1, 2, 4]), commit: 3)).LogDurable(3);
        foreach (var last in new[] { "2/3", "3/3" })
            member.Receives(PreVoteRequest(from: 3, term: 40, last)).Sent.ShouldHaveSingleItem().Message.ShouldBeOfType<VoteReply>().CandidateIsRemoved.ShouldBeTrue();
        member.Term.ShouldBe(3);
        member.Receives(PreVoteRequest(from: 5, term: 40, last: "9/39")).Sent.ShouldHaveSingleItem().Message.ShouldBeOfType<VoteReply>()
            .CandidateIsRemoved.ShouldBeFalse("it may have been added by what is not here yet");

        var removed = Core.PreCandidate(term: 3, log: "1 3");
        removed.Receives(VoteReply(2, 3, ElectionKind.PreVote, removed.State.CampaignRound, VoteRefusal.LeaderAlive) with { CandidateIsRemoved = true });
        removed.State.IsRemoved.ShouldBeTrue();
        removed.Waits(5000).Sent.ShouldBeEmpty();
        removed.Receives(Append(2, 3, "2/3")).State.IsRemoved.ShouldBeFalse("a leader speaks to members only");
    }

    /// <summary>
    /// A voter without a log may be one that lost it: it votes for those who have none either, and for those whose log names its storage.
    /// </summary>
    [Theory, Trait("RaftBug", "B71")]
    [InlineData("0/0", null, VoteRefusal.None)]
    [InlineData("5/2", null, VoteRefusal.NotAdmitted)]
    [InlineData("5/2", "another", VoteRefusal.NotAdmitted)]
    [InlineData("5/2", "own", VoteRefusal.None)]
    internal void A_voter_that_may_have_lost_its_log_votes_only_where_that_does_no_harm(string last, string? known, VoteRefusal expected)
    {
        var voter = new RaftCore(Entries.Node(1), new CoreOptions(), new RecoveredState(new Term(0), null, Entries.Voters(3), []) { Storage = Storage("own") }, 1, default);
        var effects = new Effects();

        voter.Step(default, PreVoteRequest(from: 2, term: 2, last) with { VoterStorage = known is null ? null : Storage(known) }, effects);

        effects.All.OfType<Send>().ShouldHaveSingleItem().Message.ShouldBeOfType<VoteReply>().Refusal.ShouldBe(expected);
    }

    /// <summary>The first leader writes the storages that it has met in the write of its no-op: from then on a wiped disk shows.</summary>
    [Fact, Trait("RaftBug", "B71")]
    public void The_storages_of_founders_are_in_the_log_before_anything_is_committed()
    {
        var core = new RaftCore(Entries.Node(1), new CoreOptions(), new RecoveredState(new Term(0), null, Entries.Voters(1), []) { Storage = Storage("own") }, 1, default);
        var effects = new Effects();
        core.Step(default, Tick.Instance, effects);
        core.Step(default, new TermPersisted(new Term(1), Entries.Node(1)), effects);

        var first = effects.All.OfType<AppendToLog>().ShouldHaveSingleItem();
        first.Entries.Count.ShouldBe(2);
        first.Entries[1].ShouldBeOfType<ConfigurationEntry>().Configuration.Voters.ShouldHaveSingleItem().Storage.ShouldBe(Storage("own"));
    }

    /// <summary>What an earlier storage of that name still says, late, names nobody: only an answer to a round that began after the node was added does.</summary>
    [Fact, Trait("RaftBug", "B93"), Trait("RaftBug", "B71")]
    public void A_late_message_of_an_earlier_storage_does_not_name_the_new_member()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Waits(300).Receives(Accepted(2, 3, 2, round: 3));
        leader.Receives(Change(1, [1, 2, 3], learners: [4])).LogDurable(3).Receives(Accepted(2, 3, 3, round: 3));

        leader.Receives(Accepted(4, 3, 0, round: 3) with { FromStorage = Storage("old") });
        leader.State.Leadership!.MetStorages.ShouldBeEmpty();
        leader.Waits(100).Receives(Accepted(4, 3, 0, round: leader.State.Leadership!.Round) with { FromStorage = Storage("new") });

        leader.Effects.OfType<AppendToLog>().ShouldHaveSingleItem().Entries.ShouldHaveSingleItem().ShouldBeOfType<ConfigurationEntry>().Configuration
            .Find(Entries.Node(4)).ShouldNotBeNull().Storage.ShouldBe(Storage("new"));
    }

    static StorageId Storage(string name) => new(name);

    static Configuration Joint(int[] before, int[] after) => Entries.Voters(before).Enter(Entries.Voters(after));

    static AppendEntries Configure(string after, Configuration configuration, long commit = 0)
    {
        var previous = Entries.Id(after);
        return new AppendEntries(Entries.Node(2), previous.Term, 0, previous, [new ConfigurationEntry(new EntryId(previous.Index.Next, previous.Term), Entries.Epoch, configuration)], new LogIndex(commit));
    }

    static ChangeMembership Change(long id, int[] voters, int[]? learners = null, int[]? promote = null, long? expected = null, bool force = false) => new(
        id, Entries.Voters(voters).Voters, [.. Entries.Voters(learners ?? []).Voters, .. Entries.Voters(promote ?? []).Voters.Select(member => member with { PromoteWhenCaughtUp = true })])
    {
        Expected = expected is { } index ? new LogIndex(index) : null, Force = force,
    };
}
