using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Node;

namespace AkkaRaft.Offline;

/// <summary>
/// Stands where the node would stand, above the journals and the snapshot store of a node that does not run: reads what they hold, and has them store what it is asked to, one
/// thing after the other. At the first failure it ends, and with it all that is asked of it.
/// </summary>
internal sealed class OfflineJournals : UntypedActor
{
    readonly NodeStores _stores;
    readonly TaskCompletionSource<OfflineContents> _read;
    readonly Dictionary<IActorRef, JournalKind> _children = [];
    readonly StopStrategy _strategy = new();

    TermJournalRecovered? _term;
    LogJournalRecovered? _log;
    SnapshotsRecovered? _snapshots;
    StoreOffline? _current;
    TaskCompletionSource? _closed;
    Exception? _failure;

    public OfflineJournals(NodeStores stores, TaskCompletionSource<OfflineContents> read)
    {
        _stores = stores;
        _read = read;
    }

    public static Props Props(NodeStores stores, TaskCompletionSource<OfflineContents> read) => Akka.Actor.Props.Create(typeof(OfflineJournals), stores, read);

    protected override SupervisorStrategy SupervisorStrategy() => _strategy;

    protected override void PreStart()
    {
        Start(JournalKind.Term, _stores.TermJournal);
        Start(JournalKind.Log, _stores.LogJournal);
        if (_stores.SnapshotStore is { } snapshots) Start(JournalKind.Snapshots, snapshots);
        else _snapshots = new SnapshotsRecovered(null);
    }

    protected override void PostStop()
    {
        Fail(new RaftStorageException($"The journals of {_stores.Place} were closed before they had done what they were asked to. Look at what is stored before you go on."));
        _closed?.TrySetResult();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case TermJournalRecovered term:
                _term = term;
                TellContents();
                break;
            case LogJournalRecovered log:
                _log = log;
                TellContents();
                break;
            case SnapshotsRecovered snapshots:
                _snapshots = snapshots;
                TellContents();
                break;
            case StoreOffline request:
                Begin(request);
                break;
            case CloseOffline close:
                _closed = close.Done;
                foreach (var child in _children.Keys) child.Tell(FinishJournal.Instance);
                if (_children.Count == 0) Context.Stop(Self);
                break;
            case JournalFailed failed:
                Fail(new RaftStorageException($"{failed.What} ({_stores.Place}): {failed.Cause.Message}", failed.Cause));
                break;
            case SnapshotUnreadable unreadable:
                Fail(new RaftStorageException($"{unreadable.What} {SnapshotErrors.WaysOut}", unreadable.Cause));
                break;
            case SnapshotTrouble { Snapshot: not null } trouble:
                Fail(new RaftStorageException($"In {_stores.Place} {trouble.What}{(trouble.Cause is { } cause ? $": {cause.Message}" : ".")}", trouble.Cause));
                break;
            case Terminated gone:
                OnGone(gone.ActorRef);
                break;
            default:
                End(message is Written written ? written.Input : message);
                break;
        }
    }

    void Start(JournalKind kind, Props props) => _children.Add(Context.Watch(Context.ActorOf(props, kind.ToString().ToLowerInvariant())), kind);

    void TellContents()
    {
        if (_term is not null && _log is not null && _snapshots is not null) _read.TrySetResult(new OfflineContents(_term, _log, _snapshots));
    }

    void Begin(StoreOffline request)
    {
        if (_failure is not null)
        {
            request.Done.TrySetException(_failure);
            return;
        }

        Invariant.Holds(_current is null);
        _current = request;
        _children.First(child => child.Value == request.Where).Key.Tell(request.What);
    }

    void End(object answer)
    {
        if (_current is not { } current || !current.IsDone(answer)) return;
        _current = null;
        current.Done.TrySetResult(answer);
    }

    void OnGone(IActorRef child)
    {
        _children.Remove(child, out var kind);
        if (_closed is null) Fail(new RaftStorageException($"The {kind} journal of {_stores.Place} ended: {_strategy.TakeCause(child)?.Message ?? "nothing is known of the cause"}."));
        else if (_children.Count == 0) Context.Stop(Self);
    }

    void Fail(Exception failure)
    {
        _failure ??= failure;
        _read.TrySetException(_failure);
        _current?.Done.TrySetException(_failure);
        _current = null;
    }
}

/// <summary>What the journals of a node hold.</summary>
internal sealed record OfflineContents(TermJournalRecovered Term, LogJournalRecovered Log, SnapshotsRecovered Snapshots);

/// <summary>Asks one of them to store something.</summary>
/// <param name="Where">Which.</param>
/// <param name="What">The request, as a node would make it.</param>
/// <param name="IsDone">Whether what it says is the answer.</param>
/// <param name="Done">Gets the answer, or the failure.</param>
internal sealed record StoreOffline(JournalKind Where, object What, Predicate<object> IsDone, TaskCompletionSource<object> Done) : INoSerializationVerificationNeeded;

/// <summary>Ends all of them.</summary>
internal sealed record CloseOffline(TaskCompletionSource Done) : INoSerializationVerificationNeeded;
