using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaRaft.Consensus;
using AkkaRaft.StateMachine;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.StateMachine;

/// <summary>How handlers are registered: what compiles means what it says, and what cannot work is refused in the constructor.</summary>
public sealed class HandlerRegistrationSpec : TestKit
{
    public sealed record Add(long Amount);

    public abstract record Shape;

    sealed class Machine : RaftStateMachine
    {
        public Machine(Action<Machine> register) => register(this);

        public long Value;

        public void On(Action<Add> handler) => Command<Add>(handler);

        public void On(Func<Add, object?> handler) => Command<Add>(handler);

        public void Expression() => Command<Add>(c => Value += c.Amount);

        public void Block() => Command<Add>(c => { Value += c.Amount; });

        public void Throwing() => Command<Add>(_ => throw new NotSupportedException());

        public void Async() => Command<Add>(async c => await Task.FromResult(Value += c.Amount));

        public void AsyncResult() => Command<Add, Task<long>>(c => Task.FromResult(c.Amount));

        public void Abstract() => Command<Shape>(_ => { });

        public void TwoQueries()
        {
            Query<Add>(_ => 1);
            Query<Add, int>(_ => 2);
        }
    }

    sealed class Late : RaftStateMachine
    {
        public Late() => Command<Add>(_ => Command<string>(_ => { }));
    }

    // What the command returns to its proposer.
    object? ResultOf(Action<Machine> register)
    {
        var codec = new InMemoryCodec();
        var machine = Sys.ActorOf(Props.Create(() => new Machine(register)));
        machine.Tell(new StartMachine(codec), TestActor);
        ExpectMsg<MachineStarted>();
        var entry = new CommandEntry(new EntryId(new LogIndex(1), new Term(1)), DateTimeOffset.UnixEpoch, codec.Encode(new Add(3)));
        machine.Tell(new ApplyEntries([new CommittedEntry(entry, true)]), TestActor);
        return ExpectMsg<EntriesApplied>().Results.Single().Value is { } value ? codec.Decode(value) : null;
    }

    Exception RefusalOf(Action<Machine> register)
    {
        Exception? refusal = null;
        Action<Machine> recorded = m => refusal = Record.Exception(() => register(m));
        var machine = Sys.ActorOf(Props.Create(() => new Machine(recorded)));
        machine.Tell(new Identify(null), TestActor);
        ExpectMsg<ActorIdentity>();
        return refusal.ShouldNotBeNull();
    }

    [Fact]
    public void Expression_returns_its_value_and_a_block_nothing()
    {
        ResultOf(m => m.Expression()).ShouldBe(3L);
        ResultOf(m => m.Block()).ShouldBeNull();
    }

    [Fact]
    public void Type_that_is_registered_twice_is_refused()
    {
        RefusalOf(m =>
        {
            m.Block();
            m.Expression();
        }).ShouldBeOfType<ArgumentException>().Message.ShouldContain("registered twice");
        RefusalOf(m => m.TwoQueries()).ShouldBeOfType<ArgumentException>().Message.ShouldContain("registered twice");
    }

    [Fact]
    public void Asynchronous_handlers_are_refused()
    {
        RefusalOf(m => m.Async()).ShouldBeOfType<ArgumentException>().Message.ShouldContain("asynchronous");
        RefusalOf(m => m.AsyncResult()).ShouldBeOfType<ArgumentException>().Message.ShouldContain("asynchronous");
    }

    [Fact]
    public void Type_of_which_no_object_can_be_is_refused() =>
        RefusalOf(m => m.Abstract()).ShouldBeOfType<ArgumentException>().Message.ShouldContain("concrete");

    [Fact]
    public void Handler_that_is_registered_after_the_start_fails_the_machine()
    {
        var codec = new InMemoryCodec();
        var machine = Sys.ActorOf(Props.Create(() => new Late()));
        Watch(machine);
        machine.Tell(new StartMachine(codec), TestActor);
        ExpectMsg<MachineStarted>();
        var entry = new CommandEntry(new EntryId(new LogIndex(1), new Term(1)), DateTimeOffset.UnixEpoch, codec.Encode(new Add(3)));

        machine.Tell(new ApplyEntries([new CommittedEntry(entry, true)]), TestActor);

        ExpectTerminated(machine);
    }
}
