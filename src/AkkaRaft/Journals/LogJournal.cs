using AkkaRaft.Consensus;
using Akka.Actor;
using Akka.Persistence;

namespace AkkaRaft.Journals;

/// <summary>
/// Keeps a node's log (Raft figure 2, persistent state). One event per batch of entries; what queues up while one is being written becomes the next
/// (group commit). Cutting and writing are one event, so that a crash cannot come between (B30). What a snapshot stands for is deleted between the writes, a few
/// events at a time: beside a write, or many at once, it would hold the writes up.
/// </summary>
internal sealed class LogJournal : NodeJournal
{
    /// <summary>The most events that are deleted at once.</summary>
    const int MaxDeleted = 20;

    /// <summary>No more are deleted once they make up so many bytes: SQLite reads what it deletes, perhaps from the disk, and a write waits for that.</summary>
    const long MaxDeletedBytes = 2 * 1024 * 1024;

    /// <summary>When there is always something to write, some events are deleted after so many writes, or bytes of them: more than these have added.</summary>
    const int WritesBetweenDeletions = MaxDeleted / 2;
    const long BytesBetweenDeletions = MaxDeletedBytes / 2;

    /// <summary>No more are deleted in a second, unless the log grows faster: what is deleted may have to be read from the disk that the writes go to.</summary>
    const double DeletedBytesPerSecond = 16 * 1024 * 1024;

    readonly JournalOptions _options;
    readonly JournalThrottle _throttle;

    // What was asked for, in order; appends that follow one another are one request.
    readonly Queue<object> _requests = [];

    // What may be deleted some day, oldest first.
    readonly Queue<StoredEvent> _events = [];

    AppendQueue? _lastAppends;
    (LogIndex UpTo, long Before) _deletable;
    (int Writes, long Bytes) _sinceDeletion;
    bool _deleting;
    TimeSpan _nextDeletion;
    long _lastWriteId = -1;

    LogReplay? _replay = new();

    // The log as it will be once everything requested is stored.
    LogOutline _outline = new();
    StorageId? _storage;

    public LogJournal(ClusterId cluster, GroupId group, NodeId node, JournalOptions options)
        : base(JournalKind.Log, PersistenceIdOf(JournalKind.Log, cluster, group, node), options)
    {
        _options = options;
        _throttle = new JournalThrottle(options.BytesPerSecond, options.Time);
    }

    public static Props Props(ClusterId cluster, GroupId group, NodeId node, JournalOptions options) =>
        Akka.Actor.Props.Create(typeof(LogJournal), cluster, group, node, options);

    protected override void Replay(JournalEvent stored)
    {
        if (_replay!.Add(stored, LastSequenceNr) is { } reason) throw Unreadable(reason);
        Remember(stored);
    }

    protected override void Recovered()
    {
        // From here on the node holds the entries; this actor needs only their outline.
        if (_replay!.End(out var log) is { } reason) throw Unreadable(reason);
        _storage = _replay.Storage;
        _outline = _replay.Outline;
        _replay = null;
        Context.Parent.Tell(new LogJournalRecovered(_storage, log.Entries) { Base = log.Base }, Self);
    }

    protected override bool Request(object message)
    {
        switch (message)
        {
            case CreateLog create:
                Create(create);
                return true;
            case AppendToLog append:
                Append(append);
                return true;
            case RestartLog restart:
                Restart(restart);
                return true;
            case CompactLog compact:
                Compact(compact);
                return true;
            case DeleteMessagesSuccess:
                _deleting = false;
                return true;
            case DeleteMore:
                return true;
            case DeleteMessagesFailure failed:
                // What is not deleted now is deleted with what comes after it; it only takes room until then.
                _deleting = false;
                _deletable = default;
                Context.Parent.Tell(new CompactionFailed(failed.ToSequenceNr, failed.Cause), Self);
                return true;
            default:
                return false;
        }
    }

    protected override void WriteNext()
    {
        if (_deleting || (IsDeletionDue && DeleteSome())) return;
        switch (_requests.TryPeek(out var next) ? next : null)
        {
            case AppendQueue appends:
                var batch = appends.Take();
                if (appends.IsEmpty) Dequeue();
                // The ack names the write and its last entry: after a cut and a rewrite of the same index it cannot stand for another entry (B38).
                var persisted = new EntriesPersisted(batch.WriteId, batch.Entries[^1].Id);
                Store(new EntriesAppended(batch.Previous, batch.Entries), new Written(persisted, batch));
                break;
            case CreateLog create:
                Dequeue();
                Store(new LogStarted(create.Storage), new LogCreated(create.Storage));
                break;
            case RestartLog restart:
                Dequeue();
                Store(new LogRestarted(restart.Base), new EntriesPersisted(restart.WriteId, restart.Base));
                break;
            case CompactLog compact:
                Dequeue();
                if (_events.FirstOrDefault(stored => !stored.IsMark) is { SequenceNr: > 0 } oldest && oldest.Last <= compact.UpTo.Index) Store(new LogCompacted(_storage!.Value, compact.UpTo), null);
                else WriteNext();
                break;
            case null:
                var wait = _nextDeletion - _options.Time.GetElapsedTime(0);
                if (wait <= TimeSpan.Zero) DeleteSome();
                else if (MayDelete) Timers.StartSingleTimer(nameof(DeleteMore), DeleteMore.Instance, wait);
                break;
        }
    }

    protected override TimeSpan DelayOf(JournalEvent stored) => stored is EntriesAppended appended ? _throttle.DelayOf(SizeOf(appended)) : TimeSpan.Zero;

    protected override void DropQueue()
    {
        _requests.Clear();
        _lastAppends = null;
        _deletable = default;
    }

    void Create(CreateLog create)
    {
        if (_storage is not null) Invariant.Broken($"the log of storage {_storage} cannot be begun again");
        _storage = create.Storage;
        Enqueue(create);
    }

    void Append(AppendToLog request)
    {
        Check(request.WriteId);
        if (_outline.WhyNot(request.Previous, request.Entries) is { } reason) Invariant.Broken(reason);
        _outline.Replace(request.Previous, request.Entries);
        if (_lastAppends is null)
        {
            var appends = new AppendQueue(_options.MaxEventBytes);
            Enqueue(appends);
            _lastAppends = appends;
        }

        _lastAppends.Add(request);
    }

    void Restart(RestartLog request)
    {
        Check(request.WriteId);
        _outline.Restart(request.Base);
        Enqueue(request);
    }

    void Compact(CompactLog request)
    {
        if (!_outline.Contains(request.UpTo)) Invariant.Broken($"the log cannot be compacted to {request.UpTo}, which is not between {_outline.Base} and {_outline.Last}");
        _outline.CompactTo(request.UpTo);
        Enqueue(request);
    }

    void Check(long writeId)
    {
        if (_storage is null) Invariant.Broken("a log is created before entries are appended");
        if (writeId <= _lastWriteId) Invariant.Broken($"write {writeId} comes after write {_lastWriteId}");
        _lastWriteId = writeId;
    }

    void Enqueue(object request)
    {
        _requests.Enqueue(request);
        _lastAppends = null;
    }

    void Dequeue()
    {
        if (ReferenceEquals(_requests.Dequeue(), _lastAppends)) _lastAppends = null;
    }

    void Store(JournalEvent stored, object? acknowledgement)
    {
        _sinceDeletion.Writes++;
        Write(stored, acknowledgement, () => Remember(stored));
    }

    void Remember(JournalEvent stored)
    {
        switch (stored)
        {
            case LogRestarted restarted:
                // What was before is void.
                for (var left = _events.Count; left > 0; left--) _events.Enqueue(_events.Dequeue() with { Last = LogIndex.Zero });
                _events.Enqueue(new StoredEvent(LastSequenceNr, restarted.Base.Index, IsMark: true));
                break;
            case LogCompacted { UpTo: var upTo }:
                _events.Enqueue(new StoredEvent(LastSequenceNr, upTo.Index, IsMark: true));
                _deletable = (upTo.Index, LastSequenceNr);
                break;
            case EntriesAppended appended:
                var bytes = SizeOf(appended);
                _sinceDeletion.Bytes += bytes;
                _events.Enqueue(new StoredEvent(LastSequenceNr, appended.Entries[^1].Index, IsMark: false, bytes));
                break;
            default:
                _events.Enqueue(new StoredEvent(LastSequenceNr, LogIndex.Zero, IsMark: false));
                break;
        }
    }

    /// <summary>Some of the oldest events go, as far as they hold nothing behind the newest <see cref="LogCompacted"/>, and not that itself.</summary>
    bool DeleteSome()
    {
        _sinceDeletion = default;
        var (upTo, bytes) = (0L, 0L);
        for (var count = 0; count < MaxDeleted && bytes < MaxDeletedBytes && MayDelete; count++)
        {
            var oldest = _events.Dequeue();
            upTo = oldest.SequenceNr;
            bytes += oldest.Bytes;
        }

        if (upTo == 0) return false;
        _deleting = true;
        _nextDeletion = _options.Time.GetElapsedTime(0) + TimeSpan.FromSeconds(bytes / DeletedBytesPerSecond);
        DeleteMessages(upTo);
        return true;
    }

    bool IsDeletionDue => _sinceDeletion.Bytes >= BytesBetweenDeletions
        || (_sinceDeletion.Writes >= WritesBetweenDeletions && _options.Time.GetElapsedTime(0) >= _nextDeletion);

    bool MayDelete => _events.TryPeek(out var oldest) && oldest.SequenceNr < _deletable.Before && oldest.Last <= _deletable.UpTo;

    static long SizeOf(EntriesAppended appended) => appended.Entries.Sum(entry => (long)entry.Size);

    /// <param name="SequenceNr">Its number in the journal.</param>
    /// <param name="Last">The last entry that it is about.</param>
    /// <param name="IsMark">It holds no entries, and is worth no deletion of its own.</param>
    /// <param name="Bytes">How much its entries take, about.</param>
    readonly record struct StoredEvent(long SequenceNr, LogIndex Last, bool IsMark, long Bytes = 0);

    /// <summary>The journal to itself: it may delete again.</summary>
    sealed record DeleteMore : INoSerializationVerificationNeeded
    {
        public static readonly DeleteMore Instance = new();
    }
}
