using Akka.Actor;
using Akka.Event;
using AkkaRaft.Consensus;
using AkkaRaft.Protocol;

namespace AkkaRaft.Node;

/// <summary>
/// Supervises the node of one group: it tells the application when the node is ready and when and why it ended, and answers clients in the place of
/// a node that is gone. A node that could not go on is not started again: it stopped because its data or its code needs somebody to look.
/// </summary>
internal sealed class GroupActor : UntypedActor
{
    readonly RaftSettings _settings;
    readonly Props _props;
    readonly IDisposable? _storage;
    readonly TaskCompletionSource<RaftNodeReady> _ready;
    readonly TaskCompletionSource<RaftNodeStopped> _stopped;
    readonly ILoggingAdapter _log = Context.GetLogger();
    readonly StopStrategy _strategy = new();

    IActorRef _child = ActorRefs.Nobody;
    Exception? _cause;

    public GroupActor(
        RaftSettings settings, Props props, IDisposable? storage, TaskCompletionSource<RaftNodeReady> ready, TaskCompletionSource<RaftNodeStopped> stopped)
    {
        _settings = settings;
        _props = props;
        _storage = storage;
        _ready = ready;
        _stopped = stopped;
    }

    /// <param name="settings">The node's settings.</param>
    /// <param name="props">Makes the node.</param>
    /// <param name="storage">The node's data folder, given free when the node has ended.</param>
    /// <param name="ready">Completed when the node is ready.</param>
    /// <param name="stopped">Completed when the node has ended.</param>
    public static Props Props(
        RaftSettings settings, Props props, IDisposable? storage, TaskCompletionSource<RaftNodeReady> ready, TaskCompletionSource<RaftNodeStopped> stopped) =>
        Akka.Actor.Props.Create(typeof(GroupActor), settings, props, storage, ready, stopped);

    protected override SupervisorStrategy SupervisorStrategy() => _strategy;

    protected override void PreStart() => _child = Context.Watch(Context.ActorOf(_props, NodePath.NodeName));

    protected override void PostStop() => Ended(null);

    // Restarted, it would run a node whose folder PostStop has given free.
    protected override void PostRestart(Exception reason) => Context.Stop(Self);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case NodeIsReady { Ready: var ready }:
                _ready.TrySetResult(ready);
                break;
            case NodeFailed { Cause: var cause }:
                _cause = cause;
                break;
            case StopNode or HandOver or PeerAddressHint:
                _child.Tell(message);
                break;
            case Terminated gone when gone.ActorRef.Equals(_child):
                Ended(_strategy.TakeCause(_child) ?? _cause);
                _child = Context.ActorOf(StoppedNode.Props(_settings, _cause), NodePath.NodeName);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    void Ended(Exception? cause)
    {
        _cause ??= cause;
        _storage?.Dispose();
        if (!_stopped.Task.IsCompleted)
        {
            if (cause is not null) _log.Error(cause, "node {0} has stopped: {1}", _settings.NodeId, cause.Message);
            Context.System.EventStream.Publish(new Events.NodeStopped(cause)
            {
                Cluster = _settings.ClusterId, Group = _settings.GroupId, Node = _settings.NodeId, At = RaftSetup.Of(Context.System).TimeProvider.GetUtcNow(),
            });
        }

        _stopped.TrySetResult(new RaftNodeStopped(_settings.NodeId, cause));
        if (cause is not null) _ready.TrySetException(cause);
        else _ready.TrySetCanceled();
    }
}

/// <summary>Answers clients for a node that is gone, so that they go elsewhere at once; peers hear nothing from it.</summary>
internal sealed class StoppedNode : UntypedActor
{
    readonly RaftSettings _settings;
    readonly string _stopped;
    readonly string _why;

    public StoppedNode(RaftSettings settings, string stopped)
    {
        _settings = settings;
        _stopped = stopped;
        _why = $"{stopped} The request was not appended.";
    }

    public static Props Props(RaftSettings settings, Exception? cause) => Akka.Actor.Props.Create(
        typeof(StoppedNode), settings, $"Node {settings.NodeId} has stopped{(cause is null ? "." : $": {cause.Message}")}");

    protected override void OnReceive(object message)
    {
        var nobody = LeaderHint.Nobody();
        switch (message)
        {
            case ProposeBatch or QueryBatch:
                Sender.Tell(ClientDesk.Refusal(_settings.NodeId, nobody, ClientDesk.RequestsOf(message), ClientOutcome.NotLeader, _why));
                break;
            case LeaderRequest:
                Sender.Tell(new LeaderReply(_settings.NodeId, nobody, ClientDesk.Short(_why)));
                break;
            case ExplainRequest asked when asked.Cluster == _settings.ClusterId && asked.Group == _settings.GroupId:
                Sender.Tell(new ExplainReply(Explanation));
                break;
            case StatusRequest asked when asked.Cluster == _settings.ClusterId && asked.Group == _settings.GroupId:
                Sender.Tell(new StatusReply(Explanation.Status));
                break;
            case TransferRequest request:
                Sender.Tell(new TransferReply(_settings.NodeId, nobody, request.RequestId, TransferOutcome.NotLeader, ClientDesk.Short(_why)));
                break;
            case BackupRequest request:
                Sender.Tell(new BackupReply(_settings.NodeId, request.RequestId, BackupOutcome.NotNow, ClientDesk.Short(_stopped)));
                break;
            case BackupPieceRequest request:
                Sender.Tell(BackupPiece.Gone(_settings.NodeId, request));
                break;
            case HandOver handOver:
                handOver.Done.TrySetResult();
                break;
        }
    }

    // What it knew has gone with it; that it has stopped, and why, is the evidence.
    RaftExplanation Explanation => new(
        new RaftStatus(_settings.NodeId, RaftRole.Stopping, Term.Zero, null, EntryId.Zero, LogIndex.Zero, LogIndex.Zero, LogIndex.Zero)
        {
            Cluster = _settings.ClusterId, Group = _settings.GroupId,
        })
    {
        ElectionTimeoutMin = _settings.ElectionTimeoutMin,
        ElectionTimeoutMax = _settings.ElectionTimeoutMax,
        WhyStopped = ClientDesk.Short(_stopped),
    };
}
