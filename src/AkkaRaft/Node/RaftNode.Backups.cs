using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Protocol;

namespace AkkaRaft.Node;

/// <content>Backups: any node gives one, whatever its role. The core confirms how new it has to be, and takes the snapshot; the store is read.</content>
internal sealed partial class RaftNode
{
    BackupDesk? _backups;

    void OnBackupRequest(BackupRequest request)
    {
        if (!_core!.State.Options.TakesSnapshots) Sender.Tell(new BackupReply(_settings.NodeId, request.RequestId, BackupOutcome.NoSnapshots, ""), Self);
        else if (_backups!.Ask(request, Sender, Now.Monotonic, Self) is { } read) Step(read);
    }

    void OnBackupPieceRequest(BackupPieceRequest request)
    {
        if (!_core!.State.Options.TakesSnapshots) Sender.Tell(BackupPiece.Gone(_settings.NodeId, request), Self);
        else _children.SnapshotStore.Tell(new ReadSnapshotPiece(Sender, request, Math.Min(request.Bytes, _settings.SnapshotChunkBytes)), Self);
    }

    void OnSnapshotPieceRead(SnapshotPieceRead read) => read.Client.Tell(
        read.Bytes is { } bytes ? new BackupPiece(_settings.NodeId, read.Request.RequestId, false, read.Request.Offset, bytes) : BackupPiece.Gone(_settings.NodeId, read.Request), Self);

    void OnSnapshotRequestEnded(SnapshotRequestEnded ended)
    {
        if (ended.Snapshot is not { } snapshot)
        {
            _backups!.OnRefused(ended.RequestId, $"node {_settings.NodeId} could not take or store a snapshot; its log says why", Self);
            return;
        }

        // From now on, and not only when the first piece is asked for: the next snapshot may come before that.
        _children.SnapshotStore.Tell(new LendSnapshot(SnapshotName.Of(snapshot)), Self);
        var log = _core!.State.Log;
        _backups!.OnReady(ended.RequestId, snapshot, snapshot.Last.Index > log.Base.Index ? log[snapshot.Last.Index].Time : null, Self);
    }

    void OnBackupReadRefused(ReadRefused refused) => _backups!.OnRefused(-refused.ReadId, refused.Reason switch
    {
        RequestRefusal.NoLeader => $"node {_settings.NodeId} has heard no leader for an election timeout",
        RequestRefusal.Overloaded => $"node {_settings.NodeId} has as many reads waiting as {Settings.SettingKeys.MaxPendingReads} allows",
        _ => $"node {_settings.NodeId} could not confirm what is committed",
    }, Self);

    /// <summary>After a step, and never within one.</summary>
    void SettleBackups()
    {
        while (_backups?.TakeWanted() is { } wanted) Step(wanted);
    }
}
