using AkkaRaft.Consensus;

namespace AkkaRaft.Node;

/// <summary>Looks on while a node works, on the node's own thread; it changes nothing. For the event trace and the simulation.</summary>
internal interface INodeObserver
{
    /// <summary>The node has replayed its journals and is about to take part; also after a journal failure.</summary>
    void Joined(RaftCore core);

    /// <summary>The LogJournal has confirmed one event; the step that it causes comes next. Also when a later cut made that confirmation void.</summary>
    void Stored(AppendToLog stored);

    /// <summary>The core has made a step; its effects are about to be carried out.</summary>
    void Stepped(RaftCore core, Input input, IReadOnlyList<Effect> effects);

    /// <summary>The node takes no part any more: its journals failed, or it stops. After a crash nothing is said.</summary>
    void Left();

    /// <summary>The state machine has applied an entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="result">What the handler returned; null for entries without one.</param>
    void Applied(LogEntry entry, object? result);

    /// <summary>The state machine has begun anew from a snapshot: before the node joins, or when the node has installed one.</summary>
    /// <param name="last">The last entry that the snapshot stands for; what is applied next follows it.</param>
    void Restored(EntryId last);

    /// <summary>The state machine is about to run the handler of a command; not told of a copy that a session removes.</summary>
    void HandlerRuns(CommandEntry entry)
    {
    }
}
