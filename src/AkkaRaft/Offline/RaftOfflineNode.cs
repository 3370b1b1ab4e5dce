using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Node;
using AkkaRaft.Offline;
using AkkaRaft.StateMachine;

namespace AkkaRaft;

/// <summary>
/// A node that does not run: its data can be looked at, recovered when the majority of its group is lost for good, and made from a backup. While this is open no node can be started on
/// the same data folder. The actor system needs no remoting, and may not run a node of the same group.
/// </summary>
public sealed partial class RaftOfflineNode : IAsyncDisposable
{
    readonly OfflineStores _stores;
    readonly RaftSetup _setup;
    readonly NodeIdentity _identity;

    RecoveredState _recovered;
    NodeState _state;
    EntryId? _restart;
    long _writes = 1;

    RaftOfflineNode(OfflineStores stores, RaftSetup setup, StartupStep.Ready found, EntryId? restart)
    {
        _stores = stores;
        _setup = setup;
        _identity = found.Identity;
        _recovered = found.Recovered;
        _state = StateOf(_recovered);
        _restart = restart;
    }

    /// <summary>What it works with.</summary>
    internal OfflineStores Stores => _stores;

    /// <summary>What is stored.</summary>
    public RaftOfflineReport Report
    {
        get
        {
            var state = _state;
            var last = state.Log.Last;
            return new RaftOfflineReport(_identity.Cluster, _identity.Group, _identity.Node, _identity.Storage, _stores.Place)
            {
                Term = state.Term,
                Base = state.Log.Base,
                LastEntry = last,
                LastEntryTime = last.Index == state.Log.Base.Index ? null : state.Log[last.Index].Time,
                SnapshotLast = state.Snapshot?.Last,
                SnapshotBytes = state.Snapshot?.Length ?? 0,
                Configuration = RaftConfiguration.Of(state.Configurations.EffectiveIndex, state.Configuration, state.CommitIndex),
            };
        }
    }

    /// <summary>Opens the data of a node that does not run. Nothing of it is changed.</summary>
    /// <param name="system">Runs the journals meanwhile.</param>
    /// <param name="settings">
    /// The node's settings: its cluster, group and name, and where its data is. <see cref="RaftSettings.Members"/> and <see cref="RaftSettings.Join"/> do not matter.
    /// </param>
    /// <exception cref="RaftSettingsException">The settings cannot be used.</exception>
    /// <exception cref="RaftStorageException">There is no such data, a node runs on it, it is another node's, or it cannot be read.</exception>
    /// <exception cref="RaftNodeException">What is stored contradicts itself.</exception>
    public static async Task<RaftOfflineNode> Open(ActorSystem system, RaftSettings settings)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(settings);
        settings = settings.WithMembers().WithJoin(true);
        settings.Validate();
        if (settings.JournalPluginId.Length == 0 && !NodeStorage.Exists(settings.DataDir, settings.GroupId))
            throw NothingThere(settings, $"{Path.GetFullPath(settings.DataDir)} is no data folder of group \"{settings.GroupId}\"");
        var stores = await OfflineStores.Open(system, settings);
        try
        {
            var setup = RaftSetup.Of(system);
            var (found, restart) = PutTogether(settings, stores, setup);
            return found is null ? throw NothingThere(settings, $"{stores.Place} holds nothing of it") : new RaftOfflineNode(stores, setup, found, restart);
        }
        catch
        {
            await stores.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Makes this survivor the only voter of its group, for good: the way out when a majority is lost, and none other. What the lost nodes had acknowledged without this one is lost with
    /// them; what this one has counts from now on, committed or not. The new configuration, written behind the log and durable when this completes, carries a mark: a node that was left behind
    /// is refused when it comes back (docs/operations.md). Started as before the node leads at once; the other survivors are started with empty folders and
    /// <see cref="RaftSettings.Join"/>, and vote when they have caught up.
    /// </summary>
    /// <param name="survivors">Who is left, this node included; all others are members no more.</param>
    /// <returns>What is stored afterwards.</returns>
    /// <exception cref="ArgumentException">This node is not among them, or one of them is no member. Nothing was changed.</exception>
    /// <exception cref="RaftStorageException">The journals failed. The survivor may be recovered or not; open it again, and see.</exception>
    public async Task<RaftOfflineReport> Recover(params IReadOnlyCollection<NodeId> survivors)
    {
        ArgumentNullException.ThrowIfNull(survivors);
        var entry = EntryOf(survivors);
        // What a crash left of the installation of a snapshot is put right first, as the node would at its start.
        if (_restart is { } behind)
        {
            await _stores.Append(new RestartLog(0, behind));
            _restart = null;
        }

        // First the term, then the entry of it (B08); what a crash leaves between the two is a node in a later term.
        await _stores.Persist(new PersistTerm(entry.Term, _identity.Node));
        await _stores.Append(new AppendToLog(_writes++, _state.Log.Last, [entry]));
        _recovered = _recovered with { Term = entry.Term, VotedFor = _identity.Node, Entries = [.. _recovered.Entries, entry] };
        _state = StateOf(_recovered);
        return Report;
    }

    /// <summary>The configuration that <see cref="Recover"/> would write.</summary>
    /// <param name="survivors">Who is left, this node included.</param>
    /// <exception cref="ArgumentException">This node is not among them, or one of them is no member.</exception>
    public RaftConfiguration Plan(params IReadOnlyCollection<NodeId> survivors)
    {
        ArgumentNullException.ThrowIfNull(survivors);
        var entry = EntryOf(survivors);
        return RaftConfiguration.Of(entry.Index, entry.Configuration, entry.Index);
    }

    /// <summary>Gives the data free.</summary>
    public ValueTask DisposeAsync() => _stores.DisposeAsync();

    /// <summary>What a start of the node would make of it; null if there is no node's data.</summary>
    static (StartupStep.Ready? Found, EntryId? Restart) PutTogether(RaftSettings settings, OfflineStores stores, RaftSetup setup)
    {
        var startup = new Startup(settings, "", stores.Place, stores.HasSnapshots, setup.Entropy);
        startup.On(stores.Contents.Term);
        startup.On(stores.Contents.Log);
        startup.On(stores.Contents.Snapshots);
        var step = startup.On(new MachineStarted([], [], []) { TakesSnapshots = stores.HasSnapshots });
        EntryId? restart = null;
        while (true)
        {
            switch (step)
            {
                case StartupStep.RestartTheLog { Base: var behind }:
                    restart = behind;
                    step = startup.On(new EntriesPersisted(0, behind));
                    break;
                case StartupStep.RestoreTheMachine { Snapshot: var snapshot }:
                    step = startup.On(new SnapshotRestored(snapshot.Last));
                    break;
                case StartupStep.Ready ready:
                    return (ready, restart);
                default:
                    return (null, null);
            }
        }
    }

    ConfigurationEntry EntryOf(IReadOnlyCollection<NodeId> survivors)
    {
        var mark = Math.Max(1, _setup.Entropy());
        return QuorumLoss.Plan(_state, survivors, mark == _state.Configuration.RecoveryMark ? mark + 1 : mark, _setup.TimeProvider.GetUtcNow());
    }

    NodeState StateOf(RecoveredState recovered) => new(_identity.Node, new CoreOptions(), recovered, 0, new Instant(_setup.TimeProvider.GetElapsedTime(0), _setup.TimeProvider.GetUtcNow()));

    static RaftStorageException NothingThere(RaftSettings settings, string why) => new(
        $"There is no data of node \"{settings.NodeId}\" of group \"{settings.GroupId}\" in cluster \"{settings.ClusterId}\": {why}. Nothing was changed. Check akka.raft.data-dir, cluster-id, group and node-id.");
}
