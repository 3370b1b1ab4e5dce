using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Protocol;
using AkkaRaft.StateMachine;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Shell;

/// <summary>What a node makes of its clients' sessions (thesis 6.3).</summary>
public sealed class NodeSessionsSpec(ITestOutputHelper output) : NodeSpec(output)
{
    static readonly LogIndex Session = new(6);

    static ProposeBatch InSession(long requestId, long sequence, string command, long lowest = 1) =>
        new(Cluster, GroupName, [new ClientRequest(requestId, TextCodec.Of(command)) { Sequence = sequence }]) { Session = new BatchSession(Session, lowest) };

    static ProposeBatch Calling(long requestId, SessionAct act) => new(Cluster, GroupName, [])
    {
        Session = act == SessionAct.Open ? null : new BatchSession(Session, 4), Call = new SessionCall(requestId, act),
    };

    /// <summary>The only voter's journal confirms the entry, and its machine is handed it.</summary>
    LogEntry Committed()
    {
        var write = ExpectAppend();
        var entry = write.Entries.ShouldHaveSingleItem();
        LogJournal.Send(Child("log-journal"), new Written(new EntriesPersisted(write.WriteId, entry.Id)));
        Machine.ExpectMsg<ApplyEntries>().Entries.ShouldHaveSingleItem().Entry.ShouldBe(entry);
        return entry;
    }

    ClientReply Answered(EntryResult result)
    {
        Machine.Send(Child("machine"), new EntriesApplied(result.Entry.Index, [result]));
        return Client.ExpectMsg<ClientReplyBatch>().Replies.ShouldHaveSingleItem();
    }

    [Fact, Trait("RaftBug", "B84")]
    public void The_limits_of_a_session_are_the_leaders_and_stand_in_the_log()
    {
        var node = StartLeader(Settings(1).WithSessionTimeout(TimeSpan.FromSeconds(90.0005)).WithMaxSessions(7).WithMaxSessionResults(8).WithMaxSessionResultBytes(9));
        CommitNoOp();

        Client.Send(node, Calling(17, SessionAct.Open));

        var entry = Committed().ShouldBeOfType<OpenSessionEntry>();
        entry.Limits.ShouldBe(new SessionLimits(TimeSpan.FromMilliseconds(90_001), 7, 8, 9));
        Answered(new EntryResult(entry.Id, null, null) { Opened = entry.Limits })
            .ShouldBe(new ClientReply(17, ClientOutcome.Ok, entry.Index, null, null) { Session = new SessionGrant(entry.Limits.Timeout, 8) });
    }

    [Fact, Trait("RaftBug", "B85")]
    public void A_command_in_a_session_is_appended_with_its_number()
    {
        var node = StartLeader(Settings(1));
        CommitNoOp();

        Client.Send(node, InSession(17, 5, "a", lowest: 4));

        Committed().ShouldBeOfType<CommandEntry>().Stamp.ShouldBe(new SessionStamp(Session, 5, 4));
    }

    /// <summary>The first try is still under way in this leader's own log: the second is one more entry, and the table decides.</summary>
    [Fact, Trait("RaftBug", "B85")]
    public void A_retry_is_appended_again_and_each_copy_is_answered()
    {
        var node = StartLeader(Settings(1));
        CommitNoOp();
        Client.Send(node, InSession(17, 5, "a"));
        var first = Committed();
        Client.Send(node, InSession(18, 5, "a"));
        var second = Committed();

        var one = Answered(new EntryResult(first.Id, TextCodec.Of("done"), null) { AppliedAt = first.Index });
        var two = Answered(new EntryResult(second.Id, TextCodec.Of("done"), null) { AppliedAt = first.Index });

        one.ShouldBe(new ClientReply(17, ClientOutcome.Ok, first.Index, TextCodec.Of("done"), null));
        two.ShouldBe(new ClientReply(18, ClientOutcome.Ok, first.Index, TextCodec.Of("done"), null));
    }

    public static TheoryData<string, string, string> Refusals => new()
    {
        { nameof(EntryVerdict.SessionExpired), nameof(ClientOutcome.SessionExpired), "not applied" },
        { nameof(EntryVerdict.Answered), nameof(ClientOutcome.Unknown), "forgotten" },
        { nameof(EntryVerdict.BeyondLimit), nameof(ClientOutcome.Overloaded), "max-results" },
        { nameof(EntryVerdict.TooManySessions), nameof(ClientOutcome.Overloaded), "max-sessions" },
    };

    [Theory, MemberData(nameof(Refusals)), Trait("RaftBug", "B85")]
    public void What_the_table_refuses_is_told(string verdict, string outcome, string error)
    {
        var node = StartLeader(Settings(1));
        CommitNoOp();
        Client.Send(node, InSession(17, 5, "a"));

        var reply = Answered(new EntryResult(Committed().Id, null, null) { Verdict = Enum.Parse<EntryVerdict>(verdict) });

        reply.Outcome.ShouldBe(Enum.Parse<ClientOutcome>(outcome));
        reply.Error.ShouldNotBeNull().ShouldContain(error);
    }

    [Fact]
    public void A_session_is_kept_and_closed_by_entries_and_a_close_wants_no_answer()
    {
        var node = StartLeader(Settings(1));
        CommitNoOp();

        Client.Send(node, Calling(17, SessionAct.Keep));
        var kept = Committed().ShouldBeOfType<KeepSessionEntry>();
        (kept.Session, kept.LowestUnanswered, kept.Closes).ShouldBe((Session, 4, false));
        Answered(new EntryResult(kept.Id, null, null)).Outcome.ShouldBe(ClientOutcome.Ok);

        Client.Send(node, Calling(0, SessionAct.Close));
        var closed = Committed().ShouldBeOfType<KeepSessionEntry>();
        closed.Closes.ShouldBeTrue();
        Machine.Send(Child("machine"), new EntriesApplied(closed.Index, [new EntryResult(closed.Id, null, null)]));
        Client.HasMessages.ShouldBeFalse();
    }

    [Fact, Trait("RaftBug", "B50")]
    public void Who_waits_for_a_session_or_in_one_hears_at_once_when_the_leader_is_deposed()
    {
        var node = StartLeader(Settings(3));
        ExpectAppend();
        Client.Send(node, InSession(17, 5, "a"));
        Client.Send(node, Calling(18, SessionAct.Open));
        Client.HasMessages.ShouldBeFalse();

        node.Tell(FromPeer(2, new AppendEntries(Node(2), new Term(9), 1, EntryId.Zero, [], LogIndex.Zero)));

        Client.ExpectMsg<ClientReplyBatch>().Replies.Select(reply => (reply.RequestId, reply.Outcome))
            .ShouldBe([(17L, ClientOutcome.Unknown), (18L, ClientOutcome.Unknown)]);
    }

    [Fact, Trait("RaftBug", "B50")]
    public void A_node_that_does_not_lead_refuses_what_is_asked_for_a_session_too()
    {
        var node = StartNode(Settings(3));
        OpenChildren();
        Recover(Settings(3), term: 4);

        Client.Send(node, Calling(17, SessionAct.Open));

        var reply = Client.ExpectMsg<ClientReplyBatch>().Replies.ShouldHaveSingleItem();
        (reply.RequestId, reply.Outcome).ShouldBe((17, ClientOutcome.NotLeader));
    }
}
