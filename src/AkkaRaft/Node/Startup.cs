using AkkaRaft.Consensus;
using AkkaRaft.Journals;
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
    public sealed record Ready(NodeIdentity Identity, RecoveredState Recovered, MachineTypes Admitted) : StartupStep;
}

/// <summary>
/// Gathers what the journals and the machine say when a node starts, and decides what that means: a new node, a node that was here before, or storage
/// that must not be used. A node that lost its vote or its log is not the voter it was; pretending otherwise could undo what a majority agreed on.
/// </summary>
internal sealed class Startup(RaftSettings settings, string dataPlace, Func<ulong> entropy)
{
    TermJournalRecovered? _term;
    LogJournalRecovered? _log;
    MachineStarted? _machine;
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
            case IdentityStored stored:
                _identity = stored.Identity;
                break;
        }

        return Next();
    }

    StartupStep Next()
    {
        if (_term is null || _log is null || _machine is null) return StartupStep.Wait.Instance;
        if (_identity is null) return FirstStart();
        if (_logStorage != _identity.Storage) throw Refuse($"the log belongs to storage {_logStorage?.ToString() ?? "(none: the log is gone)"}, the node to " +
            $"storage {_identity.Storage}", "Restore both journals from the same backup, or remove the node and add it again with an empty folder.");
        // An entry of a term is stored after the term itself (B08): this term journal is an older copy, and may have forgotten a vote.
        if (_log.Entries is [.., var last] && last.Term > _term.Term) throw Refuse($"the log reaches term {last.Term}, the stored term is {_term.Term}",
            "Restore both journals from the same backup, or remove the node and add it again with an empty folder.");
        Check(_identity);
        return new StartupStep.Ready(_identity, new RecoveredState(_term.Term, _term.VotedFor, _identity.FirstConfiguration, _log.Entries),
            new MachineTypes(_machine.CommandTypes, _machine.QueryTypes));
    }

    /// <summary>First the log's mark, then the identity: a crash between the two leaves an empty log that the next start takes over.</summary>
    StartupStep FirstStart()
    {
        if (_log!.Entries.Count > 0) throw Refuse("it holds a log, but the node's identity, term and vote are gone",
            "Restore both journals from the same backup, or remove the node and add it again with an empty folder.");
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
        var configured = settings.ToFirstConfiguration();
        if (!stored.FirstConfiguration.Equals(configured))
            throw Refuse($"its cluster was founded with the members {stored.FirstConfiguration}, the configuration says {configured}",
                "Give the members that the cluster was founded with, the same on each node.");
    }

    RaftNodeException Refuse(string why, string wayOut) =>
        new($"Node \"{settings.NodeId}\" refuses to start: {dataPlace} cannot be used: {why}. Nothing was changed. {wayOut}");
}
