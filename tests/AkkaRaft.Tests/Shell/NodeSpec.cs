using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Configs;
using Akka.TestKit.Xunit2;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Node;
using AkkaRaft.Protocol;
using AkkaRaft.Serialization;
using AkkaRaft.StateMachine;
using Shouldly;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Shell;

/// <summary>
/// A real RaftNode between probes: the probes are its journals, its machine, its peers and its clients; time stands still unless a test moves it.
/// </summary>
public abstract class NodeSpec : TestKit
{
    const int Voters = 3;

    static readonly Akka.Configuration.Config Patient = Akka.Configuration.ConfigurationFactory.ParseString("akka.test.single-expect-default = 20s");

    ulong _entropy;

    protected NodeSpec(ITestOutputHelper output) : base(Patient.WithFallback(TestConfigs.TestSchedulerConfig), output: output)
    {
        TermJournal = CreateTestProbe("term-journal");
        LogJournal = CreateTestProbe("log-journal");
        Machine = CreateTestProbe("machine");
        Group = CreateTestProbe("group");
        Client = CreateTestProbe("client");
        Peers = Enumerable.Range(2, Voters - 1).ToDictionary(id => Address(id), id => CreateTestProbe($"peer-{id}"));
    }

    protected TestProbe TermJournal { get; }

    protected TestProbe LogJournal { get; }

    /// <summary>The LogJournal is told to finish and does not end yet: it is still writing.</summary>
    private protected bool LogJournalLingers { get; set; }

    protected TestProbe Machine { get; }

    /// <summary>The node's parent hears what the group actor would.</summary>
    protected TestProbe Group { get; }

    protected TestProbe Client { get; }

    private protected Dictionary<string, TestProbe> Peers { get; }

    /// <summary>Looks on at the nodes that are started from now on.</summary>
    private protected INodeObserver? Observer { get; set; }

    private protected static readonly ClusterId Cluster = new("test");

    private protected static readonly GroupId GroupName = new("default");

    private protected static string Address(int id) => $"127.0.0.1:{4000 + id}";

    private protected static NodeId Node(int id) => new(id.ToString());

    private protected static RaftSettings Settings(int voters) => RaftSettings.Create(Akka.Configuration.ConfigurationFactory.ParseString($$"""
        cluster-id = test
        node-id = "1"
        members = [{{string.Join(", ", Enumerable.Range(1, voters).Select(id => $"\"{id}={Address(id)}\""))}}]
        data-dir = unused
        journal { restart-backoff-min = 200ms, restart-backoff-max = 1s, max-restarts = 2 }
        """));

    private protected IActorRef StartNode(RaftSettings settings, Func<string, ICanTell>? nodeAt = null, string? address = null)
    {
        var options = new RaftNodeOptions
        {
            Settings = settings,
            Address = address ?? settings.Self!.Address,
            Machine = Relay.Props(Machine),
            TermJournal = Relay.Props(TermJournal),
            LogJournal = Relay.Props(LogJournal, () => LogJournalLingers),
            Codec = new TextCodec(),
            NodeAt = nodeAt ?? (address => Peers[address].Ref),
            Time = new SchedulerTime((TestScheduler)Sys.Scheduler, () => _stoodStill),
            Entropy = () => ++_entropy,
            Observer = Observer,
            DataPlace = "the test's probes",
        };
        var props = RaftNode.Props(options).WithDispatcher(CallingThreadDispatcher.Id);
        Sys.ActorOf(Props.Create(() => new ParentOf(props, Group)).WithDispatcher(CallingThreadDispatcher.Id)).Tell("child", Client);
        return Client.ExpectMsg<IActorRef>();
    }

    /// <summary>Both journals and the machine answer as those of a node that was here before, in this term and with this log.</summary>
    private protected void Recover(RaftSettings settings, long term = 0, params LogEntry[] log)
    {
        var identity = Identity(settings);
        TermJournal.Send(Child("term-journal"), new TermJournalRecovered(identity, new Term(term), null));
        LogJournal.Send(Child("log-journal"), new LogJournalRecovered(identity.Storage, log));
        MachineStarts();
    }

    private protected void MachineStarts()
    {
        Machine.ExpectMsg<StartMachine>();
        Machine.Send(Child("machine"), new MachineStarted([typeof(string)], [typeof(string)], []));
    }

    private protected static NodeIdentity Identity(RaftSettings settings) => new(
        settings.ClusterId, settings.GroupId, settings.NodeId, new StorageId("00000000000000aa00000000000000bb"),
        new Configuration(settings.Members.Select(member => new Member(member.Id, member.Address))));

    private protected AppendToLog ExpectAppend() => LogJournal.ExpectMsg<Write>().Effect.ShouldBeOfType<AppendToLog>();

    /// <summary>The only voter's journal confirms the no-op, and its machine applies it.</summary>
    private protected AppendToLog CommitNoOp()
    {
        var noop = ExpectAppend();
        LogJournal.Send(Child("log-journal"), new Written(new EntriesPersisted(noop.WriteId, noop.Entries[^1].Id)));
        Machine.ExpectMsg<ApplyEntries>();
        Machine.Send(Child("machine"), new EntriesApplied(noop.Entries[^1].Index, []));
        return noop;
    }

    /// <summary>The relay in front of a probe that the node opened last.</summary>
    private protected IActorRef Child(string kind) => Relays.Last(relay => relay.Path.Name.StartsWith(kind, StringComparison.Ordinal));

    private protected List<IActorRef> Relays { get; } = [];

    /// <summary>The node's clock goes on, and no timer fires: its process stood still.</summary>
    protected void StandsStill(int milliseconds) => _stoodStill += TimeSpan.FromMilliseconds(milliseconds);

    TimeSpan _stoodStill;

    protected void Advance(int milliseconds) => ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromMilliseconds(milliseconds));

    private protected static ProposeBatch Proposals(params (long Id, string Text)[] commands) =>
        new(Cluster, GroupName, [.. commands.Select(command => new ClientRequest(command.Id, TextCodec.Of(command.Text)))]);

    private protected static PeerMessage FromPeer(int id, RaftMessage message, string cluster = "test", uint founders = 0) => new(
        new PeerHeader(new ClusterId(cluster), GroupName, Node(1), Node(id), new StorageId("cc"), Address(id), 1, founders), message);

    /// <summary>A node that leads: alone, or with the votes of its peers. The no-op is with the LogJournal, unconfirmed.</summary>
    private protected IActorRef StartLeader(RaftSettings settings, Func<string, ICanTell>? nodeAt = null)
    {
        var node = StartNode(settings, nodeAt);
        OpenChildren();
        Recover(settings, term: 4);
        Group.ExpectMsg<NodeIsReady>();
        for (var i = 0; i < 60 && !TermJournal.HasMessages; i++)
        {
            Advance(25);
            if (settings.Members.Count > 1) Answer(node, ElectionKind.PreVote);
        }

        var stood = TermJournal.ExpectMsg<Write>().Effect.ShouldBeOfType<PersistTerm>();
        TermJournal.Send(Child("term-journal"), new Written(new TermPersisted(stood.Term, stood.VotedFor)));
        if (settings.Members.Count > 1) Answer(node, ElectionKind.Vote);
        return node;
    }

    /// <summary>The node has opened its journals and its machine.</summary>
    private protected void OpenChildren()
    {
        foreach (var probe in new[] { TermJournal, LogJournal, Machine }) Relays.Add(probe.ExpectMsg<Opened>().Relay);
    }

    void Answer(IActorRef node, ElectionKind kind)
    {
        foreach (var (address, probe) in Peers)
        {
            while (probe.HasMessages)
            {
                if (probe.ReceiveOne() is PeerMessage { Message: VoteRequest request } && request.Kind == kind)
                {
                    var id = int.Parse(address.Split(':')[1]) - 4000;
                    node.Tell(FromPeer(id, new VoteReply(Node(id), request.Term, kind, request.Round, VoteRefusal.None)));
                }
            }
        }
    }

    /// <summary>Stands where a child of the node stands; what it gets goes to the probe, what the probe sends goes to the node.</summary>
    internal sealed class Relay(IActorRef probe, Func<bool> lingers) : UntypedActor
    {
        public static Props Props(TestProbe probe, Func<bool>? lingers = null) =>
            Akka.Actor.Props.Create(() => new Relay(probe.Ref, lingers ?? (() => false))).WithDispatcher(CallingThreadDispatcher.Id);

        protected override void PreStart() => probe.Tell(new Opened(Self));

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case Exception thrown when Sender.Equals(probe):
                    throw thrown;
                case FinishJournal:
                    probe.Tell(message);
                    if (!lingers()) Context.Stop(Self);
                    break;
                default:
                    if (Sender.Equals(probe)) Context.Parent.Tell(message, Self);
                    else probe.Forward(message);
                    break;
            }
        }
    }

    internal sealed record Opened(IActorRef Relay) : INoSerializationVerificationNeeded;

    sealed class ParentOf : UntypedActor
    {
        readonly IActorRef _group;
        readonly IActorRef _child;
        readonly StopStrategy _strategy = new();

        public ParentOf(Props child, IActorRef group)
        {
            _group = group;
            _child = Context.Watch(Context.ActorOf(child, "node"));
        }

        protected override SupervisorStrategy SupervisorStrategy() => _strategy;

        protected override void OnReceive(object message)
        {
            if (message is "child") Sender.Tell(_child);
            else if (message is Terminated gone) _group.Tell(new Ended(_strategy.TakeCause(gone.ActorRef)));
            else _group.Forward(message);
        }
    }

    internal sealed record Ended(Exception? Thrown) : INoSerializationVerificationNeeded;

    /// <summary>The test scheduler's time, as the node reads it.</summary>
    sealed class SchedulerTime(TestScheduler scheduler, Func<TimeSpan> stoodStill) : TimeProvider
    {
        readonly DateTimeOffset _start = scheduler.Now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => (scheduler.Now - _start + stoodStill()).Ticks;

        public override DateTimeOffset GetUtcNow() => scheduler.Now + stoodStill();
    }

    /// <summary>Commands and queries of these tests are texts; "unreadable" cannot be read.</summary>
    private protected sealed class TextCodec : IPayloadCodec
    {
        public static Payload Of(string text) => new(1, "text", System.Text.Encoding.UTF8.GetBytes(text));

        public void Admit(IEnumerable<Type> types)
        {
        }

        public Payload Encode(object value) => Of((string)value);

        public object Decode(Payload payload)
        {
            var text = System.Text.Encoding.UTF8.GetString(payload.Bytes.Span);
            return text == "unreadable" ? throw new PayloadUnreadableException(1, "text", "Payload \"unreadable\" cannot be read.") : text;
        }
    }
}
