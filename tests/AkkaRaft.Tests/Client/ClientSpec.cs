using Akka.Actor;
using Akka.Actor.Setup;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaRaft.Client;
using AkkaRaft.Consensus;
using AkkaRaft.Protocol;
using AkkaRaft.Tests.StateMachine;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Client;

/// <summary>
/// A client whose nodes are probes and whose time stands still unless <see cref="Pass"/> moves it. "Nothing more was sent" needs no waiting: a barrier
/// goes through the client's mailbox, and whatever the client had sent before is then at the probe.
/// </summary>
public abstract class ClientSpec : TestKit
{
    protected const string System = "nodes";
    protected static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    protected static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(300);
    protected static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    readonly Dictionary<string, TestProbe> _nodes = [];
    readonly FakeTimeProvider _time;
    readonly TestProbe _barrier;
    IActorRef _client = ActorRefs.Nobody;

    internal readonly InMemoryCodec Codec = new();

    protected ClientSpec(ITestOutputHelper output) : this(new FakeTimeProvider(), output)
    {
    }

    ClientSpec(FakeTimeProvider time, ITestOutputHelper output)
        : base(ActorSystemSetup.Create(
            BootstrapSetup.Create().WithConfig(
                Akka.TestKit.Configs.TestConfigs.TestSchedulerConfig.WithFallback("akka.loglevel = WARNING").WithFallback(DefaultConfig)),
            RaftSetup.Create().WithTimeProvider(time)), output: output)
    {
        _time = time;
        _barrier = CreateTestProbe("barrier");
        foreach (var n in (int[])[1, 2, 3, 4]) _nodes[AddressOf(n)] = CreateTestProbe($"node-{n}");
    }

    public sealed record Add(long Amount);

    public sealed record Get;

    protected static string AddressOf(int n) => $"10.0.0.{n}:4051";

    protected static NodeId Id(int n) => new($"{n}");

    /// <summary>Without sessions, which have specs of their own.</summary>
    protected static RaftClientSettings Settings => RaftClientSettings.Default
        .WithSessions(false)
        .WithClusterId(new ClusterId("shop"))
        .WithGroupId(new GroupId("orders"))
        .WithSystemName(System)
        .WithContactPoints(new RaftMember(Id(1), AddressOf(1)), new RaftMember(Id(2), AddressOf(2)), new RaftMember(Id(3), AddressOf(3)));

    protected TestProbe Node(int n) => _nodes[AddressOf(n)];

    protected RaftClient NewClient(RaftClientSettings? settings = null)
    {
        var client = RaftClient.Create(Sys, settings ?? Settings, Codec, address => _nodes[address.ToString()].Ref);
        Sys.ActorSelection("/user/raft-client-1").Tell(new Identify("client"), _barrier.Ref);
        _client = _barrier.ExpectMsg<ActorIdentity>().Subject;
        return client;
    }

    /// <summary>A client that has found leader n of the term.</summary>
    protected RaftClient NewClientOf(int leader, long term, RaftClientSettings? settings = null)
    {
        var client = NewClient(settings);
        var found = client.FindLeader();
        ExpectLeaderRequest(1);
        Hint(1, leader, term);
        if (leader != 1)
        {
            Pass(Poll);
            ExpectLeaderRequest(leader);
            Hint(leader, leader, term);
        }

        ResultOf(found).Node.ShouldBe(Id(leader));
        Pass(Poll);    // the search's pace does not hold back what the test begins with
        foreach (var probe in _nodes.Values)
        {
            while (probe.HasMessages) probe.ExpectMsg<LeaderRequest>();
        }

        return client;
    }

    /// <summary>All that the client does about what it was told by now is done.</summary>
    protected void Settle()
    {
        // The client tells itself to send what it gathered, once at most for each message that it gets.
        for (var i = 0; i < 4; i++)
        {
            _client.Tell(new Identify(i), _barrier.Ref);
            _barrier.ExpectMsg<ActorIdentity>();
        }
    }

    protected void Pass(TimeSpan time)
    {
        Settle();
        _time.Advance(time);
        ((TestScheduler)Sys.Scheduler).Advance(time);
        Settle();
    }

    protected void ExpectNothingSent(params int[] nodes)
    {
        Settle();
        foreach (var n in nodes) Node(n).HasMessages.ShouldBeFalse($"something was sent to node {n}");
    }

    internal LeaderRequest ExpectLeaderRequest(int node)
    {
        var request = Node(node).ExpectMsg<LeaderRequest>();
        request.ShouldBe(new LeaderRequest(new ClusterId("shop"), new GroupId("orders")));
        return request;
    }

    internal ProposeBatch ExpectProposals(int node) => Node(node).ExpectMsg<ProposeBatch>();

    internal QueryBatch ExpectQueries(int node) => Node(node).ExpectMsg<QueryBatch>();

    internal LeaderHint HintOf(int? leader, long term) =>
        new(new Term(term), leader is { } n ? Id(n) : null, leader is { } m ? AddressOf(m) : null);

    /// <summary>Node n says who leads.</summary>
    protected void Hint(int from, int? leader, long term) => _client.Tell(new LeaderReply(Id(from), HintOf(leader, term)), Node(from).Ref);

    internal void Reply(int from, int? leader, long term, params ClientReply[] replies) =>
        _client.Tell(new ClientReplyBatch(Id(from), HintOf(leader, term), replies), Node(from).Ref);

    private protected void Tell(object message, int from) => _client.Tell(message, Node(from).Ref);

    internal ClientReply Ok(ClientRequest request, long index, object? value) =>
        new(request.RequestId, ClientOutcome.Ok, new LogIndex(index), value is null ? null : Codec.Encode(value), null);

    internal static ClientReply Ended(ClientRequest request, ClientOutcome outcome, string? error = null, long index = 0) =>
        new(request.RequestId, outcome, new LogIndex(index), null, error);

    /// <summary>The task ends within real seconds; nothing here waits for a time-out of the client, which is virtual.</summary>
    protected static void WaitFor(Task task) =>
        ((IAsyncResult)task).AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(10)).ShouldBeTrue("the operation has not ended");

    protected static T ResultOf<T>(Task<T> task)
    {
        WaitFor(task);
        return task.GetAwaiter().GetResult();
    }

    protected static TError FailureOf<TError>(Task task) where TError : Exception
    {
        WaitFor(task);
        return Should.Throw<TError>(() => task.GetAwaiter().GetResult());
    }

    protected static Address RemoteAddress(int n, string system = System) => new("akka.tcp", system, $"10.0.0.{n}", 4051);

    protected void Publish(object lifecycleEvent) => Sys.EventStream.Publish(lifecycleEvent);
}
