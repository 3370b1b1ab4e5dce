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
    readonly NodeId _node;
    readonly Props _props;
    readonly IDisposable? _storage;
    readonly TaskCompletionSource<RaftNodeReady> _ready;
    readonly TaskCompletionSource<RaftNodeStopped> _stopped;
    readonly ILoggingAdapter _log = Context.GetLogger();
    readonly StopStrategy _strategy = new();

    IActorRef _child = ActorRefs.Nobody;
    Exception? _cause;

    public GroupActor(
        NodeId node, Props props, IDisposable? storage, TaskCompletionSource<RaftNodeReady> ready, TaskCompletionSource<RaftNodeStopped> stopped)
    {
        _node = node;
        _props = props;
        _storage = storage;
        _ready = ready;
        _stopped = stopped;
    }

    /// <param name="node">The node's id.</param>
    /// <param name="props">Makes the node.</param>
    /// <param name="storage">The node's data folder, given free when the node has ended.</param>
    /// <param name="ready">Completed when the node is ready.</param>
    /// <param name="stopped">Completed when the node has ended.</param>
    public static Props Props(
        NodeId node, Props props, IDisposable? storage, TaskCompletionSource<RaftNodeReady> ready, TaskCompletionSource<RaftNodeStopped> stopped) =>
        Akka.Actor.Props.Create(typeof(GroupActor), node, props, storage, ready, stopped);

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
            case StopNode or HandOver:
                _child.Tell(message);
                break;
            case Terminated gone when gone.ActorRef.Equals(_child):
                Ended(_strategy.TakeCause(_child) ?? _cause);
                _child = Context.ActorOf(StoppedNode.Props(_node, _cause), NodePath.NodeName);
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
        if (cause is not null && !_stopped.Task.IsCompleted) _log.Error(cause, "node {0} has stopped: {1}", _node, cause.Message);
        _stopped.TrySetResult(new RaftNodeStopped(_node, cause));
        if (cause is not null) _ready.TrySetException(cause);
        else _ready.TrySetCanceled();
    }
}

/// <summary>Answers clients for a node that is gone, so that they go elsewhere at once; peers hear nothing from it.</summary>
internal sealed class StoppedNode : UntypedActor
{
    readonly NodeId _node;
    readonly string _why;

    public StoppedNode(NodeId node, string why)
    {
        _node = node;
        _why = why;
    }

    public static Props Props(NodeId node, Exception? cause) =>
        Akka.Actor.Props.Create(typeof(StoppedNode), node, $"Node {node} has stopped{(cause is null ? "." : $": {cause.Message}")} The request was not appended.");

    protected override void OnReceive(object message)
    {
        var nobody = LeaderHint.Nobody();
        switch (message)
        {
            case ProposeBatch or QueryBatch:
                Sender.Tell(ClientDesk.Refusal(_node, nobody, ClientDesk.RequestsOf(message), ClientOutcome.NotLeader, _why));
                break;
            case LeaderRequest:
                Sender.Tell(new LeaderReply(_node, nobody, ClientDesk.Short(_why)));
                break;
            case TransferRequest request:
                Sender.Tell(new TransferReply(_node, nobody, request.RequestId, TransferOutcome.NotLeader, ClientDesk.Short(_why)));
                break;
            case HandOver handOver:
                handOver.Done.TrySetResult();
                break;
        }
    }
}
