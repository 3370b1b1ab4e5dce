using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaRaft.Consensus;
using AkkaRaft.StateMachine;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.StateMachine;

/// <summary>The state machine and the sessions of clients: whose handler runs, and what is answered (thesis 6.3).</summary>
public sealed class SessionMachineSpec : TestKit
{
    static readonly DateTimeOffset Start = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);
    static readonly SessionLimits Limits = new(TimeSpan.FromSeconds(60), MaxSessions: 2, MaxResults: 4, MaxResultBytes: 1000);

    readonly InMemoryCodec _codec = new();
    readonly TestProbe _node;
    readonly IActorRef _machine;
    long _index;

    public SessionMachineSpec(ITestOutputHelper output) : base("akka.loglevel = ERROR", output: output)
    {
        _node = CreateTestProbe("node");
        _machine = Sys.ActorOf(Props.Create(() => new Counter()));
        _machine.Tell(new StartMachine(_codec), _node.Ref);
        _node.ExpectMsg<MachineStarted>();
    }

    public sealed record Add(long Amount);

    public sealed record WhatTime;

    public sealed record ReturnUnwritable;

    public sealed record Get;

    sealed class Counter : RaftStateMachine
    {
        long _sum;

        public Counter()
        {
            Command<Add, long>(add => _sum += add.Amount);
            Command<WhatTime, DateTimeOffset>(_ => Entry.Time);
            Command<ReturnUnwritable>(_ =>
            {
                _sum++;
                return new Unwritable("x");
            });
            Query<Get, long>(_ => _sum);
        }
    }

    EntryId Next => new(new LogIndex(++_index), new Term(2));

    CommandEntry InSession(LogIndex session, long sequence, object command, long lowest = 1, DateTimeOffset? time = null) =>
        new(Next, time ?? Start, _codec.Encode(command)) { Stamp = new SessionStamp(session, sequence, lowest) };

    OpenSessionEntry Opening(DateTimeOffset? time = null) => new(Next, time ?? Start, Limits);

    IReadOnlyList<EntryResult> Apply(bool isWanted, params LogEntry[] entries)
    {
        _machine.Tell(new ApplyEntries([.. entries.Select(entry => new CommittedEntry(entry, isWanted))]), _node.Ref);
        return _node.ExpectMsg<EntriesApplied>().Results;
    }

    EntryResult Apply(LogEntry entry) => Apply(true, entry).ShouldHaveSingleItem();

    LogIndex Open() => Apply(Opening()).Entry.Index;

    long Sum
    {
        get
        {
            _machine.Tell(new RunQueries([new RunQuery(7, _codec.Encode(new Get()))]), _node.Ref);
            return (long)_codec.Decode(_node.ExpectMsg<QueriesAnswered>().Answers.Single().Value!);
        }
    }

    [Fact, Trait("RaftBug", "B85")]
    public void A_copy_of_a_command_is_answered_with_the_first_result_and_the_handler_does_not_run()
    {
        var session = Open();
        var first = Apply(InSession(session, 1, new Add(3)));
        Apply(InSession(session, 2, new Add(10)));

        var copy = Apply(InSession(session, 1, new Add(3)));

        copy.Verdict.ShouldBe(EntryVerdict.Done);
        copy.Value.ShouldBe(first.Value);
        _codec.Decode(copy.Value!).ShouldBe(3L);
        copy.AppliedAt.ShouldBe(first.Entry.Index);
        Sum.ShouldBe(13);
    }

    /// <summary>The first copy was answered by nobody: its leader fell. The one that answers the second has to know the first result all the same.</summary>
    [Fact, Trait("RaftBug", "B85")]
    public void A_result_is_kept_on_nodes_where_nobody_waited_for_it()
    {
        var session = Open();
        Apply(isWanted: false, InSession(session, 1, new Add(3))).ShouldBeEmpty();

        _codec.Decode(Apply(InSession(session, 1, new Add(3))).Value!).ShouldBe(3L);
        Sum.ShouldBe(3);
    }

    [Fact, Trait("RaftBug", "B85")]
    public void A_result_that_cannot_be_serialized_is_told_in_the_same_words_to_every_copy()
    {
        var session = Open();
        var entry = InSession(session, 1, new ReturnUnwritable());
        var first = Apply(entry);

        var copy = Apply(InSession(session, 1, new ReturnUnwritable()));

        first.Error.ShouldNotBeNull().ShouldContain("was applied");
        copy.Error.ShouldBe(first.Error);
        copy.AppliedAt.ShouldBe(entry.Index);
        Sum.ShouldBe(1);
    }

    [Fact, Trait("RaftBug", "B85")]
    public void A_command_of_a_session_that_is_not_known_is_refused_and_makes_none()
    {
        var unknown = new LogIndex(99);

        Apply(InSession(unknown, 1, new Add(3))).Verdict.ShouldBe(EntryVerdict.SessionExpired);
        Apply(InSession(unknown, 1, new Add(3))).Verdict.ShouldBe(EntryVerdict.SessionExpired);

        Sum.ShouldBe(0);
    }

    [Fact, Trait("RaftBug", "B84")]
    public void A_session_ends_by_the_time_that_leaders_stamp_also_on_entries_of_others()
    {
        var session = Open();
        Apply(InSession(session, 1, new Add(3), time: Start.AddSeconds(59))).Verdict.ShouldBe(EntryVerdict.Done);
        Apply(false, new NoOpEntry(Next, Start.AddSeconds(119)));   // a new leader's, by its own clock

        Apply(InSession(session, 1, new Add(3), time: Start.AddSeconds(60))).Verdict.ShouldBe(EntryVerdict.SessionExpired);
        Sum.ShouldBe(3);
    }

    [Fact, Trait("RaftBug", "B84")]
    public void Time_that_handlers_see_never_falls()
    {
        Apply(false, new NoOpEntry(Next, Start.AddHours(1)));

        _codec.Decode(Apply(new CommandEntry(Next, Start, _codec.Encode(new WhatTime()))).Value!).ShouldBe(Start.AddHours(1));
    }

    [Fact]
    public void What_is_answered_too_many_or_without_room_changes_nothing_and_says_so()
    {
        var session = Open();
        Apply(InSession(session, 3, new Add(1), lowest: 3));

        Apply(InSession(session, 1, new Add(10))).Verdict.ShouldBe(EntryVerdict.Answered);
        Apply(InSession(session, 7, new Add(10), lowest: 3)).Verdict.ShouldBe(EntryVerdict.BeyondLimit);
        Open();
        Apply(Opening()).Verdict.ShouldBe(EntryVerdict.TooManySessions);

        Sum.ShouldBe(1);
    }

    [Fact]
    public void Signs_of_life_and_the_end_of_a_session_are_answered()
    {
        var session = Open();
        Apply(new KeepSessionEntry(Next, Start.AddSeconds(50), session, 1, Closes: false)).Verdict.ShouldBe(EntryVerdict.Done);
        Apply(InSession(session, 1, new Add(1), time: Start.AddSeconds(109))).Verdict.ShouldBe(EntryVerdict.Done);

        Apply(new KeepSessionEntry(Next, Start.AddSeconds(109), session, 1, Closes: true)).Verdict.ShouldBe(EntryVerdict.Done);

        Apply(new KeepSessionEntry(Next, Start.AddSeconds(109), session, 1, Closes: false)).Verdict.ShouldBe(EntryVerdict.SessionExpired);
    }

    [Fact]
    public void The_limits_of_a_session_are_told_to_whoever_opened_it() => Apply(Opening()).Opened.ShouldBe(Limits);
}
