using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.StateMachine;
using Shouldly;
using System.IO.Hashing;
using System.Text;
using Xunit;
using static AkkaRaft.Tests.Journals.JournalSpec;

namespace AkkaRaft.Tests.StateMachine;

/// <summary>How a state machine takes and restores snapshots, in both forms (Raft 7).</summary>
public sealed class MachineSnapshotSpec : TestKit
{
    readonly InMemoryCodec _codec = new();
    readonly TestProbe _node;
    readonly TestProbe _store;

    public MachineSnapshotSpec() : base("akka.loglevel = ERROR\nakka.stdout-loglevel = OFF\nakka.test.single-expect-default = 20s") => (_node, _store) = (CreateTestProbe(), CreateTestProbe());

    public sealed record Note(string Text);

    public sealed record GetNotes;

    sealed class Simple : RaftStateMachine
    {
        string[] _notes = [];

        public Simple()
        {
            Command<Note>(note => { _notes = [.. _notes, note.Text]; });
            Query<GetNotes>(_ => _notes);
            Snapshot(() => _notes, notes => _notes = notes);
        }
    }

    sealed class Streaming : RaftStateMachine
    {
        List<string> _notes = [];

        public Streaming()
        {
            Command<Note>(note => _notes.Add(note.Text));
            Query<GetNotes>(_ => _notes.ToArray());
            Snapshot(() => Lines([.. _notes]), async pieces =>
            {
                var text = new StringBuilder();
                await foreach (var piece in pieces) text.Append(Encoding.ASCII.GetString(piece.Span));
                _notes = [.. text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
            });
        }

        static async IAsyncEnumerable<ReadOnlyMemory<byte>> Lines(string[] notes)
        {
            foreach (var note in notes)
            {
                await Task.Yield();
                yield return Encoding.ASCII.GetBytes(note + "\n");
            }
        }
    }

    sealed class Unable : RaftStateMachine
    {
        public Unable()
        {
            Command<Note>(_ => { });
            Snapshot<string>(() => throw new IOException("cannot"), _ => throw new IOException("cannot either"));
        }
    }

    [Theory, InlineData(typeof(Simple)), InlineData(typeof(Streaming))]
    [Trait("RaftBug", "B58")]
    public async Task A_snapshot_is_of_one_moment_whatever_is_applied_while_it_is_read(Type kind)
    {
        var machine = Started(kind);
        Apply(machine, 1, "a", "b", "c");
        machine.Tell(new CaptureSnapshot(Mark(3)), _node);
        var captured = _node.ExpectMsg<WriteSnapshot>();
        Apply(machine, 4, "d");
        var (snapshot, bytes) = await Read(captured);

        var other = Started(kind);
        Apply(other, 1, "x");   // what it was before is gone
        Restore(other, snapshot, bytes, rowBytes: 3);

        _node.ExpectMsg<SnapshotRestored>().Last.ShouldBe(Id(3, 1));
        Notes(other).ShouldBe(["a", "b", "c"]);
        Apply(other, 4, "d");
        Notes(other).ShouldBe(Notes(machine));
    }

    [Theory, InlineData(typeof(Simple)), InlineData(typeof(Streaming))]
    public async Task Damaged_bytes_and_those_of_the_other_form_stop_the_machine_with_an_error_that_says_so(Type kind)
    {
        var machine = Started(kind);
        Apply(machine, 1, "a", "b");
        machine.Tell(new CaptureSnapshot(Mark(2)), _node);
        var (snapshot, bytes) = await Read(_node.ExpectMsg<WriteSnapshot>());

        bytes[^2]++;
        Fails(Started(kind), snapshot, bytes).ShouldContain("checksum");
        bytes[^2]--;
        Fails(Started(kind), snapshot, bytes[..^1]).ShouldContain("two ways out");
        Fails(Started(kind == typeof(Simple) ? typeof(Streaming) : typeof(Simple)), snapshot, bytes).ShouldContain("form");
    }

    [Fact]
    public async Task User_code_that_throws_while_taking_costs_a_snapshot_and_while_restoring_the_node()
    {
        var machine = Started(typeof(Unable));
        Apply(machine, 1, "a");
        machine.Tell(new CaptureSnapshot(Mark(1)), _node);
        _node.ExpectMsg<SnapshotNotCaptured>().Cause.Message.ShouldBe("cannot");
        Apply(machine, 2, "b");

        var simple = Started(typeof(Simple));
        simple.Tell(new CaptureSnapshot(new SnapshotMark(EntryId.Zero, Configuration.Empty)), _node);
        var (snapshot, bytes) = await Read(_node.ExpectMsg<WriteSnapshot>());
        Fails(machine, snapshot, bytes).ShouldContain(nameof(Unable));
    }

    [Fact]
    public void Snapshots_are_registered_once()
    {
        Sys.ActorOf(Props.Create(() => new Parent(typeof(Twice), TestActor)));
        FishForMessage<Exception>(_ => true).ToString().ShouldContain("registered twice");
    }

    sealed class Twice : RaftStateMachine
    {
        public Twice()
        {
            Snapshot(() => 1, _ => { });
            Snapshot(() => 2, _ => { });
        }
    }

    static SnapshotMark Mark(long index) => new(Id(index, 1), Configuration.Empty);

    IActorRef Started(Type kind)
    {
        Sys.ActorOf(Props.Create(() => new Parent(kind, TestActor)));
        var machine = ExpectMsg<IActorRef>();
        machine.Tell(new StartMachine(_codec), _node);
        _node.ExpectMsg<MachineStarted>().TakesSnapshots.ShouldBeTrue();
        return machine;
    }

    void Apply(IActorRef machine, long first, params string[] notes)
    {
        machine.Tell(new ApplyEntries([.. notes.Select((note, i) => new CommittedEntry(
            new CommandEntry(Id(first + i, 1), DateTimeOffset.UnixEpoch, _codec.Encode(new Note(note))), false))]), _node);
        _node.ExpectMsg<EntriesApplied>().UpTo.Value.ShouldBe(first + notes.Length - 1);
    }

    string[] Notes(IActorRef machine)
    {
        machine.Tell(new RunQueries([new RunQuery(1, _codec.Encode(new GetNotes()))]), _node);
        return (string[])_codec.Decode(_node.ExpectMsg<QueriesAnswered>().Answers.Single().Value!);
    }

    static async Task<(StoredSnapshot Snapshot, byte[] Bytes)> Read(WriteSnapshot captured)
    {
        var bytes = new List<byte>();
        await foreach (var piece in captured.Content) bytes.AddRange(piece.Span);
        byte[] all = [.. bytes];
        return (new StoredSnapshot(captured.At, all.Length, XxHash64.HashToUInt64(all)), all);
    }

    /// <summary>Its store may have stopped before, and answers no more: whoever waits for that for ever stays in memory.</summary>
    [Fact]
    public void A_state_machine_that_stops_in_the_middle_of_a_restore_waits_for_nothing_more()
    {
        var machine = Started(typeof(Simple));
        machine.Tell(new RestoreSnapshot(new StoredSnapshot(new SnapshotMark(Id(3, 1), Identity.FirstConfiguration), 10, 1), _store, "a file"), _node);
        _store.ExpectMsg<ReadRow>();
        var question = _store.LastSender.Path;
        Asked().ShouldNotBeOfType<EmptyLocalActorRef>();

        Sys.Stop(machine);

        AwaitAssert(() => Asked().ShouldBeOfType<EmptyLocalActorRef>());
        IActorRef Asked() => ((ExtendedActorSystem)Sys).Provider.ResolveActorRef(question.ToString());
    }

    void Restore(IActorRef machine, StoredSnapshot snapshot, byte[] bytes, int rowBytes)
    {
        machine.Tell(new RestoreSnapshot(snapshot, _store, "a file"), _node);
        for (var number = 1; ; number++)
        {
            var from = (number - 1) * rowBytes;
            var length = Math.Clamp(bytes.Length - from, 0, rowBytes);
            _store.ExpectMsg<ReadRow>().ShouldBe(new ReadRow(snapshot.Last, number));
            _store.Reply(new RowRead(length == 0 ? default : bytes.AsMemory(from, length)));
            if (length == 0) break;
        }

        _store.ExpectMsg<EndReading>().Last.ShouldBe(snapshot.Last);
    }

    string Fails(IActorRef machine, StoredSnapshot snapshot, byte[] bytes)
    {
        _store.SetAutoPilot(new DelegateAutoPilot((sender, message) =>
        {
            if (message is ReadRow row) sender.Tell(new RowRead(row.Number == 1 ? bytes : default));
            return AutoPilot.KeepRunning;
        }));
        machine.Tell(new RestoreSnapshot(snapshot, _store, "a file"), _node);
        return ExpectMsg<Exception>().ShouldBeOfType<RaftNodeException>().Message;
    }

    /// <summary>Tells the test of its child, and why it broke.</summary>
    sealed class Parent(Type kind, IActorRef test) : UntypedActor
    {
        protected override void PreStart() => test.Tell(Context.ActorOf(Props.Create(kind)));

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(cause =>
        {
            test.Tell(cause);
            return Directive.Stop;
        });

        protected override void OnReceive(object message)
        {
        }
    }
}
