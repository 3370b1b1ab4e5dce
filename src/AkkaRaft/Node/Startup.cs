using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Settings;
using AkkaRaft.StateMachine;

namespace AkkaRaft.Node;

/// <summary>What a start still needs.</summary>
internal abstract record StartupStep
{
    /// <summary>Answers are on their way.</summary>
    public sealed record Wait : StartupStep
    {
        public static readonly Wait Instance = new();
    }

    /// <summary>The log has to be marked with the storage that it belongs to.</summary>
    public sealed record MarkLog(StorageId Storage) : StartupStep;

    /// <summary>The node's identity has to be stored; it greets nobody before.</summary>
    public sealed record Store(NodeIdentity Identity) : StartupStep;

    /// <summary>Everything is known.</summary>
    public sealed record Ready(NodeIdentity Identity, RecoveredState Recovered, MachineTypes Admitted, bool TakesSnapshots) : StartupStep;

    /// <summary>The stored log is not that of the snapshot: let it begin anew behind this.</summary>
    public sealed record RestartTheLog(EntryId Base) : StartupStep;

    /// <summary>Let the machine begin at the snapshot.</summary>
    public sealed record RestoreTheMachine(StoredSnapshot Snapshot) : StartupStep;
}

/// <summary>
/// Gathers what the journals and the machine say when a node starts, and decides what that means: a new node, a node that was here before, or storage
/// that must not be used. A node that lost its vote or its log is not the voter it was; pretending otherwise could undo what a majority agreed on.
/// </summary>
internal sealed class Startup(RaftSettings settings, string address, string dataPlace, bool hasSnapshots, Func<ulong> entropy)
{
    TermJournalRecovered? _term;
    LogJournalRecovered? _log;
    MachineStarted? _machine;
    SnapshotsRecovered? _snapshots = hasSnapshots ? null : new SnapshotsRecovered(null);
    RecoveredLog? _recovered;
    bool _logIsRight;
    bool _machineIsRight;
    bool _restarting;
    bool _restoring;
    NodeIdentity? _identity;
    StorageId? _logStorage;
    bool _marking;
    bool _storing;

    public StartupStep On(object answer)
    {
        switch (answer)
        {
            case TermJournalRecovered term:
                _term = term;
                _identity = term.Identity;
                break;
            case LogJournalRecovered log:
                _log = log;
                _logStorage = log.Storage;
                break;
            case MachineStarted machine:
                _machine = machine;
                break;
            case LogCreated created:
                _logStorage = created.Storage;
                break;
            case SnapshotsRecovered snapshots:
                _snapshots = snapshots;
                break;
            case EntriesPersisted:
                _logIsRight = true;
                break;
            case SnapshotRestored:
                _machineIsRight = true;
                break;
            case IdentityStored stored:
                _identity = stored.Identity;
                break;
        }

        return Next();
    }

    StartupStep Next()
    {
        if (_term is null || _log is null || _machine is null || _snapshots is null) return StartupStep.Wait.Instance;
        if (_identity is null) return FirstStart();
        if (_logStorage != _identity.Storage) throw Refuse($"the log belongs to storage {_logStorage?.ToString() ?? "(none: the log is gone)"}, the node to " +
            $"storage {_identity.Storage}", "Restore both journals from the same backup, or remove the node and add it again with an empty folder.");
        // An entry of a term is stored after the term itself (B08): this term journal is an older copy, and may have forgotten a vote.
        var reached = _log.Entries is [.., var last] ? last.Term : _log.Base.Term;
        if (_snapshots.Newest is { } newest && newest.Last.Term > reached) reached = newest.Last.Term;
        if (reached > _term.Term) throw Refuse($"the log reaches term {reached}, the stored term is {_term.Term}",
            "Restore both journals from the same backup, or remove the node and add it again with an empty folder.");
        Check(_identity);
        CheckSnapshots(_machine, _snapshots.Newest);
        return PutTogether(_log, _snapshots.Newest) ?? new StartupStep.Ready(_identity, Recovered(_term, _identity),
            new MachineTypes(_machine.CommandTypes, _machine.QueryTypes), _machine.TakesSnapshots && hasSnapshots);
    }

    /// <summary>Snapshot and log mean one thing together; what is left of a crash between the two is put right, and the machine begins at the snapshot.</summary>
    StartupStep? PutTogether(LogJournalRecovered log, StoredSnapshot? snapshot)
    {
        _recovered ??= RecoveredLog.Of(snapshot, log.Base, log.Entries) ?? throw Refuse(
            $"the log begins behind entry {log.Base}, and {(snapshot is null ? "there is no snapshot" : $"the newest snapshot ends at entry {snapshot.Last}")}: what lies " +
            "between was acknowledged, and is not here",
            "Put back a copy of the whole folder that was made after the node last ran, or remove the node and add it again with an empty folder.");
        if (_recovered.MustRestart && !_logIsRight) return Once(ref _restarting, new StartupStep.RestartTheLog(_recovered.Base));
        if (snapshot is not null && !_machineIsRight) return Once(ref _restoring, new StartupStep.RestoreTheMachine(snapshot));
        return null;
    }

    static StartupStep Once(ref bool asked, StartupStep step)
    {
        if (asked) return StartupStep.Wait.Instance;
        asked = true;
        return step;
    }

    RecoveredState Recovered(TermJournalRecovered term, NodeIdentity identity) =>
        new(term.Term, term.VotedFor, identity.FirstConfiguration, _recovered!.Entries) 
        {
            Storage = identity.Storage, Base = _recovered.Base, Snapshot = _snapshots!.Newest,
        };

    void CheckSnapshots(MachineStarted machine, StoredSnapshot? snapshot)
    {
        if (machine.TakesSnapshots && !hasSnapshots)
        {
            throw new RaftNodeException($"Node \"{settings.NodeId}\" refuses to start: its state machine takes snapshots, and there is no place for them: " +
                $"{settings.PathOf(SettingKeys.JournalPluginId)} = \"{settings.JournalPluginId}\" names a journal of the application's, and " +
                $"{settings.PathOf(SettingKeys.SnapshotPluginId)} is empty. Nothing was changed. Name a durable snapshot-store plug-in there.");
        }

        if (snapshot is not null && !machine.TakesSnapshots)
            throw Refuse($"it holds a snapshot, up to entry {snapshot.Last}, and the state machine cannot restore any", "Register its snapshots with Snapshot(take, restore).");
    }

    /// <summary>First the log's mark, then the identity: a crash between the two leaves an empty log that the next start takes over.</summary>
    StartupStep FirstStart()
    {
        if (_log!.Entries.Count > 0 || _log.Base != EntryId.Zero || _snapshots!.Newest is not null) throw Refuse("it holds a log, but the node's identity, term and vote are gone",
            "Restore both journals from the same backup, or remove the node and add it again with an empty folder.");
        // A node that has an identity may have moved; the members are told so (thesis 4.1). A founder is where the others are told that it is.
        if (settings.Self is { } self && self.Address != address)
        {
            throw new RaftNodeException($"Node \"{settings.NodeId}\" refuses to start: {settings.PathOf(SettingKeys.Members)} has \"{self}\", but the ActorSystem's own address is \"{address}\". " +
                "They must be equal letter for letter, for Akka.Remote drops messages to any other spelling. Nothing was changed. Correct the entry on all nodes, or " +
                "akka.remote.dot-netty.tcp.public-hostname and public-port (else hostname and port) on this one.");
        }

        if (_logStorage is not { } storage)
        {
            if (_marking) return StartupStep.Wait.Instance;
            _marking = true;
            return new StartupStep.MarkLog(new StorageId($"{entropy():x16}{entropy():x16}"));
        }

        if (_storing) return StartupStep.Wait.Instance;
        _storing = true;
        return new StartupStep.Store(new NodeIdentity(
            settings.ClusterId, settings.GroupId, settings.NodeId, storage, settings.ToFirstConfiguration()));
    }

    void Check(NodeIdentity stored)
    {
        const string WayOut = "Point akka.raft.data-dir to the right folder, or remove the node and add it again with an empty folder.";
        if (stored.Cluster != settings.ClusterId)
            throw Refuse($"it was made for cluster \"{stored.Cluster}\" (storage id {stored.Storage}), the configuration says cluster \"{settings.ClusterId}\"", WayOut);
        if (stored.Group != settings.GroupId || stored.Node != settings.NodeId)
            throw Refuse($"it was made for node \"{stored.Node}\" of group \"{stored.Group}\", the configuration says node \"{settings.NodeId}\" of group \"{settings.GroupId}\"", WayOut);
        // That it was restored, and from what, the settings do not say.
        var configured = settings.ToFirstConfiguration(stored.FirstConfiguration.RecoveryMark);
        // Join says what an empty folder is to become; one that is in use is what it is.
        if (settings.Join || stored.FirstConfiguration.Equals(configured)) return;
        throw stored.FirstConfiguration.Members.IsEmpty
            ? Refuse($"it joined its cluster, the configuration says that it founded one with the members {configured}", $"Set {settings.PathOf(SettingKeys.Join)} = on, and members to [].")
            : Refuse($"its cluster was founded with the members {stored.FirstConfiguration}, the configuration says {configured}",
                "Give the members that the cluster was founded with, the same on each node; who belongs to it by now stands in the log.");
    }

    RaftNodeException Refuse(string why, string wayOut) =>
        new($"Node \"{settings.NodeId}\" refuses to start: {dataPlace} cannot be used: {why}. Nothing was changed. {wayOut}");
}
