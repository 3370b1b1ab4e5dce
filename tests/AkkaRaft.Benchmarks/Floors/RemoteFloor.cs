using System.Globalization;
using Akka.Actor;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Benchmarks.Workers;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Benchmarks.Floors;

/// <summary>What Akka.Remote takes between two processes on 127.0.0.1, with the settings of our nodes (Akka's defaults, its largest frame among them).</summary>
/// <param name="RoundTrip">256 bytes there and back, one after the other.</param>
/// <param name="Stream">Frames of 64 KiB in one direction, each answered by one byte.</param>
internal sealed record RemoteFloor(FloorFigures RoundTrip, FloorFigures Stream)
{
    public const string Peer = "peer";
    public const string Sender = "sender";

    /// <summary>Bytes of a frame of <see cref="Stream"/>.</summary>
    public const int FrameBytes = 64 * 1024;

    /// <summary>Frames of <see cref="Stream"/> that are under way: with eight Akka.Remote still waits for answers; more than this fill it no better.</summary>
    public const int FramesInFlight = 32;

    /// <summary>Million bytes in a second.</summary>
    public double MegabytesPerSecond => Stream.PerSecond * FrameBytes / 1e6;

    /// <param name="folder">For logs.</param>
    /// <param name="time">For how long, each.</param>
    public static async Task<RemoteFloor> Measure(string folder, FloorTime time) =>
        new(await To(RemotePeer.Echo, LoadRequest.ValueBytes, 1, folder, time), await To(RemotePeer.Sink, FrameBytes, FramesInFlight, folder, time));

    /// <summary>Starts a process that sends to an actor of a peer's.</summary>
    /// <param name="folder">For its log.</param>
    /// <param name="address">The peer's.</param>
    /// <param name="actor">Which.</param>
    /// <param name="bytes">Of each message.</param>
    public static Task<WorkerProcess> StartSender(string folder, string address, string actor, int bytes) =>
        FloorProcesses.Start(folder, Sender, address, actor, bytes.ToString(CultureInfo.InvariantCulture));

    static async Task<FloorFigures> To(string actor, int bytes, int inFlight, string folder, FloorTime time)
    {
        var address = RemotePeer.FreeAddress();
        await using var peer = await FloorProcesses.Start(folder, Peer, address);
        await using var sender = await StartSender(folder, address, actor, bytes);
        return await FloorProcesses.Measure([sender], time, inFlight);
    }
}

/// <summary>A process with Akka.Remote and three actors: one sends back what it gets, one answers with a byte, one says nothing.</summary>
internal static class RemotePeer
{
    public const string Echo = "echo";
    public const string Sink = "sink";
    public const string Silent = "silent";

    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <summary>One where nobody listens.</summary>
    public static string FreeAddress() => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePorts.InARow(1)}");

    /// <param name="address">Its own.</param>
    /// <param name="other">That of another one, to be associated with; null for none.</param>
    public static async Task<int> Serve(string address, string? other)
    {
        using var system = ActorSystem.Create(RaftHocon.SystemName, RaftHocon.Node(address));
        system.ActorOf(Props.Create(() => new EchoActor()), Echo);
        system.ActorOf(Props.Create(() => new SinkActor()), Sink);
        system.ActorOf(Props.Create(() => new SilentActor()), Silent);
        if (other is not null) await Find(system, other, Echo);
        await WorkerProgram.Serve(null);
        return 0;
    }

    /// <summary>An actor of another process, once that serves.</summary>
    public static async Task<IActorRef> Find(ActorSystem system, string address, string actor) =>
        await system.ActorSelection($"akka.tcp://{RaftHocon.SystemName}@{address}/user/{actor}").ResolveOne(s_patience);

    sealed class EchoActor : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message);
    }

    sealed class SinkActor : UntypedActor
    {
        static readonly byte[] s_answer = [1];

        protected override void OnReceive(object message) => Sender.Tell(s_answer);
    }

    sealed class SilentActor : UntypedActor
    {
        protected override void OnReceive(object message)
        {
        }
    }
}

/// <summary>A process that sends bytes to an actor of another one; each send is done when its answer is there.</summary>
internal static class RemoteSender
{
    public static async Task<int> Serve(string address, string actor, int bytes)
    {
        using var system = ActorSystem.Create(RaftHocon.SystemName, RaftHocon.Client);
        var target = await RemotePeer.Find(system, address, actor);
        var payload = new byte[bytes];
        Random.Shared.NextBytes(payload);
        var sender = system.ActorOf(Props.Create(() => new SenderActor(target, payload)));
        await WorkerProgram.Serve(new Repeated(() =>
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            sender.Tell(done);
            return done.Task;
        }));
        return 0;
    }

    sealed class SenderActor(IActorRef target, byte[] payload) : UntypedActor
    {
        // Answers of one actor come in the order of what it was sent.
        readonly Queue<TaskCompletionSource> _waiting = new();

        protected override void OnReceive(object message)
        {
            if (message is TaskCompletionSource done)
            {
                _waiting.Enqueue(done);
                target.Tell(payload);
            }
            else
            {
                _waiting.Dequeue().SetResult();
            }
        }
    }
}
