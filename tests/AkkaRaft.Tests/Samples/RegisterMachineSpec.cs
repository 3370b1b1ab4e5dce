using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaRaft.Consensus;
using AkkaRaft.Samples.Common;
using AkkaRaft.Samples.Register;
using AkkaRaft.StateMachine;
using AkkaRaft.Tests.StateMachine;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Samples.Tests;

/// <summary>The register as its node drives it.</summary>
public sealed class RegisterMachineSpec : TestKit
{
    readonly InMemoryCodec _codec = new();
    readonly TestProbe _node;
    readonly IActorRef _machine;
    LogIndex _last = LogIndex.Zero;

    public RegisterMachineSpec(ITestOutputHelper output) : base("akka.loglevel = WARNING", output: output)
    {
        _node = CreateTestProbe("node");
        _machine = Sys.ActorOf(Props.Create(() => new RegisterMachine()));
        _machine.Tell(new StartMachine(_codec), _node);
        _node.ExpectMsg<MachineStarted>();
    }

    Answer Apply(object command)
    {
        _last = _last.Next;
        var entry = new CommandEntry(new EntryId(_last, new Term(1)), DateTimeOffset.UnixEpoch, _codec.Encode(command));
        _machine.Tell(new ApplyEntries([new CommittedEntry(entry, true)]), _node);
        return (Answer)_codec.Decode(_node.ExpectMsg<EntriesApplied>().Results[0].Value!);
    }

    Answer Ask()
    {
        _machine.Tell(new RunQueries([new RunQuery(1, _codec.Encode(new Register.Read()))]), _node);
        return (Answer)_codec.Decode(_node.ExpectMsg<QueriesAnswered>().Answers.Single().Value!);
    }

    [Fact]
    public void It_is_absent_until_something_is_written()
    {
        Ask().ShouldBe(new Answer(false));
        Apply(new CompareAndSet("1", "2")).Value.ShouldBe("false");

        Apply(new CompareAndSet(null, "2")).Value.ShouldBe("true");

        Ask().ShouldBe(new Answer(true, "2"));
    }

    [Fact]
    public void It_is_compared_by_what_the_values_mean()
    {
        Apply(new Write("""{"a":1,"b":2}""")).ShouldBe(new Answer(true));

        Apply(new CompareAndSet("""{"b":2.0,"a":1}""", "3")).Value.ShouldBe("true");
        Apply(new CompareAndSet("4", "5")).Value.ShouldBe("false");

        Ask().Value.ShouldBe("3");
    }

    [Fact]
    public void What_cannot_be_stored_is_refused_and_changes_nothing()
    {
        Apply(new Write("1"));

        Apply(new Write("null")).Refusal.ShouldNotBeNull();
        Apply(new Write("no json")).Refusal.ShouldNotBeNull();
        Apply(new CompareAndSet("1", "null")).Refusal.ShouldNotBeNull();
        Apply(new CompareAndSet("{", "2")).Refusal.ShouldNotBeNull();

        Ask().Value.ShouldBe("1");
    }
}
