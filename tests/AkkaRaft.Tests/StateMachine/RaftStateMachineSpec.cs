using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaRaft.Consensus;
using AkkaRaft.StateMachine;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.StateMachine;

/// <summary>The user's state machine as its node drives it (design.md section 6, Raft 2).</summary>
public sealed class RaftStateMachineSpec : TestKit
{
    readonly InMemoryCodec _codec = new();
    readonly TestProbe _node;

    public RaftStateMachineSpec(ITestOutputHelper output) : base("akka.loglevel = WARNING", output: output) => _node = CreateTestProbe("node");

    public sealed record Append(string Text);

    public sealed record Clear;

    public sealed record Fail(string Reason);

    public sealed record Stamp;

    public sealed record Strange;

    public sealed record ReturnUnwritable;

    public sealed record ReturnState;

    public sealed record GetAll;

    public sealed record FailQuery;

    public sealed record EntryQuery;

    public sealed record UnwritableQuery;

    public sealed record NullQuery;

    sealed class Journal : RaftStateMachine
    {
        readonly List<string> _lines = [];

        public Journal()
        {
            Command<Append>(c => { _lines.Add(c.Text); });
            Command<Clear, int>(_ =>
            {
                var count = _lines.Count;
                _lines.Clear();
                return count;
            });
            Command<Fail>(c => throw new FormatException(c.Reason));
            Command<Stamp>(_ => $"{Entry.Index}/{Entry.Term} {Entry.Time:yyyy-MM-dd HH:mm}");
            Command<ReturnUnwritable>(_ => new Unwritable("x"));
            Command<ReturnState>(_ => _lines);
            Query<GetAll, string>(_ => string.Join(",", _lines));
            Query<FailQuery>(_ => throw new FormatException("no such thing"));
            Query<EntryQuery>(_ => Entry.Index.Value);
            Query<UnwritableQuery>(_ => new Unwritable("x"));
            Query<NullQuery>(_ => null);
        }

        protected override void OnMessage(object message)
        {
            if (message is string) Sender.Tell("mine: " + message, Self);
            else base.OnMessage(message);
        }
    }

    /// <summary>Stands for the node's supervisor: stops the machine, and tells what it threw.</summary>
    sealed class Stopper(Props machine, IActorRef tell) : UntypedActor
    {
        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(error =>
        {
            tell.Tell(error);
            return Directive.Stop;
        });

        protected override void PreStart() => tell.Tell(Context.ActorOf(machine, "machine"));

        protected override void OnReceive(object message)
        {
        }
    }

    IActorRef NewMachine()
    {
        Sys.ActorOf(Props.Create(() => new Stopper(Props.Create(() => new Journal()), _node.Ref)));
        var machine = _node.ExpectMsg<IActorRef>();
        machine.Tell(new StartMachine(_codec), _node.Ref);
        _node.ExpectMsg<MachineStarted>();
        return machine;
    }

    CommandEntry Entry(long index, object command, long term = 2) =>
        new(new EntryId(new LogIndex(index), new Term(term)), new DateTimeOffset(2026, 5, 4, 3, 2, 0, TimeSpan.Zero), _codec.Encode(command));

    static NoOpEntry NoOp(long index) => new(new EntryId(new LogIndex(index), new Term(2)), DateTimeOffset.UnixEpoch);

    static ApplyEntries Apply(params LogEntry[] entries) => new([.. entries.Select(e => new CommittedEntry(e, WantsResult: true))]);

    EntriesApplied Applied(IActorRef machine, params LogEntry[] entries)
    {
        machine.Tell(Apply(entries), _node.Ref);
        return _node.ExpectMsg<EntriesApplied>();
    }

    QueryAnswered Asked(IActorRef machine, object query)
    {
        machine.Tell(new RunQueries([new RunQuery(7, _codec.Encode(query))]), _node.Ref);
        var answer = _node.ExpectMsg<QueriesAnswered>().Answers.Single();
        answer.ReadId.ShouldBe(7);
        return answer;
    }

    string Lines(IActorRef machine) => (string)_codec.Decode(Asked(machine, new GetAll()).Value!);

    [Fact]
    public void Machine_says_what_it_has_handlers_for()
    {
        var machine = Sys.ActorOf(Props.Create(() => new Journal()));

        machine.Tell(new StartMachine(_codec), _node.Ref);

        var started = _node.ExpectMsg<MachineStarted>();
        started.CommandTypes.ShouldBe([typeof(Append), typeof(Clear), typeof(Fail), typeof(Stamp), typeof(ReturnUnwritable), typeof(ReturnState)]);
        started.QueryTypes.ShouldBe([typeof(GetAll), typeof(FailQuery), typeof(EntryQuery), typeof(UnwritableQuery), typeof(NullQuery)]);
        started.ResultTypes.ShouldBe([typeof(int), typeof(string)]);
    }

    /// <summary>Raft 2: every machine applies the same commands in the same order, that of the log.</summary>
    [Fact]
    public void Commands_are_applied_in_log_order_and_other_entries_only_move_the_index()
    {
        var machine = NewMachine();

        var applied = Applied(machine, NoOp(1), Entry(2, new Append("a")), new ConfigurationEntry(NoOp(3).Id, DateTimeOffset.UnixEpoch, Configuration.Empty),
            Entry(4, new Append("b")));
        Applied(machine, Entry(5, new Append("c"))).UpTo.ShouldBe(new LogIndex(5));

        applied.UpTo.ShouldBe(new LogIndex(4));
        applied.Results.Select(r => r.Entry.Index.Value).ShouldBe([2, 4]);
        Lines(machine).ShouldBe("a,b,c");
    }

    /// <summary>Neither on followers nor when the log is applied again at a start: there nobody waits.</summary>
    [Fact, Trait("RaftBug", "B88")]
    public void Results_are_sent_only_where_somebody_waits_for_them()
    {
        var machine = NewMachine();

        machine.Tell(new ApplyEntries(
        [
            new CommittedEntry(Entry(1, new Append("a")), WantsResult: true),
            new CommittedEntry(Entry(2, new Clear()), WantsResult: false),
            new CommittedEntry(Entry(3, new Clear()), WantsResult: true),
        ]), _node.Ref);

        var results = _node.ExpectMsg<EntriesApplied>().Results;
        results.Select(r => r.Entry.Index.Value).ShouldBe([1, 3]);
        results[0].ShouldBe(new EntryResult(new EntryId(new LogIndex(1), new Term(2)), null, null));
        _codec.Decode(results[1].Value!).ShouldBe(0);
    }

    [Fact]
    public void Result_is_what_the_handler_returned_even_if_the_next_command_changes_that_object()
    {
        var machine = NewMachine();

        var applied = Applied(machine, Entry(1, new Append("a")), Entry(2, new ReturnState()), Entry(3, new Append("b")));

        _codec.Decode(applied.Results[1].Value!).ShouldBeOfType<List<string>>().ShouldBe(["a"]);
    }

    [Fact]
    public void Decoded_object_is_used_as_it_is_and_not_kept()
    {
        var machine = NewMachine();
        var decoded = Entry(1, new Append("from the bytes"));
        decoded.Command.Decoded = new Append("the object itself");

        Applied(machine, decoded);

        decoded.Command.Decoded.ShouldBeNull();
        _codec.Decoded.ShouldBe(0);
        Lines(machine).ShouldBe("the object itself");
    }

    [Fact]
    public void Command_sees_index_term_and_time_of_its_entry_and_a_query_sees_none()
    {
        var machine = NewMachine();

        var result = Applied(machine, NoOp(1), Entry(2, new Stamp(), term: 9)).Results.Single();
        var query = Asked(machine, new EntryQuery());

        _codec.Decode(result.Value!).ShouldBe("2/9 2026-05-04 03:02");
        query.Value.ShouldBeNull();
        query.Error!.ShouldContain("Entry was read outside a command handler");
    }

    [Fact]
    public void Result_that_cannot_be_serialized_is_an_error_that_says_the_command_was_applied()
    {
        var machine = NewMachine();

        var result = Applied(machine, Entry(1, new ReturnUnwritable())).Results.Single();

        result.Value.ShouldBeNull();
        result.Error!.ShouldContain("was applied");
        result.Error!.ShouldContain(nameof(Unwritable));
        Applied(machine, NoOp(2)).UpTo.ShouldBe(new LogIndex(2));
    }

    [Fact]
    public void Throwing_handler_stops_the_machine_and_names_index_term_and_command()
    {
        var machine = NewMachine();
        Watch(machine);

        machine.Tell(Apply(Entry(1, new Append("a")), Entry(2, new Fail("bad luck"), term: 5), Entry(3, new Append("b"))), _node.Ref);
        machine.Tell(Apply(Entry(4, new Append("c"))), _node.Ref);

        var error = _node.ExpectMsg<StateMachineFailedException>();
        error.Entry.ShouldBe(new EntryId(new LogIndex(2), new Term(5)));
        error.CommandType.ShouldBe(typeof(Fail).ToString());
        error.Message.ShouldContain("entry 2 of term 5");
        error.Message.ShouldContain(typeof(Fail).ToString());
        error.InnerException.ShouldBeOfType<FormatException>().Message.ShouldBe("bad luck");
        ExpectTerminated(machine);
        _node.HasMessages.ShouldBeFalse();    // no EntriesApplied: neither of that batch nor of the next
    }

    [Fact]
    public void Command_without_handler_stops_the_machine()
    {
        var machine = NewMachine();

        machine.Tell(Apply(Entry(1, new Strange())), _node.Ref);

        var error = _node.ExpectMsg<StateMachineFailedException>();
        error.Message.ShouldContain("no handler");
        error.CommandType.ShouldBe(typeof(Strange).ToString());
    }

    [Fact]
    public void Command_that_cannot_be_read_stops_the_machine()
    {
        var machine = NewMachine();
        var unreadable = new CommandEntry(NoOp(1).Id, DateTimeOffset.UnixEpoch, new Payload(1, "Shop.Gone, Shop", new byte[] { 1 }));

        machine.Tell(Apply(unreadable), _node.Ref);

        var error = _node.ExpectMsg<StateMachineFailedException>();
        error.CommandType.ShouldBe("Shop.Gone, Shop");
        error.InnerException.ShouldBeOfType<NotSupportedException>();
    }

    /// <summary>Raft 5.3, State Machine Safety: an index that is skipped or repeated makes another machine.</summary>
    [Theory, InlineData(2), InlineData(0)]
    public void Indexes_that_are_not_consecutive_stop_the_machine(long index)
    {
        var machine = NewMachine();

        machine.Tell(Apply(NoOp(index)), _node.Ref);

        _node.ExpectMsg<RaftInvariantException>().Message.ShouldContain("consecutive");
    }

    [Fact]
    public void Entry_that_is_given_twice_stops_the_machine()
    {
        var machine = NewMachine();
        Applied(machine, NoOp(1));

        machine.Tell(Apply(NoOp(1)), _node.Ref);

        _node.ExpectMsg<RaftInvariantException>();
    }

    [Fact]
    public void Work_before_the_start_stops_the_machine()
    {
        Sys.ActorOf(Props.Create(() => new Stopper(Props.Create(() => new Journal()), _node.Ref)));
        var machine = _node.ExpectMsg<IActorRef>();

        machine.Tell(Apply(Entry(1, new Append("a"))), _node.Ref);

        _node.ExpectMsg<RaftInvariantException>().Message.ShouldContain("StartMachine");
    }

    [Fact]
    public void Failing_queries_are_errors_of_the_asker_alone()
    {
        var machine = NewMachine();
        Applied(machine, Entry(1, new Append("a")));

        Asked(machine, new FailQuery()).Error!.ShouldContain("no such thing");
        Asked(machine, new Strange()).Error!.ShouldContain("no handler");
        Asked(machine, new UnwritableQuery()).Error!.ShouldContain("cannot be serialized");
        Asked(machine, new NullQuery()).ShouldBe(new QueryAnswered(7, new LogIndex(1), null, null));
        machine.Tell(new RunQueries([new RunQuery(8, new Payload(1, "Shop.Gone, Shop", new byte[] { 1 }))]), _node.Ref);
        _node.ExpectMsg<QueriesAnswered>().Answers.Single().Error!.ShouldContain("Shop.Gone");

        Lines(machine).ShouldBe("a");
        Applied(machine, Entry(2, new Append("b"))).UpTo.ShouldBe(new LogIndex(2));
    }

    [Fact]
    public void Other_messages_reach_the_users_own_handler()
    {
        var machine = NewMachine();

        machine.Tell("hello", _node.Ref);

        _node.ExpectMsg("mine: hello");
    }

    [Fact]
    public void Restart_in_place_is_refused_because_it_would_lose_the_state()
    {
        var machine = Sys.ActorOf(Props.Create(() => new Journal()));    // the user guardian's strategy restarts
        Watch(machine);
        machine.Tell(new StartMachine(_codec), _node.Ref);
        _node.ExpectMsg<MachineStarted>();

        machine.Tell(Apply(Entry(1, new Fail("bad luck"))), _node.Ref);

        ExpectTerminated(machine);
    }
}
