using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;

namespace AkkaRaft.Offline;

/// <summary>The journals and the snapshot store of a node that does not run, open for one who waits for each thing that they do.</summary>
internal sealed class OfflineStores : IAsyncDisposable
{
    readonly NodeStores _stores;
    readonly IActorRef _journals;

    OfflineStores(NodeStores stores, IActorRef journals, OfflineContents contents)
    {
        _stores = stores;
        _journals = journals;
        Contents = contents;
    }

    /// <summary>What they held when they were opened.</summary>
    public OfflineContents Contents { get; }

    /// <summary>Where that is, for people.</summary>
    public string Place => _stores.Place;

    /// <summary>Whether there is a place for snapshots.</summary>
    public bool HasSnapshots => _stores.SnapshotStore is not null;

    /// <summary>Opens and reads them.</summary>
    /// <exception cref="RaftStorageException">They are in use, another node's, or cannot be read.</exception>
    /// <param name="system">Runs them.</param>
    /// <param name="settings">The node's.</param>
    /// <param name="isRestoring">Whether a node is being made there from a backup.</param>
    public static async Task<OfflineStores> Open(ActorSystem system, RaftSettings settings, bool isRestoring = false)
    {
        Raft.Get(system);   // its serializers read what the journals hold
        var stores = NodeStores.Open(system, settings, RaftSetup.Of(system).TimeProvider, isRestoring);
        var read = Promise<OfflineContents>();
        var journals = ((ExtendedActorSystem)system).SystemActorOf(OfflineJournals.Props(stores, read));
        try
        {
            return new OfflineStores(stores, journals, await read.Task);
        }
        catch
        {
            await Close(journals);
            stores.Dispose();
            throw;
        }
    }

    /// <summary>A node was made there from a backup: it may be started.</summary>
    public void Restored() => _stores.Restored();

    /// <summary>Carries out what the core of a node would ask of its log.</summary>
    public Task Append(Effect effect) => Store(JournalKind.Log, new Write(effect), answer => answer is EntriesPersisted);

    /// <summary>Stores a term and a vote.</summary>
    public Task Persist(PersistTerm term) => Store(JournalKind.Term, new Write(term), answer => answer is TermPersisted);

    /// <summary>Stores who the node is.</summary>
    public Task Persist(NodeIdentity identity) => Store(JournalKind.Term, new StoreIdentity(identity), answer => answer is IdentityStored);

    /// <summary>Begins the log of a storage.</summary>
    public Task Begin(StorageId storage) => Store(JournalKind.Log, new CreateLog(storage), answer => answer is LogCreated);

    /// <summary>Stores a snapshot.</summary>
    /// <returns>What was stored.</returns>
    public async Task<StoredSnapshot> Write(SnapshotMark mark, IAsyncEnumerable<ReadOnlyMemory<byte>> content) =>
        ((SnapshotTaken)await Store(JournalKind.Snapshots, new WriteSnapshot(mark, content), answer => answer is SnapshotTaken)).Snapshot;

    /// <summary>Closes them; what is being written is finished.</summary>
    public async ValueTask DisposeAsync()
    {
        await Close(_journals);
        _stores.Dispose();
    }

    Task<object> Store(JournalKind where, object what, Predicate<object> isDone)
    {
        var done = Promise<object>();
        _journals.Tell(new StoreOffline(where, what, isDone, done));
        return done.Task;
    }

    static Task Close(IActorRef journals)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        journals.Tell(new CloseOffline(closed));
        return closed.Task;
    }

    static TaskCompletionSource<T> Promise<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
