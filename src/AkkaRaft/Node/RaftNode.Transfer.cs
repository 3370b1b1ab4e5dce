using Akka.Actor;
using Akka.Event;
using AkkaRaft.Consensus;
using AkkaRaft.Protocol;

namespace AkkaRaft.Node;

/// <summary>How a node hands its leadership over, because a client asks for it or because it is to stop, and what it does with requests that come meanwhile.</summary>
internal sealed partial class RaftNode
{
    const string HandOverTimer = "hand-over";

    // Requests to the core, by its name for them: who asked, and under which number.
    readonly Dictionary<long, (IActorRef Client, long RequestId)> _transfers = [];

    // Those in this process who wait until another node leads.
    readonly List<TaskCompletionSource> _handOvers = [];

    long _lastTransfer;

    // Whether leadership was being handed over when the step that is being carried out began: who waits is then sent on by this node.
    bool _wasHandingOver;
    bool _stopsAfterHandOver;
    TimeSpan? _heldUntil;

    bool HandsOver => _handOvers.Count > 0 || _stopsAfterHandOver;

    /// <summary>
    /// Whether requests wait here: the core takes no proposals while it hands over, and until the next leader is known there is nobody to send them to. They are not
    /// appended, so a client that is sent on with them has lost nothing but that time.
    /// </summary>
    bool HoldsRequests => _core is { State: var state } && (state.Leadership is { Transfer: not null }
        || (_heldUntil is { } until && state.Role != RaftRole.Leader && state.Leader is null && Now.Monotonic < until));

    void OnTransferRequest(TransferRequest request)
    {
        if (_transfers.Count >= _settings.MaxPendingReads)
        {
            Sender.Tell(new TransferReply(_settings.NodeId, Leader, request.RequestId, TransferOutcome.Busy, "too many have asked"));
            return;
        }

        _transfers.Add(++_lastTransfer, (Sender, request.RequestId));
        BeginTransfer(_lastTransfer, request.To);
    }

    void BeginTransfer(long id, NodeId? to)
    {
        var before = _core!.State.Leadership?.Transfer;
        Step(new TransferLeadership(id, to));
        if (_core.State.Leadership?.Transfer is { } begun && begun != before)
            _log.Info("node {0}: hands its leadership over to node {1}; requests wait meanwhile", _settings.NodeId, begun.Target);
    }

    void OnTransferEnded(TransferEnded ended)
    {
        if (ended.Outcome == TransferOutcome.HandedOver) _heldUntil = Now.Monotonic + _settings.ElectionTimeoutMin;
        if (ended.Outcome == TransferOutcome.TimedOut)
            _log.Warning("node {0}: leadership was not handed over to node {1}, and this node leads on: {2}", _settings.NodeId, ended.Target, ended.Why);
        if (ended.RequestId == TransferLeadership.ByItself) return;
        if (_transfers.Remove(ended.RequestId, out var asker))
            asker.Client.Tell(new TransferReply(_settings.NodeId, Leader, asker.RequestId, ended.Outcome, ended.Why), Self);
        // Tried and not achieved: whoever wants this node to stop gets that.
        else if (ended.Outcome != TransferOutcome.HandedOver) FinishHandOver();
    }

    /// <summary>This node is to lead no longer. Its requests wait here until the next leader is known.</summary>
    void OnHandOver(TaskCompletionSource? done)
    {
        var began = !HandsOver;
        if (done is null) _stopsAfterHandOver = true;
        else _handOvers.Add(done);
        if (!began) return;

        SetTimer(HandOverTimer, HandOverOverdue.Instance, _settings.ElectionTimeoutMax * 2, repeat: false);
        BeginTransfer(++_lastTransfer, null);
    }

    /// <summary>Whether there is anything to hand over, and anybody who could take it.</summary>
    bool CanHandOver => _settings.TransferOnStop && _core is { State: { Role: RaftRole.Leader, IsOnlyVoter: false } };

    /// <summary>After each event: what waits for the end of a handing-over goes on.</summary>
    void SettleHandOver()
    {
        if (HandsOver && _core!.State is { Role: not RaftRole.Leader, Leader: not null }) FinishHandOver();
        if (!_flushing && _desk!.HasGathered && !HoldsRequests) ScheduleFlush();
    }

    void FinishHandOver()
    {
        CancelTimer(HandOverTimer);
        foreach (var done in _handOvers) done.TrySetResult();
        _handOvers.Clear();
        if (!_stopsAfterHandOver) return;
        _stopsAfterHandOver = false;
        Self.Tell(new StopNode { MayHandOver = false });
    }

    /// <summary>The node leaves the protocol: nobody waits for a handing-over any more.</summary>
    void EndTransfers(string why)
    {
        FinishHandOver();
        foreach (var (client, requestId) in _transfers.OrderBy(pair => pair.Key).Select(pair => pair.Value))
            client.Tell(new TransferReply(_settings.NodeId, Nobody, requestId, TransferOutcome.NotLeader, why), Self);
        _transfers.Clear();
        _heldUntil = null;
    }
}
