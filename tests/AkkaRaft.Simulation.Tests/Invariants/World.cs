using System.Globalization;
using System.Text;
using AkkaRaft.Consensus;
using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Invariants;
using Shouldly;

namespace AkkaRaft.Simulation.Tests.Invariants;

/// <summary>
/// A cluster put together by hand under one invariant, so that a test can make it what no correct node would. Names of nodes are numbers from 1; a log is written
/// as the terms of its entries, <c>"1 1 2"</c>.
/// </summary>
internal sealed partial class World
{
    readonly ClusterInvariant _invariant;

    public World(Func<CommittedLog, ClusterInvariant> invariant, int nodes = 3)
    {
        _invariant = invariant(new CommittedLog());
        Voters = VotersOf(nodes);
        View = new ClusterView { Nodes = [.. Enumerable.Range(1, nodes).Select(number => new NodeView { Id = Id(number) })] };
    }

    public ClusterView View { get; }

    public Configuration Voters { get; }

    public NodeView this[int node] => View.Nodes[node - 1];

    public static NodeId Id(int node) => new(node.ToString(CultureInfo.InvariantCulture));

    public static Configuration VotersOf(int count) => new(Enumerable.Range(1, count).Select(number => new Member(Id(number), $"host:{number}")));

    public static EntryId Entry(long index, long term) => new(new LogIndex(index), new Term(term));

    public static Payload Command(string text) => new(1, "text", Encoding.UTF8.GetBytes(text));

    public static CommandEntry CommandAt(long index, long term, string? text = null) =>
        new(Entry(index, term), DateTimeOffset.UnixEpoch, Command(text ?? $"{index}/{term}"));

    public static List<LogEntry> Log(string terms, long after = 0) =>
        [.. terms.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((term, place) => CommandAt(after + place + 1, long.Parse(term, CultureInfo.InvariantCulture)))];

    /// <summary>A node starts with this on its disk.</summary>
    public World Start(int node, long term, int? vote = null, string log = "", IReadOnlyList<LogEntry>? entries = null, Configuration? founders = null)
    {
        Stores(node, term, vote);
        entries ??= Log(log);
        if (entries.Count > 0) Stores(node, EntryId.Zero, entries);
        return Joins(node, new RecoveredState(new Term(term), vote is { } v ? Id(v) : null, founders ?? Voters, entries));
    }

    /// <summary>A node comes back with this, whatever its disk holds.</summary>
    public World Joins(int node, RecoveredState recovered)
    {
        this[node].Incarnation++;
        this[node].Machines++;
        if (recovered.Snapshot is { } snapshot) Restores(node, snapshot.Last);
        return Joins(node, new NodeState(this[node].Id, new CoreOptions(), recovered, 1, new Instant(TimeSpan.FromSeconds(10), DateTimeOffset.UnixEpoch)));
    }

    public World Joins(int node, NodeState state)
    {
        this[node].State = state;
        _invariant.OnJoined(this[node], View);
        return Steps(node);
    }

    public World Crashes(int node)
    {
        this[node].State = null;
        _invariant.OnCrashed(this[node], View);
        return this;
    }

    public World Stores(int node, long term, int? vote = null)
    {
        this[node].Disk.Store(new Term(term), vote is { } v ? Id(v) : null);
        _invariant.OnStored(this[node], View);
        return this;
    }

    public World Stores(int node, EntryId previous, IReadOnlyList<LogEntry> entries)
    {
        this[node].Disk.Store(previous, entries);
        _invariant.OnStored(this[node], View);
        return this;
    }

    /// <summary>A node takes entries into its log in memory, as from the leader of its term.</summary>
    public World Takes(int node, EntryId previous, params IReadOnlyList<LogEntry> entries) =>
        Changes(node, state => state.Log.AppendAfter(previous, entries, LogIndex.Zero).ShouldNotBeNull());

    /// <summary>Something about a node's state becomes otherwise, and its step ends.</summary>
    public World Changes(int node, Action<NodeState> change)
    {
        change(this[node].State.ShouldNotBeNull());
        return Steps(node);
    }

    public World Commits(int node, long index) => Changes(node, state => state.CommitIndex = new LogIndex(index));

    /// <summary>The node becomes the leader of its present term.</summary>
    public World Leads(int node)
    {
        var state = this[node].State.ShouldNotBeNull();
        state.Role = RaftRole.Leader;
        return Wants(node, new RoleChanged(RaftRole.Candidate, RaftRole.Leader, state.Term, "a test says so")).Steps(node);
    }

    public World Wants(int node, Effect effect)
    {
        _invariant.OnEffect(this[node], effect, View);
        return this;
    }

    public World Steps(int node)
    {
        _invariant.OnStep(this[node], View);
        return this;
    }

    public World Applies(int node, LogEntry entry, string result = "")
    {
        _invariant.OnApplied(this[node], entry, Encoding.UTF8.GetBytes(result), View);
        return this;
    }

    /// <summary>The machine runs the handler of a command of a session.</summary>
    public World Runs(int node, long index, long session, long sequence)
    {
        _invariant.OnHandlerRuns(this[node], CommandAt(index, 1) with { Stamp = new SessionStamp(new LogIndex(session), sequence, 1) }, View);
        return this;
    }

    public World Begins(int operation, string? command = null)
    {
        View.Clients.Begin(operation, command is null ? null : Command(command));
        return this;
    }

    public World Ends(int operation, OperationOutcome outcome, long index = 0, bool isQuery = false)
    {
        var ended = new Operation(operation, 1, $"op {operation}", isQuery, TimeSpan.Zero, TimeSpan.Zero, outcome, null, new LogIndex(index));
        View.Clients.Add(ended);
        _invariant.OnEnded(ended, View);
        return this;
    }

    public World ShouldHold()
    {
        View.Violation.ShouldBeNull();
        return this;
    }

    /// <summary>The invariant says so, with all of this in its text.</summary>
    public void ShouldBreak(params string[] parts)
    {
        var violation = View.Violation.ShouldNotBeNull("the invariant has not noticed");
        violation.Invariant.ShouldBe(_invariant.Name);
        foreach (var part in parts) violation.What.ShouldContain(part);
    }
}
