using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Protocol;

namespace AkkaRaft.Node;

/// <summary>
/// Who asks this node for a backup. First a linearizable read tells how far the state must be (thesis 6.4), then a snapshot is found or taken that is as far. Clients ask
/// again and again: a node that is at work says so, and one that says nothing is given up.
/// </summary>
internal sealed class BackupDesk(NodeId me, int pieceBytes)
{
    /// <summary>All of them are served by one snapshot, or by the next.</summary>
    public const int MaxRequests = 16;

    /// <summary>Clients wait seconds for a word, and not much longer than this for one that says only that it takes longer.</summary>
    static readonly TimeSpan SilentAtMost = TimeSpan.FromSeconds(1);

    static readonly TimeSpan RememberedFor = TimeSpan.FromSeconds(30);

    // Sorted, because they are walked, and the order of a walk is seen by others.
    readonly SortedDictionary<long, Asked> _asked = [];
    readonly Queue<RequestSnapshot> _wanted = [];

    long _last;

    /// <summary>The reads of backups have names below 0, those of queries above.</summary>
    public static bool IsRead(long readId) => readId < 0;

    /// <summary>A client asks, perhaps again.</summary>
    /// <returns>The read that has to be made for it first; null if none has to.</returns>
    public Read? Ask(BackupRequest request, IActorRef client, TimeSpan now, IActorRef self)
    {
        if (_asked.Values.FirstOrDefault(each => each.RequestId == request.RequestId && each.Client.Equals(client)) is { } known)
        {
            known.AskedAt = known.HeardAt = now;
            if (known.Ready is not null) Answer(known, known.Ready, self);
            return null;
        }

        // What is finished is remembered only for whoever did not hear of it.
        if (_asked.Count >= MaxRequests && _asked.FirstOrDefault(each => each.Value.Ready is not null) is { Key: > 0 and var finished }) _asked.Remove(finished);
        if (_asked.Count >= MaxRequests)
        {
            client.Tell(new BackupReply(me, request.RequestId, BackupOutcome.NotNow, $"node {me} has {MaxRequests} requests for backups already"), self);
            return null;
        }

        _asked.Add(++_last, new Asked(client, request.RequestId) { AskedAt = now, HeardAt = now });
        return new Read([-_last]) { Anywhere = true };
    }

    /// <summary>The state machine has all that was acknowledged when the client asked. What has to be asked of the core waits until this step of it is over.</summary>
    public void OnRead(ReadReady ready) => _wanted.Enqueue(new RequestSnapshot(-ready.ReadId, ready.Index));

    /// <summary>A snapshot that has to be asked for.</summary>
    public RequestSnapshot? TakeWanted()
    {
        while (_wanted.TryDequeue(out var wanted))
        {
            if (_asked.ContainsKey(wanted.RequestId)) return wanted;
        }

        return null;
    }

    /// <summary>It is there; whoever asks from now on is told at once.</summary>
    public void OnReady(long id, StoredSnapshot snapshot, DateTimeOffset? lastTime, IActorRef self)
    {
        if (!_asked.TryGetValue(id, out var asked)) return;
        asked.Ready = new BackupReply(me, asked.RequestId, BackupOutcome.Ready, "") { Snapshot = snapshot, LastTime = lastTime, PieceBytes = pieceBytes };
        if (asked.AskedAt is not null) Answer(asked, asked.Ready, self);
    }

    /// <summary>It comes to nothing here.</summary>
    public void OnRefused(long id, string why, IActorRef self)
    {
        if (_asked.Remove(id, out var asked)) Answer(asked, new BackupReply(me, asked.RequestId, BackupOutcome.NotNow, why), self);
    }

    public void OnTick(TimeSpan now, IActorRef self)
    {
        if (_asked.Count == 0) return;
        foreach (var (id, asked) in _asked.ToArray())
        {
            if (now - asked.HeardAt > RememberedFor) _asked.Remove(id);
            else if (now - asked.AskedAt >= SilentAtMost) Answer(asked, new BackupReply(me, asked.RequestId, BackupOutcome.Working, ""), self);
        }
    }

    /// <summary>The node leaves the protocol.</summary>
    public void End(string why, IActorRef self)
    {
        foreach (var id in _asked.Keys.ToArray()) OnRefused(id, why, self);
    }

    static void Answer(Asked asked, BackupReply reply, IActorRef self)
    {
        asked.AskedAt = null;
        asked.Client.Tell(reply, self);
    }

    sealed class Asked(IActorRef client, long requestId)
    {
        public IActorRef Client => client;

        public long RequestId => requestId;

        /// <summary>When the client asked last; null if it was answered since.</summary>
        public TimeSpan? AskedAt { get; set; }

        public TimeSpan HeardAt { get; set; }

        public BackupReply? Ready { get; set; }
    }
}
