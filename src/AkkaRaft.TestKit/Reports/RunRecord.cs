using System.Runtime.InteropServices;

namespace AkkaRaft.TestKit.Reports;

/// <summary>
/// What happened in one run, for <see cref="HtmlPage"/>. It is filled while the run goes, in the order of virtual time: an append is a row in a list and no
/// more. It keeps every message as text, so that only a run that somebody wants to see should have one.
/// </summary>
internal sealed class RunRecord
{
    readonly Dictionary<NodeId, Lane> _lanes = [];
    readonly NodeSample?[] _latest;
    readonly int[] _pauses;
    readonly List<SampleRow> _samples = [];
    readonly List<MessageRow> _messages = [];
    readonly List<FaultRow> _faults = [];
    readonly List<WriteRow> _writes = [];
    readonly List<NoteRow> _notes = [];
    readonly List<PhaseRow> _phases = [];
    readonly List<Operation> _operations = [];
    TimeSpan _end;

    /// <param name="seed">The seed of the run.</param>
    /// <param name="title">What was run, for people.</param>
    /// <param name="nodes">Its nodes, in the order in which they are drawn.</param>
    /// <param name="clients">How many clients it has; they count from 1.</param>
    public RunRecord(ulong seed, string title, IReadOnlyList<NodeId> nodes, int clients)
    {
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentOutOfRangeException.ThrowIfNegative(clients);
        (Seed, Title, Nodes, Clients) = (seed, title, nodes, clients);
        for (var i = 0; i < nodes.Count; i++) _lanes.Add(nodes[i], new Lane(i));
        _latest = new NodeSample?[nodes.Count];
        _pauses = new int[nodes.Count];
        Array.Fill(_pauses, -1);
    }

    public ulong Seed { get; }

    public string Title { get; }

    public IReadOnlyList<NodeId> Nodes { get; }

    public int Clients { get; }

    /// <summary>The command that runs it again; null if there is none.</summary>
    public string? Replay { get; set; }

    /// <summary>What went wrong, for people; null if nothing did.</summary>
    public string? Failure { get; private set; }

    /// <summary>When it went wrong; null if nothing did, or if no moment can be named (a history that is not linearizable).</summary>
    public TimeSpan? FailedAt { get; private set; }

    /// <summary>A picture of what went wrong, as a whole SVG document; null if there is none.</summary>
    public string? Picture { get; private set; }

    /// <summary>The latest time that is recorded.</summary>
    public TimeSpan End => _end;

    public ReadOnlySpan<SampleRow> Samples => CollectionsMarshal.AsSpan(_samples);

    public ReadOnlySpan<MessageRow> Messages => CollectionsMarshal.AsSpan(_messages);

    public ReadOnlySpan<FaultRow> Faults => CollectionsMarshal.AsSpan(_faults);

    public ReadOnlySpan<WriteRow> Writes => CollectionsMarshal.AsSpan(_writes);

    public ReadOnlySpan<NoteRow> Notes => CollectionsMarshal.AsSpan(_notes);

    public ReadOnlySpan<PhaseRow> Phases => CollectionsMarshal.AsSpan(_phases);

    public ReadOnlySpan<Operation> Operations => CollectionsMarshal.AsSpan(_operations);

    public Lane NodeLane(NodeId node) => _lanes[node];

    /// <param name="number">From 1, as in <see cref="Operation.Client"/>.</param>
    public Lane ClientLane(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, Clients);
        return new Lane(Nodes.Count + number - 1);
    }

    /// <summary>The run got as far as this. Every append says so by itself; the driver says it at the end.</summary>
    public void Reach(TimeSpan at)
    {
        if (at > _end) _end = at;
    }

    /// <summary>The state of a node after a step; kept only if it differs from the one before.</summary>
    public void Sample(TimeSpan at, Lane node, in NodeSample sample)
    {
        Reach(at);
        if (_latest[node.Value] is { } before && before.Equals(sample)) return;

        _latest[node.Value] = sample;
        _samples.Add(new SampleRow(at, node, sample));
    }

    /// <summary>A message leaves.</summary>
    /// <param name="at">Now.</param>
    /// <param name="from">The sender.</param>
    /// <param name="to">The receiver.</param>
    /// <param name="kind">The type of the message; the page has a filter for each.</param>
    /// <param name="text">The whole message in short, such as <c>AppendEntries t3 r12 prev 4/2 +3 commit 5</c>.</param>
    /// <returns>Its number, for <see cref="Delivered"/>, <see cref="Lost"/> and <see cref="Duplicated"/>.</returns>
    public int Sent(TimeSpan at, Lane from, Lane to, string kind, string text)
    {
        Reach(at);
        _messages.Add(new MessageRow(at, null, from, to, kind, text, MessageFate.InFlight, IsCopy: false));
        return _messages.Count - 1;
    }

    /// <summary>The network makes a second message of one that has just left.</summary>
    /// <returns>The number of the copy, which has a fate of its own.</returns>
    public int Duplicated(int message)
    {
        _messages.Add(_messages[message] with { End = null, Fate = MessageFate.InFlight, IsCopy = true });
        return _messages.Count - 1;
    }

    /// <summary>A message arrives.</summary>
    public void Delivered(int message, TimeSpan at) => EndMessage(message, at, MessageFate.Delivered);

    /// <summary>A message will never arrive.</summary>
    /// <param name="message">Its number.</param>
    /// <param name="at">When that was decided; it is where the picture puts its cross.</param>
    /// <param name="fate">Why.</param>
    public void Lost(int message, TimeSpan at, MessageFate fate) => EndMessage(message, at, fate);

    void EndMessage(int message, TimeSpan at, MessageFate fate)
    {
        Reach(at);
        ref var row = ref CollectionsMarshal.AsSpan(_messages)[message];
        row.End = at;
        row.Fate = fate;
    }

    /// <summary>A node crashes: what it had in memory is gone, its writes under way are interrupted, and a pause is over.</summary>
    /// <param name="at">Now.</param>
    /// <param name="node">Which.</param>
    /// <param name="left">What its disk still has; a condition of <see cref="NodeCondition.Down"/>.</param>
    /// <param name="text">For people.</param>
    public void Crashed(TimeSpan at, Lane node, NodeSample left, string text = "crash")
    {
        Mark(at, FaultKind.Crash, node, text);
        Resumed(at, node);
        foreach (ref var write in CollectionsMarshal.AsSpan(_writes))
        {
            if (write.Node == node && write.Outcome == WriteOutcome.Pending) (write.End, write.Outcome) = (at, WriteOutcome.Interrupted);
        }

        Sample(at, node, left);
    }

    /// <summary>A crashed node starts again; its samples tell from then on what it finds.</summary>
    public void Restarted(TimeSpan at, Lane node, string text = "restart")
    {
        Mark(at, FaultKind.Restart, node, text);
        Sample(at, node, (_latest[node.Value] ?? default) with { Condition = NodeCondition.Recovering });
    }

    /// <summary>A node stands still until <see cref="Resumed"/>.</summary>
    public void Paused(TimeSpan at, Lane node, string text = "pause")
    {
        Resumed(at, node);
        _pauses[node.Value] = Begin(at, FaultKind.Pause, node, text);
    }

    /// <summary>The end of <see cref="Paused"/>; nothing if the node does not stand still.</summary>
    public void Resumed(TimeSpan at, Lane node)
    {
        if (_pauses[node.Value] >= 0) Ended(_pauses[node.Value], at);
        _pauses[node.Value] = -1;
    }

    /// <summary>Links carry nothing from now on.</summary>
    /// <returns>The number of the fault, for <see cref="Ended"/>.</returns>
    public int Cut(TimeSpan at, IReadOnlyList<LaneLink> links, string text) => Add(at, new FaultRow(FaultKind.Cut, at, null, null, text, links));

    /// <summary>Another trouble begins.</summary>
    /// <param name="at">Now.</param>
    /// <param name="kind">What kind.</param>
    /// <param name="node">Whose; null for the whole network.</param>
    /// <param name="text">What exactly, for people, such as <c>writes take 40 ms</c>.</param>
    /// <returns>Its number, for <see cref="Ended"/>.</returns>
    public int Begin(TimeSpan at, FaultKind kind, Lane? node, string text) => Add(at, new FaultRow(kind, at, null, node, text, []));

    /// <summary>A fault that lasted is over; a second end changes nothing.</summary>
    public void Ended(int fault, TimeSpan at)
    {
        Reach(at);
        ref var row = ref CollectionsMarshal.AsSpan(_faults)[fault];
        row.End ??= at;
    }

    /// <summary>Something that has no duration: a clock jumps.</summary>
    public void Mark(TimeSpan at, FaultKind kind, Lane? node, string text) => Add(at, new FaultRow(kind, at, at, node, text, []));

    /// <summary>All that lasts is over.</summary>
    public void Healed(TimeSpan at)
    {
        for (var i = 0; i < _faults.Count; i++) Ended(i, at);
        Array.Fill(_pauses, -1);
        Mark(at, FaultKind.Heal, null, "all faults end");
    }

    /// <summary>A node's journal begins to write.</summary>
    /// <returns>The write's number, for <see cref="WriteEnded"/>.</returns>
    public int WriteBegan(TimeSpan at, Lane node, string text)
    {
        Reach(at);
        _writes.Add(new WriteRow(at, null, node, text, WriteOutcome.Pending));
        return _writes.Count - 1;
    }

    /// <summary>The journal answers; after the node's crash that changes nothing.</summary>
    public void WriteEnded(int write, TimeSpan at, WriteOutcome outcome)
    {
        Reach(at);
        ref var row = ref CollectionsMarshal.AsSpan(_writes)[write];
        if (row.Outcome == WriteOutcome.Pending) (row.End, row.Outcome) = (at, outcome);
    }

    /// <summary>An operation of a client as its history has it: when it ended, or at the end of the run.</summary>
    public void Add(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ClientLane(operation.Client);   // throws for a client that the record does not have
        Reach(operation.Returned ?? operation.Invoked);
        _operations.Add(operation);
    }

    /// <summary>A line of the trace that is none of the above.</summary>
    /// <param name="at">Now.</param>
    /// <param name="lane">Whose; null for the whole run.</param>
    /// <param name="text">For people.</param>
    public void Note(TimeSpan at, Lane? lane, string text)
    {
        Reach(at);
        _notes.Add(new NoteRow(at, lane, text));
    }

    /// <summary>A part of the run begins, and the one before ends.</summary>
    public void Phase(TimeSpan at, string name)
    {
        Reach(at);
        _phases.Add(new PhaseRow(at, name));
    }

    /// <summary>Something is wrong. The first failure counts.</summary>
    /// <param name="failure">What, for people.</param>
    /// <param name="at">When; null if no moment can be named.</param>
    /// <param name="picture">A picture of it as a whole SVG document; null if there is none.</param>
    public void Fail(string failure, TimeSpan? at, string? picture = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(failure);
        if (Failure is not null) return;

        (Failure, FailedAt, Picture) = (failure, at, picture);
        if (at is { } time) Reach(time);
    }

    int Add(TimeSpan at, FaultRow fault)
    {
        Reach(at);
        _faults.Add(fault);
        return _faults.Count - 1;
    }
}
