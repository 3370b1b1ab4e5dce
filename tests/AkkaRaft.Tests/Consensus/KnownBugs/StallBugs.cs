using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Messages;

namespace AkkaRaft.Tests.Consensus.KnownBugs;

/// <summary>Disks, processes, followers and state machines that are slow or stand still (B90, B91), and what pushes back.</summary>
public sealed class StallBugs
{
    /// <summary>B90: a leader whose journal hangs would go on sending heartbeats for ever; after an election timeout it gives up, though all followers answer.</summary>
    [Fact, Trait("RaftBug", "B90")]
    public void A_leader_whose_journal_hangs_gives_up()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3", commit: 2, durable: 2);

        for (var i = 0; i < 24; i++)
        {
            leader.Role.ShouldBe(RaftRole.Leader);
            leader.Waits(50).Receives(Accepted(from: 2, term: 3, upTo: 3), Accepted(from: 3, term: 3, upTo: 3));
        }

        leader.Waits(50);
        leader.Role.ShouldBe(RaftRole.Follower);
        leader.Effects.OfType<RoleChanged>().Single().Reason.ShouldBe("its own journal has confirmed nothing for 1250 ms");
    }

    /// <summary>B90: nor does it stand again while that write hangs; the disk may come back, and then it may.</summary>
    [Fact, Trait("RaftBug", "B90")]
    public void Who_gave_up_for_its_journal_does_not_stand_while_the_write_hangs()
    {
        var node = Core.Leader(term: 3, log: "1 3 3", commit: 2, durable: 2);
        for (var i = 0; i < 25; i++) node.Waits(50).Receives(Accepted(from: 2, term: 3, upTo: 3), Accepted(from: 3, term: 3, upTo: 3));
        node.Waits(50).Role.ShouldBe(RaftRole.Follower);

        node.Waits(20_000).Did();
        node.Role.ShouldBe(RaftRole.Follower);
        node.LogDurable(3).Waits(50);

        node.Role.ShouldBe(RaftRole.PreCandidate);
    }

    /// <summary>B90: a journal that is slow but goes on is none that hangs.</summary>
    [Fact, Trait("RaftBug", "B90")]
    public void A_leader_whose_journal_is_slow_but_goes_on_leads_on()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3 3 3 3", commit: 2, durable: 2);
        for (var i = 3; i <= 6; i++)
        {
            for (var j = 0; j < 22; j++) leader.Waits(50).Receives(Accepted(from: 2, term: 3, upTo: 6), Accepted(from: 3, term: 3, upTo: 6));
            leader.LogDurable(i);
        }

        leader.Waits(50).Role.ShouldBe(RaftRole.Leader);
        leader.Receives(Accepted(from: 2, term: 3, upTo: 6), Accepted(from: 3, term: 3, upTo: 6), Propose("next"));
        for (var j = 0; j < 22; j++) leader.Waits(50).Receives(Accepted(from: 2, term: 3, upTo: 7), Accepted(from: 3, term: 3, upTo: 7));
        leader.Role.ShouldBe(RaftRole.Leader, "a journal that had nothing to write did not hang");
    }

    /// <summary>
    /// B91: a leader that wakes handles what waited in its mailbox before its next tick. It must not take answers that it got before for news, nor say that it leads:
    /// it asks first whether anybody can have heard it lately.
    /// </summary>
    [Fact, Trait("RaftBug", "B91")]
    public void A_leader_that_stood_still_gives_up_before_it_handles_anything()
    {
        Input[] first =
        [
            Accepted(from: 2, term: 3, upTo: 2), Read(1), Propose("late"), Look.Instance, new TransferLeadership(1, null), new Applied(new LogIndex(2)), Campaign.Instance,
            Append(from: 2, term: 4, after: "2/3"), VoteRequest(from: 2, term: 4, last: "2/3"),
        ];
        foreach (var input in first)
        {
            var leader = Core.Leader(term: 3, log: "1 3", commit: 2).Waits(50);
            leader.Receives(Read(9));

            leader.Later(1300).Receives(input);

            leader.Role.ShouldNotBe(RaftRole.Leader, $"after {input}");
            leader.Effects.OfType<ReadRefused>().ShouldContain(new ReadRefused(9, RequestRefusal.NotLeader));
            leader.Effects.ShouldNotContain(e => e is ReadReady || e is ProposalAppended);
        }
    }

    /// <summary>B91: who was only slow for less than an election timeout leads on.</summary>
    [Fact, Trait("RaftBug", "B91")]
    public void A_leader_that_was_only_slow_leads_on()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2).Waits(50);

        leader.Later(900).Receives(Accepted(from: 2, term: 3, upTo: 2), Look.Instance);

        leader.Role.ShouldBe(RaftRole.Leader);
    }

    /// <summary>What is committed and waits for the state machine is in memory too: a slow machine pushes back like a slow disk.</summary>
    [Fact]
    public void A_slow_state_machine_pushes_back()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2, options: new CoreOptions { MaxPendingProposals = 3, MaxApplyEntries = 2 });
        leader.AppliesAtOnce = false;
        leader.Receives(Propose("a", "b", "c", "d"));
        leader.Effects.OfType<ProposalRefused>().ShouldBe([new ProposalRefused(4, RequestRefusal.Overloaded)]);
        leader.LogDurable(5).Receives(Accepted(from: 2, term: 3, upTo: 5)).CommitIndex.ShouldBe(5);

        leader.Receives(Propose("e")).Did("proposal 1 refused: Overloaded");
        leader.Receives(new Applied(new LogIndex(4)), Propose("e", "f", "g"));

        leader.Effects.OfType<ProposalAppended>().Count().ShouldBe(2);
        leader.Effects.OfType<ProposalRefused>().ShouldBe([new ProposalRefused(3, RequestRefusal.Overloaded)]);
    }

    /// <summary>A majority may commit without the leader's own disk; what that has not stored is in memory too, and a slow disk of the leader's own pushes back.</summary>
    [Fact, Trait("RaftBug", "B90")]
    public void A_leaders_own_slow_disk_pushes_back()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2, options: new CoreOptions { MaxPendingProposals = 3 });
        leader.Receives(Propose("a", "b", "c"));
        leader.Receives(Accepted(from: 2, term: 3, upTo: 5), Accepted(from: 3, term: 3, upTo: 5)).CommitIndex.ShouldBe(5);
        leader.State.Applied.ShouldBe(new LogIndex(5));

        leader.Receives(Propose("d")).Did("proposal 1 refused: Overloaded");
        leader.LogDurable(5);

        leader.State.Leadership!.UnsettledBytes.ShouldBe(0);
        leader.Receives(Propose("d")).Effects.ShouldContain(e => e is ProposalAppended);
    }

    /// <summary>By bytes as by number; and once all is applied, nothing counts any more.</summary>
    [Fact]
    public void A_slow_state_machine_pushes_back_by_bytes_too()
    {
        var size = new CommandEntry(EntryId.Zero, Entries.Epoch, Entries.Command("a")).Size;
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2, options: new CoreOptions { MaxPendingProposalBytes = 2 * size });
        leader.AppliesAtOnce = false;
        leader.Receives(Propose("a", "b", "c")).Effects.OfType<ProposalRefused>().Count().ShouldBe(1);
        leader.LogDurable(4).Receives(Accepted(from: 2, term: 3, upTo: 4));
        leader.State.Leadership!.UnsettledBytes.ShouldBe(2 * size);

        leader.Receives(new Applied(new LogIndex(4)));

        leader.State.Leadership!.UnsettledBytes.ShouldBe(0);
        leader.Receives(Propose("d")).Effects.ShouldContain(e => e is ProposalAppended);
    }

    /// <summary>A follower that takes nothing fills its own window and nobody else's: commits go on, and what is sent to it is bounded.</summary>
    [Fact]
    public void A_slow_follower_slows_nobody()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2, options: new CoreOptions { MaxInflightAppends = 4 });
        leader.Receives(Accepted(from: 3, term: 3, upTo: 2));
        var toSlow = 0;
        for (var i = 3; i < 203; i++)
        {
            leader.Receives(Propose($"p{i}"));
            toSlow += leader.Sent.Count(s => s.To == "3");
            leader.LogDurable(i).Receives(Accepted(from: 2, term: 3, upTo: i));
            leader.CommitIndex.ShouldBe(i);
        }

        toSlow.ShouldBe(4);
    }
}
