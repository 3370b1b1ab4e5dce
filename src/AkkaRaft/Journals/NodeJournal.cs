using AkkaRaft.Consensus;
using Akka.Actor;
using Akka.Persistence;

namespace AkkaRaft.Journals;

/// <summary>
/// What both journals of a node have in common: they replay strictly, acknowledge only what the journal plug-in has confirmed, and end at the first
/// failure. Such a journal is never repaired in place: a write that failed may be on disk, so only a new replay tells what is (design, section 4).
/// </summary>
internal abstract class NodeJournal : UntypedPersistentActor, IWithTimers
{
    /// <summary>The journals keep no snapshots; Akka's default store would make a folder in the working directory.</summary>
    const string NoSnapshotStore = "akka.persistence.no-snapshot-store";

    readonly JournalKind _kind;
    long _lastReplayed;
    bool _ended;

    protected NodeJournal(JournalKind kind, string persistenceId, JournalOptions options)
    {
        _kind = kind;
        PersistenceId = persistenceId;
        JournalPluginId = options.JournalPluginId;
        SnapshotPluginId = NoSnapshotStore;
    }

    public override string PersistenceId { get; }

    public ITimerScheduler Timers { get; set; } = null!;

    public override Recovery Recovery => new(SnapshotSelectionCriteria.None);

    /// <summary>Whether an event is with the journal plug-in; while it is, requests queue.</summary>
    protected bool IsWriting { get; private set; }

    /// <summary>Told to stop as soon as nothing is being written.</summary>
    protected bool IsFinishing { get; private set; }

    /// <summary>The name under which the events of one of a node's journals are stored, for ever.</summary>
    public static string PersistenceIdOf(JournalKind kind, ClusterId cluster, GroupId group, NodeId node) =>
        $"raft/{cluster}/{group}/{node}/{(kind == JournalKind.Term ? "term" : "log")}";

    /// <summary>Takes one stored event up; throws when it contradicts those before it.</summary>
    protected abstract void Replay(JournalEvent stored);

    /// <summary>The replay is complete: tells the node what was found.</summary>
    protected abstract void Recovered();

    /// <summary>Takes a request of the node; false when it is none for this journal.</summary>
    protected abstract bool Request(object message);

    /// <summary>Begins to write what is queued, if anything; only called while nothing is being written.</summary>
    protected abstract void WriteNext();

    /// <summary>Drops what is queued.</summary>
    protected abstract void DropQueue();

    /// <summary>Writes one event; then acknowledges it and goes on with what has queued up meanwhile.</summary>
    /// <param name="stored">The event.</param>
    /// <param name="acknowledgement">What the node is told once the event is durable; null for nothing.</param>
    /// <param name="then">What is to be done then.</param>
    protected void Write(JournalEvent stored, object? acknowledgement, Action? then = null)
    {
        Invariant.Holds(!IsWriting);
        IsWriting = true;
        PersistAsync(stored, _ =>
        {
            if (_ended) return;
            var delay = DelayOf(stored);
            if (delay <= TimeSpan.Zero) Confirm();
            else Timers.StartSingleTimer(nameof(ConfirmHeldBack), new ConfirmHeldBack(Confirm), delay);
        });

        void Confirm()
        {
            IsWriting = false;
            then?.Invoke();
            if (acknowledgement is not null) Context.Parent.Tell(acknowledgement is Input input ? new Written(input) : acknowledgement, Self);
            if (IsFinishing) End();
            else WriteNext();
        }
    }

    /// <summary>How long a stored event is held back before it is confirmed: not at all, outside of tests.</summary>
    protected virtual TimeSpan DelayOf(JournalEvent stored) => TimeSpan.Zero;

    protected sealed override void OnRecover(object message)
    {
        switch (message)
        {
            case JournalEvent stored:
                ReplayInOrder(stored);
                break;
            case RecoveryCompleted:
                OnRecoveryCompleted();
                break;
            default:
                throw Unreadable($"an event of type {message.GetType()}, which is none of a node's journal");
        }
    }

    protected sealed override void OnCommand(object message)
    {
        if (_ended) return;
        if (message is ConfirmHeldBack held)
        {
            held.Confirm();
            return;
        }

        if (message is FinishJournal)
        {
            Finish();
            return;
        }

        if (IsFinishing) return;
        try
        {
            if (!Request(message is Write write ? write.Effect : message)) Unhandled(message);
            else if (!IsWriting) WriteNext();
        }
        catch (RaftInvariantException broken)
        {
            Fail($"The {Name} of {PersistenceId} was asked for what cannot be right, and wrote nothing of it", broken);
        }
    }

    // A failed write may be on disk or may still get there: nothing is known but what a new replay will say (B95).
    protected sealed override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        Fail($"Writing event {sequenceNr} of {PersistenceId} failed; whether it is stored is not known", cause);

    // Akka's default logs a rejection and goes on: then the log would have a hole that looks like success (B95).
    protected sealed override void OnPersistRejected(Exception cause, object @event, long sequenceNr) =>
        Fail($"The journal plug-in \"{JournalPluginId}\" rejected event {sequenceNr} of {PersistenceId}", cause);

    // Also called when the plug-in is silent for its recovery-event-timeout (30 s by default).
    protected sealed override void OnRecoveryFailure(Exception reason, object? message = null) =>
        Fail($"The {Name} of {PersistenceId} could not be read from the journal plug-in \"{JournalPluginId}\"", reason);

    // The plug-in is made by the first actor that asks for it: a plug-in that cannot be made must be reported like one that cannot be read.
    public sealed override void AroundPreStart()
    {
        try
        {
            base.AroundPreStart();
        }
        catch (Exception cause)
        {
            Fail($"The journal plug-in \"{JournalPluginId}\" of {PersistenceId} could not be started", cause);
        }
    }

    protected static RaftInvariantException Unreadable(string what) =>
        new($"The stored journal is damaged or was written by two nodes: {what}. Nothing was changed. Restore it, or remove the node and add it again empty.");

    string Name => _kind == JournalKind.Term ? "term journal" : "log journal";

    void ReplayInOrder(JournalEvent stored)
    {
        // Nothing is ever deleted but a prefix, and sequence numbers have no holes: a missing event is a lost vote or lost entries.
        if (_lastReplayed != 0 && LastSequenceNr != _lastReplayed + 1)
            throw Unreadable($"event {LastSequenceNr} follows event {_lastReplayed}");
        _lastReplayed = LastSequenceNr;
        Replay(stored);
    }

    void OnRecoveryCompleted()
    {
        if (_ended) return;
        if (LastSequenceNr != _lastReplayed)
        {
            OnRecoveryFailure(Unreadable($"the last event is {LastSequenceNr}, but the replay ended at event {_lastReplayed}"));
            return;
        }

        try
        {
            Recovered();
        }
        catch (RaftInvariantException damaged)
        {
            OnRecoveryFailure(damaged);
        }
    }

    void Finish()
    {
        IsFinishing = true;
        DropQueue();
        if (!IsWriting) End();
    }

    void Fail(string what, Exception cause)
    {
        if (_ended) return;
        DropQueue();
        Context.Parent.Tell(new JournalFailed(_kind, what, cause), Self);
        End();
    }

    void End()
    {
        _ended = true;
        Context.Stop(Self);
    }
}
