using AkkaRaft.Backups;
using AkkaRaft.Client;
using AkkaRaft.Protocol;

namespace AkkaRaft;

/// <content>Backups of a running group.</content>
public sealed partial class RaftClient
{
    /// <summary>How long a backup may take unless told: 1 hour.</summary>
    public static readonly TimeSpan DefaultBackupTimeout = TimeSpan.FromHours(1);

    /// <summary>One after the other: nodes that fail while they send are not asked for ever.</summary>
    const int MostBackupTries = 6;

    /// <summary>Pieces that are under way at one time: enough to hide the network's delay, and little beside what the group itself sends.</summary>
    const int BackupWindow = 4;

    /// <summary>A node is up to date if it lacks no more than this.</summary>
    const long SmallLag = 10_000;

    long _lastBackupRequest;

    /// <summary>
    /// Writes a consistent backup of the running group to a file: every write that was acknowledged before this call is in it, and those of one moment of the log and no other. A node
    /// takes a snapshot for it, unless its newest is new enough. The file is there when it is whole and durable, and not before.
    /// </summary>
    /// <param name="path">The file; until it is whole it is written beside that, under the name with <c>.partial</c> behind it.</param>
    /// <param name="options">From which node, and whether a file may be overwritten; null for <see cref="RaftBackupOptions.Default"/>.</param>
    /// <param name="progress">Told how far it is; null for nobody.</param>
    /// <param name="timeout">How long all of it may take; default <see cref="DefaultBackupTimeout"/>. A node that says nothing for <see cref="RaftClientSettings.RequestTimeout"/> is given up sooner, for another one.</param>
    /// <param name="cancellationToken">Ends it; nothing is left then.</param>
    /// <returns>
    /// What was written. The task fails with <see cref="RaftBackupException"/>, or with <see cref="NotLeaderException"/> or <see cref="NodeUnreachableException"/> if there is no leader
    /// that could say what is acknowledged.
    /// </returns>
    /// <exception cref="ArgumentException">The node that is to give it is no member.</exception>
    public async Task<RaftBackup> Backup(
        string path, RaftBackupOptions? options = null, IProgress<RaftBackupProgress>? progress = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        options ??= RaftBackupOptions.Default;
        var until = UntilOf(timeout ?? DefaultBackupTimeout);
        using var target = BackupFileTarget.Open(path, options.Overwrite);
        return await Backup(target, options, progress, until, cancellationToken);
    }

    /// <summary>As <see cref="Backup(string, RaftBackupOptions?, IProgress{RaftBackupProgress}?, TimeSpan?, CancellationToken)"/>, to a stream.</summary>
    /// <param name="stream">It stays open. What a failed backup has written to it is to be thrown away. If a node fails while it sends, only a stream that can seek allows to start over with another one.</param>
    /// <param name="options">As for the other.</param>
    /// <param name="progress">As for the other.</param>
    /// <param name="timeout">As for the other.</param>
    /// <param name="cancellationToken">As for the other.</param>
    /// <returns>As the other.</returns>
    /// <exception cref="ArgumentException">The node that is to give it is no member.</exception>
    public async Task<RaftBackup> Backup(
        Stream stream, RaftBackupOptions? options = null, IProgress<RaftBackupProgress>? progress = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var until = UntilOf(timeout ?? DefaultBackupTimeout);
        using var target = new BackupStreamTarget(stream);
        return await Backup(target, options ?? RaftBackupOptions.Default, progress, until, cancellationToken);
    }

    async Task<RaftBackup> Backup(BackupTarget target, RaftBackupOptions options, IProgress<RaftBackupProgress>? progress, TimeSpan until, CancellationToken cancellation)
    {
        var places = new Queue<(NodeId Node, NodeAddress Address)>();
        var last = "";
        for (var tries = 0; tries < MostBackupTries && (tries == 0 || _intake.Now < until); tries++)
        {
            if (places.Count == 0)
            {
                if (tries > 0) await Task.Delay(Settings.LeaderPollInterval, _time, cancellation);
                places = Places(await GetLeaderStatus(UntilOfStep(until), cancellation), options.From);
            }

            var (node, address) = places.Dequeue();
            try
            {
                var ready = await AskForBackup(node, address, mayWait: places.Count == 0, progress, until, cancellation);
                if (ready.Outcome == BackupOutcome.NoSnapshots) throw BackupErrors.NoSnapshots(node);
                if (ready.Outcome != BackupOutcome.Ready)
                {
                    last = ready.Outcome == BackupOutcome.Working ? $"node {node} did not finish its snapshot in time" : ready.Why;
                    continue;
                }

                if (target.Begin() is not { } stream) throw BackupErrors.OneWay(last);
                if (await Pull(stream, target, node, address, ready, progress, until, cancellation) is { } whole)
                {
                    target.Commit();
                    return whole;
                }

                last = $"the snapshot at {ready.Snapshot!.Last} of node {node} was gone, or came with other bytes, before all of it had come";
            }
            catch (NodeUnreachableException silent)
            {
                last = silent.Message;
            }
        }

        throw BackupErrors.NotSent(MostBackupTries, last);
    }

    /// <summary>Who may give it, the best one first.</summary>
    static Queue<(NodeId Node, NodeAddress Address)> Places(RaftStatus leader, NodeId? from)
    {
        var configuration = leader.Configuration!;
        if (from is { } wanted) return new([(wanted, NodeAddress.Parse(Known(configuration, wanted).Address))]);
        var others = leader.Peers.Where(peer => peer is { State: RaftPeerState.Replicate, HeardAgo: not null } && configuration.Find(peer.Node) is not null)
            .OrderBy(peer => peer.Lag > SmallLag)
            .ThenBy(peer => configuration.Find(peer.Node)!.Role != RaftMemberRole.Learner)   // nobody waits for a learner's disk
            .ThenBy(peer => peer.HeardAgo > TimeSpan.FromSeconds(1))
            .ThenBy(peer => peer.Lag)
            .ThenBy(peer => peer.Node)
            .Select(peer => peer.Node);
        return new(others.Append(leader.Node).Where(node => configuration.Find(node) is not null).Select(node => (node, NodeAddress.Parse(configuration.Find(node)!.Address))));
    }

    /// <summary>Asks until the node has a snapshot, or cannot have one: it says within a second or so that it is at work.</summary>
    async Task<BackupReply> AskForBackup(
        NodeId node, NodeAddress address, bool mayWait, IProgress<RaftBackupProgress>? progress, TimeSpan until, CancellationToken cancellation)
    {
        var request = Interlocked.Increment(ref _lastBackupRequest);
        while (true)
        {
            progress?.Report(new RaftBackupProgress(node, 0, 0));
            var reply = await Begin((limit, deadline) => new BackupOperation(node, address, request, mayWait, limit, deadline), Left(UntilOfStep(until)), cancellation);
            if (reply.Outcome != BackupOutcome.Working || _intake.Now >= until) return reply;
        }
    }

    /// <summary>Copies the snapshot, some pieces ahead.</summary>
    /// <returns>What was written; null if the node did not have all of it.</returns>
    async Task<RaftBackup?> Pull(
        Stream stream, BackupTarget target, NodeId node, NodeAddress address, BackupReply ready, IProgress<RaftBackupProgress>? progress, TimeSpan until, CancellationToken cancellation)
    {
        var snapshot = ready.Snapshot!;
        var header = new BackupHeader(Settings.ClusterId, Settings.GroupId, node, snapshot, EntryTime(_time.GetUtcNow()), BackupHeader.ThisLibrary) { LastTime = ready.LastTime };
        using var writer = new BackupWriter(stream, header);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var window = new Queue<Task<BackupPiece>>();
        try
        {
            await writer.Begin(cancellation);
            for (var asked = 0L; writer.Written < snapshot.Length;)
            {
                for (; window.Count < BackupWindow && asked < snapshot.Length; asked += ready.PieceBytes) window.Enqueue(Ask(asked));
                var piece = await window.Dequeue();
                if (piece.IsGone) return null;
                await writer.Add(piece.Bytes, cancellation);
                progress?.Report(new RaftBackupProgress(node, writer.Written, snapshot.Length));
            }

            return await writer.End(cancellation);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw BackupTarget.NotWritten(target.Name, cause);
        }
        finally
        {
            // Not the asynchronous way: it would leave the caller's scheduler.
#pragma warning disable CA1849
            ended.Cancel();
#pragma warning restore CA1849
            foreach (var left in window) _ = Forget(left);
        }

        Task<BackupPiece> Ask(long offset)
        {
            var request = Interlocked.Increment(ref _lastBackupRequest);
            var bytes = (int)Math.Min(ready.PieceBytes, snapshot.Length - offset);
            return Begin((limit, deadline) => new BackupPieceOperation(node, address, request, SnapshotName.Of(snapshot), offset, bytes, limit, deadline), Left(UntilOfStep(until)), ended.Token);
        }
    }

    static async Task Forget(Task left)
    {
        try
        {
            await left;
        }
        catch (Exception)
        {
            // Why the backup ended is known already.
        }
    }

    // The file has whole milliseconds.
    static DateTimeOffset EntryTime(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    // Nobody is waited for longer than for any other answer.
    TimeSpan UntilOfStep(TimeSpan until)
    {
        if (Settings.RequestTimeout == Timeout.InfiniteTimeSpan) return until;
        var step = _intake.Now + Settings.RequestTimeout;
        return step < until ? step : until;
    }
}
