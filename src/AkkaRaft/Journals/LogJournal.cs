using AkkaRaft.Consensus;
using Akka.Actor;

namespace AkkaRaft.Journals;

/// <summary>
/// Keeps a node's log (Raft figure 2, persistent state). One event per batch of entries; what queues up while one is being written becomes the next
/// (group commit). Cutting and writing are one event, so that a crash cannot come between (B30).
/// </summary>
internal sealed class LogJournal : NodeJournal
{
    readonly AppendQueue _queue;

    // The log as it will be once everything requested is stored.
    readonly LogOutline _outline = new();
    StorageId? _storage;
    long _lastWriteId;

    CreateLog? _toCreate;
    List<LogEntry>? _replayed = [];

    public LogJournal(ClusterId cluster, GroupId group, NodeId node, JournalOptions options)
        : base(JournalKind.Log, PersistenceIdOf(JournalKind.Log, cluster, group, node), options) => _queue = new AppendQueue(options.MaxEventBytes);

    public static Props Props(ClusterId cluster, GroupId group, NodeId node, JournalOptions options) =>
        Akka.Actor.Props.Create(typeof(LogJournal), cluster, group, node, options);

    protected override void Replay(JournalEvent stored)
    {
        switch (stored)
        {
            case LogStarted { Storage: var storage }:
                if (_storage is not null) throw Unreadable("the log begins twice");
                _storage = storage;
                break;
            case EntriesAppended { Previous: var previous, Entries: var entries }:
                if (_storage is null) throw Unreadable($"entries after {previous} are stored before the log's beginning");
                if (_outline.WhyNot(previous, entries) is { } reason) throw Unreadable(reason);
                Overlay(previous, entries);
                break;
            default:
                throw Unreadable($"a {stored.GetType().Name} stands in a log journal");
        }
    }

    protected override void Recovered()
    {
        // From here on the node holds the entries; this actor needs only their outline.
        var entries = _replayed!;
        _replayed = null;
        Context.Parent.Tell(new LogJournalRecovered(_storage, entries), Self);
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
            default:
                return false;
        }
    }

    protected override void WriteNext()
    {
        if (_toCreate is { } create)
        {
            _toCreate = null;
            Write(new LogStarted(create.Storage), new LogCreated(create.Storage));
        }
        else if (!_queue.IsEmpty)
        {
            var batch = _queue.Take();
            // The ack names the write and its last entry: after a cut and a rewrite of the same index it cannot stand for another entry (B38).
            var persisted = new EntriesPersisted(batch.WriteId, batch.Entries[^1].Id);
            Write(new EntriesAppended(batch.Previous, batch.Entries), new Written(persisted, batch));
        }
    }

    protected override void DropQueue()
    {
        _toCreate = null;
        _queue.Clear();
    }

    void Create(CreateLog create)
    {
        if (_storage is not null) Invariant.Broken($"the log of storage {_storage} cannot be begun again");
        _storage = create.Storage;
        _toCreate = create;
    }

    void Append(AppendToLog request)
    {
        if (_storage is null) Invariant.Broken("a log is created before entries are appended");
        if (request.WriteId <= _lastWriteId) Invariant.Broken($"write {request.WriteId} comes after write {_lastWriteId}");
        if (_outline.WhyNot(request.Previous, request.Entries) is { } reason) Invariant.Broken(reason);
        _lastWriteId = request.WriteId;
        _outline.Replace(request.Previous, request.Entries);
        _queue.Add(request);
    }

    void Overlay(EntryId previous, IReadOnlyList<LogEntry> entries)
    {
        _outline.Replace(previous, entries);
        var kept = (int)previous.Index.Value;
        _replayed!.RemoveRange(kept, _replayed.Count - kept);
        _replayed.AddRange(entries);
    }
}
