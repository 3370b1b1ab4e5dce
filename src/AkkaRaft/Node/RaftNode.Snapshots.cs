using Akka.Actor;
using Akka.Event;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.StateMachine;

namespace AkkaRaft.Node;

/// <summary>What a node does with snapshots (Raft 7): the core decides, the machine makes and restores them, the store keeps them.</summary>
internal sealed partial class RaftNode
{
    TimeSpan _takingSince;

    void ExecuteOfSnapshots(Effect effect)
    {
        switch (effect)
        {
            case RestartLog restart:
                _children.LogJournal.Tell(new Write(restart));
                _latency.Began(restart.WriteId, Now.Monotonic);
                break;
            case CompactLog compact:
                _children.LogJournal.Tell(new Write(compact));
                break;
            case TakeSnapshot take:
                _takingSince = Now.Monotonic;
                _children.Machine.Tell(new CaptureSnapshot(take.At));
                break;
            case RestoreMachine restore:
                RestoreMachine(restore.Snapshot);
                break;
            case SnapshotRequestEnded ended:
                OnSnapshotRequestEnded(ended);
                break;
            case RetainSnapshots or SendSnapshotChunk or BeginReceiving or StoreSnapshotChunk or AbandonReceiving:
                _children.SnapshotStore.Tell(effect);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(effect), effect, "The node does not know this effect.");
        }
    }

    /// <summary>What the machine and the store say of snapshots.</summary>
    /// <returns>False when it is something else.</returns>
    bool OnSnapshotEvent(object message)
    {
        switch (message)
        {
            case WriteSnapshot captured when Sender.Equals(_children.Machine):
                _children.SnapshotStore.Tell(captured);
                return true;
            case SnapshotNotCaptured failed when Sender.Equals(_children.Machine):
                _log.Error(failed.Cause, "node {0}: its state machine could not take a snapshot at {1} ({2}); it goes on, and its log grows until one succeeds",
                    _settings.NodeId, failed.At.Last, failed.Cause.Message);
                Publish(new Events.SnapshotFailed(failed.At.Last, "the state machine could not take it", failed.Cause));
                Step(new SnapshotFailed(failed.At));
                return true;
            case SnapshotRestored restored when Sender.Equals(_children.Machine):
                if (_core!.State.Snapshot is { } installed && installed.Last == restored.Last)
                {
                    _log.Info("node {0}: snapshot at {1} installed, {2} bytes", _settings.NodeId, restored.Last, installed.Length);
                    Publish(new Events.SnapshotInstalled(restored.Last, installed.Length, _core.State.Leader));
                }

                Step(new MachineRestored(restored.Last.Index));
                return true;
            case SnapshotChunkRead read when Sender.Equals(_children.SnapshotStore):
                // What was asked for by an earlier leadership speaks for nobody any more.
                if (_core!.State is { Role: RaftRole.Leader } state && state.Term == read.Message.Term) _peers!.Send(read.To, read.Message, Self);
                return true;
            case SnapshotPieceRead read when Sender.Equals(_children.SnapshotStore):
                OnSnapshotPieceRead(read);
                return true;
            case SnapshotTrouble trouble when Sender.Equals(_children.SnapshotStore):
                _log.Warning("node {0}: {1}{2}", _settings.NodeId, trouble.What, trouble.Cause is { } cause ? $": {cause.Message}" : "");
                if (trouble.Snapshot is { } last) Publish(new Events.SnapshotFailed(last, trouble.What, trouble.Cause));
                return true;
            case CompactionFailed failed when Sender.Equals(_children.LogJournal):
                _log.Warning("node {0}: events up to {1} of its log, which a snapshot stands for, could not be deleted; they take room until the next deletion: {2}",
                    _settings.NodeId, failed.ToSequenceNr, failed.Cause.Message);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The store has told the core; what of it concerns people is told here.</summary>
    void TellOfSnapshot(Input input)
    {
        if (input is not SnapshotTaken { Snapshot: var taken }) return;
        _log.Info("node {0}: snapshot at {1}, {2} bytes", _settings.NodeId, taken.Last, taken.Length);
        Publish(new Events.SnapshotTaken(taken.Last, taken.Length, Now.Monotonic - _takingSince));
    }

    void RestoreMachine(StoredSnapshot snapshot)
    {
        _children.SnapshotStore.Tell(new BeginReading(snapshot));
        _children.Machine.Tell(new RestoreSnapshot(snapshot, _children.SnapshotStore, _options.SnapshotPlace));
    }

    RaftNodeException Unreadable(SnapshotUnreadable unreadable) =>
        new($"Node \"{_settings.NodeId}\" stops: {unreadable.What} {SnapshotErrors.WaysOut}", unreadable.Cause);
}
