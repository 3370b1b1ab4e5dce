using Akka.Event;
using Akka.Remote;
using AkkaRaft.Protocol;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Client;

/// <summary>Commands in a session (thesis 6.3): what is sent again, under which number, and what is said when the session is gone.</summary>
public sealed class SessionSpec(ITestOutputHelper output) : ClientSpec(output)
{
    static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    static RaftClientSettings On => Settings.WithSessions(true).WithRetryInterval(Retry);

    static ClientReply Granted(long requestId, long session, int maxResults = 100) =>
        new(requestId, ClientOutcome.Ok, new LogIndex(session), null, null) { Session = new SessionGrant(Lease, maxResults) };

    long ExpectCall(int node, SessionAct act)
    {
        var call = Node(node).FishForMessage<ProposeBatch>(batch => batch.Call is not null).Call!.Value;
        call.Act.ShouldBe(act);
        return call.RequestId;
    }

    /// <summary>A client of this leader with an open session.</summary>
    RaftClient NewClientIn(long session, int leader = 1, long term = 7, int maxResults = 100, RaftClientSettings? settings = null)
    {
        var client = NewClientOf(leader, term, settings ?? On);
        var proposal = client.Propose<long>(new Add(0));
        Reply(leader, leader, term, Granted(ExpectCall(leader, SessionAct.Open), session, maxResults));
        Reply(leader, leader, term, Ok(Commands(leader).Requests.Single(), session + 1, 0L));
        ResultOf(proposal);
        return client;
    }

    ProposeBatch Commands(int node) => Node(node).FishForMessage<ProposeBatch>(batch => batch.Requests.Count > 0);

    /// <summary>So many commands, in one message or in several.</summary>
    IReadOnlyList<ClientRequest> Requests(int node, int count)
    {
        var all = new List<ClientRequest>();
        while (all.Count < count) all.AddRange(Commands(node).Requests);
        return all;
    }

    void DrainQuestions(params int[] nodes)
    {
        Settle();
        foreach (var n in nodes)
        {
            while (Node(n).HasMessages) Node(n).ExpectMsg<LeaderRequest>();
        }
    }

    [Fact]
    public void The_first_command_opens_the_session_and_is_sent_when_it_is_open()
    {
        var client = NewClientOf(leader: 1, term: 7, On);
        ExpectNothingSent(1, 2, 3);
        var first = client.Propose<long>(new Add(1));
        var second = client.Propose<long>(new Add(2));
        var open = Node(1).ExpectMsg<ProposeBatch>();
        open.Requests.ShouldBeEmpty();
        open.Session.ShouldBeNull();
        open.Call!.Value.Act.ShouldBe(SessionAct.Open);
        ExpectNothingSent(1, 2, 3);

        Reply(1, 1, 7, Granted(open.Call.Value.RequestId, 40));

        var batch = ExpectProposals(1);
        batch.Session.ShouldBe(new BatchSession(new LogIndex(40), 1));
        batch.Requests.Select(r => r.Sequence).ShouldBe([1, 2]);
        Reply(1, 1, 7, Ok(batch.Requests[0], 41, 5L), Ok(batch.Requests[1], 42, 6L));
        (ResultOf(first), ResultOf(second)).ShouldBe((5, 6));
    }

    [Fact]
    public void A_query_needs_no_session()
    {
        var client = NewClientOf(leader: 1, term: 7, On);
        var query = client.Query<long>(new Get());

        Reply(1, 1, 7, Ok(ExpectQueries(1).Requests.Single(), 12, 5L));

        ResultOf(query).ShouldBe(5);
    }

    [Fact]
    public void The_lowest_unanswered_number_is_told_with_each_message()
    {
        var client = NewClientIn(session: 40);
        _ = client.Propose<long>(new Add(1));
        var second = Commands(1);
        second.Session.ShouldBe(new BatchSession(new LogIndex(40), 2));
        _ = client.Propose<long>(new Add(2));
        var third = Commands(1);
        third.Session.ShouldBe(new BatchSession(new LogIndex(40), 2));

        Reply(1, 1, 7, Ok(third.Requests.Single(), 44, 0L));
        _ = client.Propose<long>(new Add(3));
        Commands(1).Session.ShouldBe(new BatchSession(new LogIndex(40), 2));
        Reply(1, 1, 7, Ok(second.Requests.Single(), 43, 0L));
        _ = client.Propose<long>(new Add(4));
        Commands(1).Session.ShouldBe(new BatchSession(new LogIndex(40), 4));
    }

    [Theory, Trait("RaftBug", "B85")]
    [InlineData("another leader"), InlineData("unknown"), InlineData("node gone"), InlineData("refused")]
    public void A_command_whose_fate_is_not_known_goes_to_the_next_leader_under_its_number(string how)
    {
        var client = NewClientIn(session: 40);
        var proposal = client.Propose<long>(new Add(1));
        var first = Commands(1).Requests.Single();

        switch (how)
        {
            case "another leader":
                Hint(from: 3, leader: 2, term: 8);
                break;
            case "unknown":
                Reply(1, leader: 2, term: 8, Ended(first, ClientOutcome.Unknown));
                break;
            case "node gone":
                Publish(new DisassociatedEvent(RemoteAddress(9), RemoteAddress(1), inbound: true));
                Hint(from: 2, leader: 2, term: 8);
                break;
            default:
                Reply(1, leader: 2, term: 8, Ended(first, ClientOutcome.NotLeader));
                break;
        }

        var again = Commands(2);
        again.Session.ShouldBe(new BatchSession(new LogIndex(40), 2));
        again.Requests.Single().Sequence.ShouldBe(first.Sequence);
        again.Requests.Single().Body.ShouldBe(first.Body);
        again.Requests.Single().RequestId.ShouldNotBe(first.RequestId);
        Reply(2, 2, 8, Ok(again.Requests.Single(), 12, 5L));
        ResultOf(proposal).ShouldBe(5);
    }

    [Fact, Trait("RaftBug", "B85")]
    public void A_command_that_a_living_leader_does_not_answer_is_sent_again_ever_more_slowly()
    {
        var client = NewClientIn(session: 40);
        var proposal = client.Propose<long>(new Add(1), timeout: TimeSpan.FromMinutes(1));
        var first = Commands(1).Requests.Single();
        var sent = new List<int>();

        for (var tenth = 1; tenth <= 200; tenth++)
        {
            Hint(from: 1, leader: 1, term: 7);   // it is there
            Pass(Retry / 10);
            while (Node(1).HasMessages)
            {
                if (Node(1).ReceiveOne() is not ProposeBatch again) continue;
                again.Requests.Single().ShouldBe(first);
                sent.Add(tenth);
            }
        }

        sent.Count.ShouldBeInRange(3, 5);
        (sent[^1] - sent[^2]).ShouldBeGreaterThan(sent[1] - sent[0]);
        Reply(1, 1, 7, Ok(first, 12, 5L));
        ResultOf(proposal).ShouldBe(5);
    }

    /// <summary>A refusal of one copy says nothing of the other, which may be in the log.</summary>
    [Theory, Trait("RaftBug", "B85")]
    [InlineData(false), InlineData(true)]
    public void A_refusal_after_the_command_may_have_been_appended_is_not_believed(bool rejects)
    {
        var client = NewClientIn(session: 40);
        var proposal = client.Propose<long>(new Add(1));
        Commands(1);
        Hint(from: 3, leader: 2, term: 8);
        var again = Commands(2).Requests.Single();

        Reply(2, 2, 8, Ended(again, rejects ? ClientOutcome.Rejected : ClientOutcome.Overloaded, "too much"));

        if (rejects)
        {
            FailureOf<OutcomeUnknownException>(proposal).Message.ShouldContain("too much");
            return;
        }

        Settle();
        proposal.IsCompleted.ShouldBeFalse();
        Reply(2, leader: null, term: 8, Ended(again, ClientOutcome.NotLeader));
        Pass(Timeout);
        FailureOf<OutcomeUnknownException>(proposal).Outcome.ShouldBe(RaftOutcome.Unknown);
    }

    [Theory]
    [InlineData("Overloaded", typeof(OverloadedException)), InlineData("Rejected", typeof(CommandRejectedException))]
    public void A_refusal_of_the_only_copy_is_sure(string outcome, Type error)
    {
        var client = NewClientIn(session: 40);
        var proposal = client.Propose<long>(new Add(1));

        Reply(1, 1, 7, Ended(Commands(1).Requests.Single(), Enum.Parse<ClientOutcome>(outcome)));

        var failure = FailureOf<RaftException>(proposal);
        failure.ShouldBeOfType(error);
        failure.IsSurelyNotApplied.ShouldBeTrue();
    }

    [Fact]
    public void Time_outs_stay_unknown()
    {
        var client = NewClientIn(session: 40);
        var proposal = client.Propose<long>(new Add(1), timeout: TimeSpan.FromMilliseconds(500));
        Commands(1);

        Pass(TimeSpan.FromMilliseconds(500));

        FailureOf<OutcomeUnknownException>(proposal);
        _ = client.Propose<long>(new Add(2));
        Hint(from: 1, leader: 1, term: 7);
        var next = Commands(1);
        (next.Session!.Value.LowestUnanswered, next.Requests.Single().Sequence).ShouldBe((3, 3));   // nobody waits for number 2 any more
    }

    [Fact, Trait("RaftBug", "B85")]
    public void When_the_session_has_expired_what_was_sent_is_unknown_and_only_the_rest_goes_into_another_one()
    {
        var client = NewClientIn(session: 40, maxResults: 2);
        var sent = new[] { client.Propose<long>(new Add(1)), client.Propose<long>(new Add(2)) };
        var waiting = client.Propose<long>(new Add(3));   // the session has no room for it
        var first = Requests(1, 2);
        Settle();

        Reply(1, 1, 7, Ended(first[0], ClientOutcome.SessionExpired, "gone"));

        foreach (var each in sent)
        {
            var error = FailureOf<OutcomeUnknownException>(each);
            error.InnerException.ShouldBeOfType<SessionExpiredException>().Session.ShouldBe(new LogIndex(40));
        }

        var open = ExpectCall(1, SessionAct.Open);
        Reply(1, 1, 7, Granted(open, 90));
        var batch = Commands(1);
        batch.Session.ShouldBe(new BatchSession(new LogIndex(90), 1));
        ((Add)Codec.Decode(batch.Requests.Single().Body)).Amount.ShouldBe(3);
        Reply(1, 1, 7, Ok(batch.Requests.Single(), 91, 3L));
        ResultOf(waiting).ShouldBe(3);
    }

    /// <summary>It was refused by the only node that it reached: it is in no log, and may have another number in another session.</summary>
    [Fact, Trait("RaftBug", "B85")]
    public void A_command_that_was_surely_refused_outlives_its_session()
    {
        var client = NewClientIn(session: 40);
        var lost = client.Propose<long>(new Add(1));
        var first = Commands(1).Requests.Single();
        var refused = client.Propose<long>(new Add(2));
        var second = Commands(1).Requests.Single();
        Reply(1, leader: null, term: 7, Ended(second, ClientOutcome.NotLeader), Ended(first, ClientOutcome.SessionExpired));

        FailureOf<OutcomeUnknownException>(lost);
        Pass(Poll);
        Hint(from: 2, leader: 2, term: 8);
        Reply(2, 2, 8, Granted(ExpectCall(2, SessionAct.Open), 90));
        var batch = Commands(2);
        batch.Session!.Value.Id.ShouldBe(new LogIndex(90));
        Reply(2, 2, 8, Ok(batch.Requests.Single(), 91, 3L));
        ResultOf(refused).ShouldBe(3);
    }

    /// <summary>A leader whose state machine does not get on appends each copy, and opens them all in the end.</summary>
    [Fact]
    public void A_session_is_asked_for_ever_more_slowly_and_those_that_other_copies_opened_are_closed()
    {
        var client = NewClientOf(leader: 1, term: 7, On);
        var proposal = client.Propose<long>(new Add(1), TimeSpan.FromMinutes(5));
        var open = ExpectCall(1, SessionAct.Open);
        var copies = 0;
        for (var passed = TimeSpan.Zero; passed < 16 * Retry; passed += Poll)
        {
            Pass(Poll);
            while (Node(1).HasMessages)
            {
                if (Node(1).ReceiveOne(TimeSpan.Zero) is ProposeBatch { Call.Act: SessionAct.Open }) copies++;
            }

            Hint(from: 1, leader: 1, term: 7);
        }

        copies.ShouldBeInRange(3, 5);

        Reply(1, 1, 7, Granted(open, 40));
        Commands(1).Session!.Value.Id.ShouldBe(new LogIndex(40));
        Reply(1, 1, 7, Granted(open, 40), Granted(open, 41));
        Node(1).FishForMessage<ProposeBatch>(batch => batch.Call is { Act: SessionAct.Close }).Session!.Value.Id.ShouldBe(new LogIndex(41));
        proposal.IsCompleted.ShouldBeFalse();
    }

    [Theory]
    [InlineData("refused"), InlineData("another leader"), InlineData("silence"), InlineData("undelivered")]
    public void The_session_is_asked_for_again_when_no_answer_came(string how)
    {
        var client = NewClientOf(leader: 1, term: 7, On);
        var proposal = client.Propose<long>(new Add(1));
        var open = Node(1).ExpectMsg<ProposeBatch>();
        var at = 2;
        switch (how)
        {
            case "refused":
                Reply(1, leader: 2, term: 8, new ClientReply(open.Call!.Value.RequestId, ClientOutcome.NotLeader, LogIndex.Zero, null, null));
                break;
            case "another leader":
                Hint(from: 3, leader: 2, term: 8);
                break;
            case "silence":
                Pass(Retry);
                Hint(from: 1, leader: 1, term: 7);
                at = 1;
                break;
            default:
                Publish(new DeadLetter(open, Sys.DeadLetters, Node(1).Ref));
                Hint(from: 2, leader: 2, term: 8);
                break;
        }

        var id = ExpectCall(at, SessionAct.Open);
        Reply(at, at, 8, Granted(id, 40));
        Reply(at, at, 8, Ok(Commands(at).Requests.Single(), 41, 5L));
        ResultOf(proposal).ShouldBe(5);
    }

    [Fact]
    public void When_there_are_too_many_sessions_the_commands_were_surely_not_applied()
    {
        var client = NewClientOf(leader: 1, term: 7, On);
        var proposal = client.Propose<long>(new Add(1));

        Reply(1, 1, 7, new ClientReply(ExpectCall(1, SessionAct.Open), ClientOutcome.Overloaded, LogIndex.Zero, null, "max-sessions"));

        var error = FailureOf<OverloadedException>(proposal);
        error.IsSurelyNotApplied.ShouldBeTrue();
        error.Message.ShouldContain("max-sessions");
    }

    [Fact]
    public void A_command_whose_session_was_not_opened_in_time_was_surely_not_applied()
    {
        var client = NewClientOf(leader: 1, term: 7, On);
        var proposal = client.Propose<long>(new Add(1));
        ExpectCall(1, SessionAct.Open);

        Pass(Timeout);

        var error = FailureOf<NotLeaderException>(proposal);
        error.IsSurelyNotApplied.ShouldBeTrue();
        error.Message.ShouldContain("did not open a session");
    }

    [Fact]
    public void An_answer_to_an_opening_that_was_given_up_opens_nothing_and_what_the_group_opened_is_closed()
    {
        var client = NewClientOf(leader: 1, term: 7, On);
        _ = client.Propose<long>(new Add(1));
        var old = ExpectCall(1, SessionAct.Open);
        Hint(from: 3, leader: 2, term: 8);
        var open = ExpectCall(2, SessionAct.Open);

        Reply(1, leader: 2, term: 8, Granted(old, 39));
        var close = Node(2).ExpectMsg<ProposeBatch>();
        (close.Call, close.Session!.Value.Id).ShouldBe((new SessionCall(0, SessionAct.Close), new LogIndex(39)));
        ExpectNothingSent(1, 2, 3);

        Reply(2, 2, 8, Granted(open, 40));
        Commands(2).Session!.Value.Id.ShouldBe(new LogIndex(40));
    }

    [Fact]
    public void A_session_that_is_not_used_is_kept_for_its_time_and_then_closed()
    {
        var client = NewClientIn(session: 40);
        for (var third = 1; third <= 2; third++)
        {
            ExpectNothingSent(1, 2, 3);
            Pass(Lease / 3);
            var keep = ExpectCall(1, SessionAct.Keep);
            Reply(1, 1, 7, new ClientReply(keep, ClientOutcome.Ok, new LogIndex(50 + third), null, null));
        }

        Pass(Lease / 3);
        ExpectCall(1, SessionAct.Close).ShouldBe(0);
        Pass(Lease);
        ExpectNothingSent(1, 2, 3);

        _ = client.Propose<long>(new Add(1));
        ExpectCall(1, SessionAct.Open);
    }

    [Fact]
    public void A_session_whose_signs_of_life_were_not_answered_is_not_used_again()
    {
        var client = NewClientIn(session: 40);
        Pass(Lease / 3);
        Pass(Lease / 3);
        Hint(from: 1, leader: 1, term: 7);
        _ = client.Propose<long>(new Add(1));

        ExpectCall(1, SessionAct.Keep);
        ExpectCall(1, SessionAct.Keep);
        ExpectCall(1, SessionAct.Open);
    }

    [Fact]
    public void A_sign_of_life_that_finds_the_session_expired_costs_nobody_anything()
    {
        var client = NewClientIn(session: 40);
        Pass(Lease / 3);
        Reply(1, 1, 7, new ClientReply(ExpectCall(1, SessionAct.Keep), ClientOutcome.SessionExpired, new LogIndex(50), null, "gone"));
        ExpectNothingSent(1, 2, 3);

        var proposal = client.Propose<long>(new Add(1));

        Reply(1, 1, 7, Granted(ExpectCall(1, SessionAct.Open), 90));
        Reply(1, 1, 7, Ok(Commands(1).Requests.Single(), 91, 5L));
        ResultOf(proposal).ShouldBe(5);
    }

    [Fact]
    public void No_more_commands_are_under_way_than_the_session_may_have_and_room_returns()
    {
        var client = NewClientIn(session: 40, maxResults: 2);
        for (var i = 1; i <= 4; i++) _ = client.Propose<long>(new Add(i));
        var first = Requests(1, 2);
        first.Select(r => r.Sequence).ShouldBe([2, 3]);
        ExpectNothingSent(1);

        Reply(1, 1, 7, Ok(first[1], 44, 0L));
        ExpectNothingSent(1);   // number 2 is unanswered, and number 4 would be two above it
        Reply(1, 1, 7, Ok(first[0], 43, 0L));

        Requests(1, 2).Select(r => r.Sequence).ShouldBe([4, 5]);
    }

    [Fact]
    public void Closing_the_client_closes_its_session_and_ends_what_was_sent_as_unknown()
    {
        var client = NewClientIn(session: 40);
        var sent = client.Propose<long>(new Add(1));
        Commands(1);

        WaitFor(client.DisposeAsync().AsTask());

        FailureOf<OutcomeUnknownException>(sent);
        ExpectCall(1, SessionAct.Close);
    }

    [Fact, Trait("RaftBug", "B85")]
    public void Closing_says_unknown_of_what_waits_to_be_sent_again()
    {
        var client = NewClientIn(session: 40);
        var sent = client.Propose<long>(new Add(1));
        Commands(1);
        Publish(new DisassociatedEvent(RemoteAddress(9), RemoteAddress(1), inbound: true));
        DrainQuestions(2, 3);

        WaitFor(client.DisposeAsync().AsTask());

        FailureOf<OutcomeUnknownException>(sent);
    }
}
