using AkkaRaft.Consensus;
using AkkaRaft.TestKit.Invariants;

namespace AkkaRaft.Simulation.Tests.Invariants;

/// <summary>A node of a <see cref="LoopCluster"/>: a core, and what it waits for.</summary>
internal sealed class LoopNode(NodeView view)
{
    public NodeView View { get; } = view;

    /// <summary>Null while it is down.</summary>
    public RaftCore? Core { get; private set; }

    public Effects Effects { get; } = new();

    public Queue<PersistTerm> TermWrites { get; } = [];

    /// <summary>Appends, new beginnings and compactions.</summary>
    public Queue<Effect> LogWrites { get; } = [];

    /// <summary>What the journals have stored and not yet told.</summary>
    public Queue<Input> Answers { get; } = [];

    /// <summary>What the snapshot store has done and not yet told.</summary>
    public Queue<Input> StoreAnswers { get; } = [];

    /// <summary>Entries, and snapshots to take and to begin anew from.</summary>
    public Queue<object> ToMachine { get; } = [];

    public LoopStore Store { get; } = new(view);

    public LogIndex LastAppended { get; set; }

    /// <summary>The machine's state.</summary>
    public long Sum { get; set; }

    /// <summary>The machine's state before the newest entry.</summary>
    public long SumBefore { get; set; }

    public void Start(CoreOptions options, RecoveredState recovered, ulong seed, Instant now)
    {
        Core = new RaftCore(View.Id, options, recovered, seed, now);
        View.Incarnation++;
        View.State = Core.State;
        LastAppended = Core.State.Log.Last.Index;
    }

    public void Crash()
    {
        Core = null;
        View.State = null;
        TermWrites.Clear();
        LogWrites.Clear();
        Answers.Clear();
        StoreAnswers.Clear();
        ToMachine.Clear();
        (Sum, SumBefore) = (0, 0);
    }

    /// <summary>The same message as it comes out of a serializer: equal, and no object of the sender in it.</summary>
    public static RaftMessage Copy(RaftMessage message) =>
        message is AppendEntries append ? append with { Entries = [.. append.Entries.Select(Copy)] } : message;

    public static LogEntry Copy(LogEntry entry) => entry switch
    {
        CommandEntry { Command: var command } copy => copy with { Command = new Payload(command.SerializerId, command.Manifest, command.Bytes.ToArray()) },
        _ => entry with { },
    };
}
