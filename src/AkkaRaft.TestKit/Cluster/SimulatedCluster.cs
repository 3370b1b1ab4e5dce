using System.Runtime.CompilerServices;
using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Node;
using AkkaRaft.Serialization;
using AkkaRaft.StateMachine;
using AkkaRaft.TestKit.Cluster;
using AkkaRaft.TestKit.Invariants;
using AkkaRaft.TestKit.Kernel;
using AkkaRaft.TestKit.Network;
using AkkaRaft.TestKit.Storage;

namespace AkkaRaft.TestKit;

/// <summary>
/// A cluster of real nodes, journals, state machines and clients on one thread, under virtual time: nothing is replaced but time, scheduling, network, disks and
/// chance, and the seed decides those. After every step all of Raft's invariants are checked, and a broken one ends the run with
/// <see cref="SimulationFailedException"/>.
/// </summary>
/// <remarks>Use it from one thread. Its calls return when virtual time has passed, which real time does not notice.</remarks>
public sealed partial class SimulatedCluster : IDisposable
{
    /// <summary>How long <see cref="RunUntil"/> waits, in virtual time, unless it is told.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(60);

    readonly ClusterOptions _options;
    readonly RaftSettings _settings;
    readonly SimulatedNode[] _nodes;
    readonly SimulatedClient[] _clients;
    readonly IReadOnlyList<ClusterInvariant> _invariants = ClusterInvariants.All();
    readonly ClusterView _view;
    readonly TraceLog _trace = new(4096);
    readonly List<SimulatedHost> _clientHosts = [];

    SimulationFailedException? _failure;
    bool _isDisposed;
    IReadOnlyList<Type>? _queryTypes;
    TimeSpan _ranUntil;
    LogIndex _committed;
    (Term Term, NodeId Leader) _lastElected;

    /// <summary>Makes a cluster; <see cref="Start"/> boots its nodes.</summary>
    /// <param name="seed">Decides everything that is left to chance.</param>
    /// <param name="options">What it is made of.</param>
    public SimulatedCluster(ulong seed, ClusterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        Seed = seed;
        _options = options;
        _previousContext = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);   // xunit sets one, and awaits would follow it out of the simulation
        AkkaRandomness.Seed(StableHash.Of(seed, "akka"));
        Random = new SimulationRandom(seed, "cluster");
        Kernel = new SimulationKernel(seed) { AfterStep = OnStepped, WatchesThreads = options.WatchThreads };
        Network = new SimulatedNetwork(Kernel, HostConfig.MaxFrameSize) { OnOversize = OnOversize, OnDoubled = OnDoubled };
        _nodes = [.. Enumerable.Range(1, options.Nodes + options.Spares).Select(MakeNode)];
        _view = new ClusterView { Nodes = [.. _nodes.Select(node => node.View)] };
        _settings = options.Settings(BaseSettings());
        _clients = [.. MakeClients()];
    }

    readonly SynchronizationContext? _previousContext;

    /// <summary>Decides everything that is left to chance.</summary>
    public ulong Seed { get; }

    /// <summary>Virtual time since the cluster was made.</summary>
    public TimeSpan Now => Kernel.Now;

    /// <summary>What the clients did and saw.</summary>
    public History History => Recorder.History;

    /// <summary>What really happened so far.</summary>
    public RunCounters Counters
    {
        get
        {
            var counters = _counters with { VirtualTime = Now, Messages = Kernel.Delivered, Commits = _committed.Value };
            counters.Add(Network.Counters);
            foreach (var node in _nodes) counters.Add(node.Disk.Counters);
            return counters;
        }
    }

    /// <summary>A number that two runs share only if they did the same, step by step.</summary>
    public ulong TraceHash => Kernel.TraceHash;

    /// <summary>How many nodes there are, up or not; they are numbered from 1.</summary>
    public int Nodes => _nodes.Length;

    /// <summary>The node that leads with a majority behind it; null if none does.</summary>
    public int? Leader
    {
        get
        {
            foreach (var node in _nodes)
            {
                if (node.View.State is not { Role: RaftRole.Leader } leader) continue;
                if (leader.Quorum.Holds(voter => Follows(voter, node.Id, leader.Term))) return node.Number;
            }

            return null;
        }
    }

    bool Follows(NodeId follower, NodeId leader, Term term)
    {
        foreach (var node in _nodes)
        {
            if (node.Id == follower) return node.View.State is { } state && state.Term == term && state.Leader == leader;
        }

        return false;
    }

    /// <summary>Operations that clients have begun, or will, and that have not ended.</summary>
    public int PendingOperations => _clients.Sum(client => client.Pending);

    internal SimulationKernel Kernel { get; }

    internal SimulatedNetwork Network { get; }

    internal SimulationRandom Random { get; }

    /// <summary>Now and then each host has a Hyperion of its own, as in production.</summary>
    internal bool SharesCode => Seed % 16 != 0;

    internal HistoryRecorder Recorder { get; } = new();

    internal AppliedChains Chains { get; } = new();

    internal IReadOnlyList<SimulatedNode> AllNodes => _nodes;

    internal IReadOnlyList<SimulatedClient> AllClients => _clients;

    /// <summary>A node as it sees itself; null while it is down or recovering.</summary>
    /// <param name="node">Its number, from 1.</param>
    public RaftStatus? StatusOf(int node) => NodeAt(node).View.State is { } state
        ? StatusReport.Of(state.Role, state, state.Now.Monotonic, _ => null)
        : null;

    /// <summary>Boots all nodes that are not up.</summary>
    public void Start()
    {
        RequireUsable();
        foreach (var node in _nodes)
        {
            if (node.Host is null) Restart(node.Number);
        }
    }

    /// <summary>A client proposes a command; it is under way when this returns.</summary>
    /// <param name="command">What the state machine has a handler for.</param>
    /// <param name="client">Which client, from 1. If it has an operation under way, this one waits for that.</param>
    /// <param name="timeout">How long the client tries; null for 5 s.</param>
    public SimulatedOperation Propose(object command, int client = 1, TimeSpan? timeout = null) =>
        Begin(command, client, isQuery: false, timeout);

    /// <summary>A client asks a query; it is under way when this returns.</summary>
    /// <param name="query">What the state machine has a handler for.</param>
    /// <param name="client">Which client, from 1. If it has an operation under way, this one waits for that.</param>
    /// <param name="timeout">How long the client tries; null for 5 s.</param>
    /// <param name="read">How it is asked; null for linearizable at the leader.</param>
    public SimulatedOperation Query(object query, int client = 1, TimeSpan? timeout = null, SimulatedRead? read = null) =>
        Begin(query, client, isQuery: true, timeout, read);

    /// <summary>A client proposes or asks, whichever the state machine has a handler for.</summary>
    /// <param name="input">The command or query.</param>
    /// <param name="client">Which client, from 1. If it has an operation under way, this one waits for that.</param>
    /// <param name="timeout">How long the client tries; null for 5 s.</param>
    /// <param name="read">How it is asked if it is a query; null for linearizable at the leader.</param>
    public SimulatedOperation Send(object input, int client = 1, TimeSpan? timeout = null, SimulatedRead? read = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        return IsQuery(input) ? Query(input, client, timeout, read) : Propose(input, client, timeout);
    }

    SimulatedOperation Begin(object input, int client, bool isQuery, TimeSpan? timeout, SimulatedRead? read = null)
    {
        if (read is { Node: > 0 and var node }) NodeAt(node);
        ArgumentNullException.ThrowIfNull(input);
        var limit = timeout ?? TimeSpan.FromSeconds(5);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero, nameof(timeout));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, RaftClient.MaxTimeout, nameof(timeout));
        return ClientAt(client).Begin(input, isQuery, limit, read);
    }

    /// <summary>
    /// A client sends a command or a query and waits for it; if it was not carried out, or nobody knows, it sends it again, as a new operation. When this returns it
    /// was carried out, or rejected for what it is, which no other try would change.
    /// </summary>
    /// <param name="input">The command or query.</param>
    /// <param name="client">Which client, from 1.</param>
    /// <param name="patience">For how long at most, in virtual time; null for <see cref="DefaultPatience"/>.</param>
    /// <exception cref="SimulationFailedException">It was not carried out in time, an invariant was broken, or a node stopped that should not have.</exception>
    public SimulatedOperation SendUntilDone(object input, int client = 1, TimeSpan? patience = null)
    {
        var until = Now + (patience ?? DefaultPatience);
        while (true)
        {
            var operation = Send(input, client);
            RunUntil(operation.Ended, until - Now);
            if (operation.Result!.Outcome == OperationOutcome.Done || operation.Result.IsRejected) return operation;
            RunFor(1.Milliseconds());   // a refusal may take no time at all
        }
    }

    /// <summary>Checks what the clients have seen so far.</summary>
    /// <param name="check">Such as <c>history => Linearizability.Of(history, model)</c>.</param>
    /// <exception cref="SimulationFailedException">The check found something.</exception>
    public void Check(Func<History, Verdict> check)
    {
        ArgumentNullException.ThrowIfNull(check);
        ThrowIfFailed();
        var verdict = check(History);
        if (verdict.IsPassed) return;
        FailedVerdict = verdict;
        Fail(verdict.IsUndecided ? "history undecided" : "history", verdict.Failure!);
        ThrowIfFailed();
    }

    /// <summary>
    /// Lets virtual time pass. What is under way at its end is finished, which takes some microseconds; the next call takes them off, so that two calls do the same
    /// as one for both times.
    /// </summary>
    /// <param name="duration">How much.</param>
    /// <exception cref="SimulationFailedException">An invariant was broken, or a node stopped that should not have.</exception>
    public void RunFor(TimeSpan duration)
    {
        RequireDuration(duration);
        _ranUntil += duration;
        ThrowIfFailed();
        while (Kernel.Step(_ranUntil)) ThrowIfFailed();
    }

    /// <summary>Lets virtual time pass until a condition holds.</summary>
    /// <param name="condition">What to wait for; asked after every step.</param>
    /// <param name="patience">For how long at most; null for <see cref="DefaultPatience"/>.</param>
    /// <exception cref="SimulationFailedException">It did not hold in time, an invariant was broken, or a node stopped that should not have.</exception>
    public void RunUntil(Condition condition, TimeSpan? patience = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        // It may be what is left of a longer wait, and that may be less than nothing: then it has not come in time.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(patience ?? DefaultPatience, LongestWait, nameof(patience));
        var until = Now + (patience ?? DefaultPatience);
        ThrowIfFailed();
        while (!condition.Holds(this))
        {
            if (!Kernel.Step(until))
            {
                // The conditions are told apart: a cluster that elects nobody has another problem than one that does not converge.
                Fail($"{condition.Name} does not come", $"\"{condition.Name}\" did not hold in time, up to {until.TotalSeconds:0.######} virtual seconds. {WhyNotConverged()}{LastError()}");
            }

            ThrowIfFailed();
        }

        _ranUntil = Now;
    }

    static readonly TimeSpan LongestWait = TimeSpan.FromDays(365);

    static void RequireDuration(TimeSpan duration, [CallerArgumentExpression(nameof(duration))] string name = "")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(duration, LongestWait, name);
    }

    /// <summary>What the last operation was told that was not carried out, as a sentence; empty if all were.</summary>
    internal string LastError() => History.Operations.LastOrDefault(operation => operation.Error is not null) is { } refused
        ? $" The last operation that was not carried out, {refused.Input} of client {refused.Client}, was told: {refused.Error}"
        : "";

    /// <summary>Why the members cannot be called converged: all up, equal logs, all of it committed and applied, equal results.</summary>
    /// <returns>What is in the way, for people; null if nothing is.</returns>
    public string? WhyNotConverged() => WhyNotConverged(out _);

    /// <summary>Fails the run at once when time cannot help: machines that have applied the same and differ stay so.</summary>
    internal bool HasConverged()
    {
        var why = WhyNotConverged(out var isForGood);
        if (isForGood) Fail("state machines differ", why!);
        return why is null;
    }

    string? WhyNotConverged(out bool isForGood)
    {
        isForGood = false;
        if (Leader is not { } leading) return "No node leads with a majority behind it.";
        var leader = NodeAt(leading);
        var log = leader.View.State!.Log;
        if (WhyMembershipIsUnsettled(leader.View.State) is { } unsettled) return unsettled;
        foreach (var node in _nodes.Where(node => leader.View.State.Configuration.Find(node.Id) is not null))
        {
            if (node.View.State is not { } state) return $"Node {node.Number} is down or recovering.";
            if (state.Log.Last != log.Last) return $"Node {node.Number} has a log up to {state.Log.Last}, leader {leading} up to {log.Last}.";
            if (state.CommitIndex != log.Last.Index || state.Applied != log.Last.Index)
                return $"Node {node.Number} has committed {state.CommitIndex} and applied {state.Applied} of {log.Last.Index}.";
            isForGood = node.AppliedUpTo == leader.AppliedUpTo && (node.AppliedHash != leader.AppliedHash || Fingerprint(node) != Fingerprint(leader));
            if (node.AppliedUpTo != leader.AppliedUpTo || node.AppliedHash != leader.AppliedHash)
                return $"The results of node {node.Number} are not those of node {leading}: its state machine is not deterministic.";
            if (Fingerprint(node) != Fingerprint(leader))
                return $"The state of node {node.Number} is {Fingerprint(node)}, that of node {leading} is {Fingerprint(leader)}: its state machine is not deterministic.";
            if (!SessionsOf(node).SequenceEqual(SessionsOf(leader)))
            {
                isForGood = node.AppliedUpTo == leader.AppliedUpTo;
                return $"The table of client sessions of node {node.Number} is not that of node {leading}.";
            }
        }

        return null;
    }

    /// <summary>Ends the simulation; nothing more happens.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        foreach (var node in _nodes) node.Host?.Crash();
        foreach (var host in _clientHosts) host.Crash();
        SynchronizationContext.SetSynchronizationContext(_previousContext);
    }

    internal SimulationFailedException? Failure => _failure;

    /// <summary>What a check of the history found; null if none found anything.</summary>
    internal Verdict? FailedVerdict { get; private set; }

    /// <summary>Whether a client can take one more: one that has been waiting for long does not pile up more.</summary>
    internal bool CanTake(int client) => ClientAt(client).Pending < 3 && _nodes.Any(node => node.Machine is not null);

    internal bool IsQuery(object input)
    {
        _queryTypes ??= _nodes.Select(node => node.Machine?.QueryTypes).FirstOrDefault(types => types is not null);
        return _queryTypes is { } types ? types.Contains(input.GetType())
            : throw new InvalidOperationException("No node has started yet: whether this is a command or a query is not known. Call Start() and wait for a leader, or use Propose or Query.");
    }

    static byte[] SessionsOf(SimulatedNode node) =>
        node.Machine is { } machine ? [.. SessionFormat.Write(machine.Sessions.Copy()).SelectMany(SnapshotContent.Framed)] : [];

    string? Fingerprint(SimulatedNode node) => _options.Fingerprint is { } of && node.Machine is { } machine ? of(machine)?.ToString() : null;

    SimulatedNode NodeAt(int number) => number >= 1 && number <= _nodes.Length
        ? _nodes[number - 1]
        : throw new ArgumentOutOfRangeException(nameof(number), number, $"The cluster's nodes are numbered from 1 to {_nodes.Length}.");

    SimulatedClient ClientAt(int number)
    {
        RequireUsable();
        return number >= 1 && number <= _clients.Length
            ? _clients[number - 1]
            : throw new ArgumentOutOfRangeException(nameof(number), number, $"The cluster's clients are numbered from 1 to {_clients.Length}.");
    }

    SimulatedNode MakeNode(int number)
    {
        // Machines have been up for different times.
        var clock = new HostClock(() => Kernel.Now, TimeSpan.FromHours(number) + Random.Between(TimeSpan.Zero, TimeSpan.FromMinutes(50)));
        var disk = new SimulatedDisk(new DiskClock(Kernel, StableHash.Of($"disk {number}")), Random.For($"disk of node {number}"));
        var node = new SimulatedNode(this, number, clock, disk) { Joins = number > _options.Nodes };
        disk.EventStored = (_, number, stored) => OnStored(node, number, (JournalEvent)stored);
        disk.EventsDeleted = (id, upTo) => OnDeleted(node, id, upTo);
        disk.SnapshotStored = (id, number, stored) => OnSnapshotStored(node, id, number, stored);
        disk.SnapshotDeleted = (id, number) => OnSnapshotDeleted(node, id, number);
        return node;
    }

    RaftSettings BaseSettings() => RaftSettings.Create(RaftSettings.ReferenceConfig.GetConfig("akka.raft"))
        .WithClusterId(new ClusterId("simulation"))
        .WithMembers(_nodes.Take(_options.Nodes).Select(node => node.Member))
        .WithJournalPluginId(SimulatedStorage.JournalPluginId).WithSnapshotPluginId(SimulatedStorage.SnapshotPluginId);

    IEnumerable<SimulatedClient> MakeClients()
    {
        ClientHost[] hosts = [.. Enumerable.Range(1, Math.Min(2, _options.Clients)).Select(number => new ClientHost(Kernel, MakeClientHost(number), _settings.WithMembers(_nodes.Select(node => node.Member))))];
        _clientHosts.AddRange(hosts.Select(host => host.Host));
        return Enumerable.Range(1, _options.Clients).Select(number => new SimulatedClient(this, number, hosts[(number - 1) % hosts.Length]));
    }

    SimulatedHost MakeClientHost(int number)
    {
        var clock = new HostClock(() => Kernel.Now, TimeSpan.FromHours(100 + number));
        var host = new SimulatedHost(Kernel, new Address("akka.tcp", HostConfig.SystemName, $"c{number}", 2551), clock, Network)
        {
            Trace = line => OnTrace(line, null),
            SharesCode = SharesCode,
        };
        Network.Attach(host);
        var entropy = Random.For($"entropy of client host {number}");
        host.Boot(HostConfig.SystemName, HostConfig.Bootstrap, RaftSetup.Create().WithTimeProvider(host.Time).WithEntropy(entropy.Bits));
        return host;
    }

    sealed class DiskClock(SimulationKernel kernel, ulong key) : IDiskClock
    {
        public TimeSpan Now => kernel.Now;

        public void After(TimeSpan delay, Action what) => kernel.After(delay, key, null, what);
    }
}
