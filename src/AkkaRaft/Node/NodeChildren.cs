using Akka.Actor;
using AkkaRaft.Journals;
using AkkaRaft.StateMachine;

namespace AkkaRaft.Node;

/// <summary>
/// The two journals, the snapshot store and the machine of a node: opened together, closed together. After a failure all of them start over, since what the journals hold
/// decides, and the machine follows the log.
/// </summary>
internal sealed class NodeChildren(IActorContext context, RaftNodeOptions options)
{
    readonly List<IActorRef> _alive = [];

    int _generation;

    public IActorRef TermJournal { get; private set; } = ActorRefs.Nobody;

    public IActorRef LogJournal { get; private set; } = ActorRefs.Nobody;

    public IActorRef Machine { get; private set; } = ActorRefs.Nobody;

    /// <summary>Nobody when there is no place for snapshots.</summary>
    public IActorRef SnapshotStore { get; private set; } = ActorRefs.Nobody;

    public bool AllGone => _alive.Count == 0;

    public void Open()
    {
        _generation++;
        TermJournal = Start(options.TermJournal, "term-journal");
        LogJournal = Start(options.LogJournal, "log-journal");
        if (options.SnapshotStore is { } snapshots) SnapshotStore = Start(snapshots, "snapshot-store");
        Machine = Start(options.Machine, "machine");
        Machine.Tell(new StartMachine(options.Codec) { Observer = options.Observer }, context.Self);
    }

    /// <summary>Lets the journals finish what they are writing; what they said before counts no more.</summary>
    public void Close()
    {
        foreach (var journal in _alive.Where(child => !child.Equals(Machine))) journal.Tell(FinishJournal.Instance, context.Self);
        if (_alive.Contains(Machine)) context.Stop(Machine);
        TermJournal = LogJournal = SnapshotStore = Machine = ActorRefs.Nobody;
    }

    /// <summary>What has not ended yet, in words.</summary>
    public string Overdue => string.Join(", ", _alive.Select(child => child.Path.Name));

    /// <summary>Stops what has not finished in time.</summary>
    public void StopOverdue() => _alive.ForEach(context.Stop);

    /// <summary>A child has ended.</summary>
    /// <returns>Which one, if it was in use.</returns>
    public string? OnTerminated(IActorRef child)
    {
        _alive.Remove(child);
        return child.Equals(TermJournal) ? "the term journal" : child.Equals(LogJournal) ? "the log journal"
            : child.Equals(SnapshotStore) ? "the snapshot store" : child.Equals(Machine) ? "the state machine" : null;
    }

    IActorRef Start(Props props, string name)
    {
        var child = context.ActorOf(props, $"{name}-{_generation}");
        context.Watch(child);
        _alive.Add(child);
        return child;
    }
}
