using Akka.Actor;
using AkkaRaft.Node;

namespace AkkaRaft;

/// <summary>This process's node of one replicated state machine, and the way to use the group.</summary>
public sealed class RaftGroup
{
    readonly IActorRef _group;

    internal RaftGroup(ExtendedActorSystem system, RaftSettings settings, string address, Props node, IDisposable? storage)
    {
        System = system;
        Settings = settings;
        var ready = new TaskCompletionSource<RaftNodeReady>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stopped = new TaskCompletionSource<RaftNodeStopped>(TaskCreationOptions.RunContinuationsAsynchronously);
        WhenReady = ready.Task;
        WhenStopped = stopped.Task;
        var client = RaftClientSettings.Create(system);
        Client = RaftClient.Create(system, client
            .WithClusterId(settings.ClusterId)
            .WithGroupId(settings.GroupId)
            .WithSystemName(system.Name)
            .WithMaxCommandSize(settings.MaxCommandSize)
            .WithMaxBatchBytes(Math.Max(client.MaxBatchBytes, settings.MaxCommandSize + RaftSettings.EntryOverhead))
            .WithMaxPendingBytes(Math.Max(client.MaxPendingBytes, settings.MaxCommandSize + RaftSettings.EntryOverhead))
            .WithContactPoints([new RaftMember(settings.NodeId, address), .. settings.Members.Where(member => member.Id != settings.NodeId)]));
        _group = system.SystemActorOf(GroupActor.Props(settings, node, storage, ready, stopped), NodePath.GroupName(settings.GroupId));
    }

    /// <summary>The actor system that it runs in.</summary>
    internal ActorSystem System { get; }

    /// <summary>The settings that the node was started with.</summary>
    public RaftSettings Settings { get; }

    /// <summary>A client of the group, in this process: it finds the leader wherever that is.</summary>
    public RaftClient Client { get; }

    /// <summary>
    /// Completes when the node has replayed its journals for the first time and takes part in the group; fails with the cause if it cannot, and is cancelled if
    /// the node is stopped before.
    /// </summary>
    public Task<RaftNodeReady> WhenReady { get; }

    /// <summary>Completes when the node has stopped, whether it was asked to or could not go on; the result tells which. It never fails.</summary>
    public Task<RaftNodeStopped> WhenStopped { get; }

    /// <summary>Proposes a command and completes when it is committed and applied (thesis 6.3).</summary>
    /// <typeparam name="T">The type of the state machine's result.</typeparam>
    /// <param name="command">A command that the state machine has a handler for.</param>
    /// <param name="timeout">How long to try; null for <c>akka.raft.client.request-timeout</c>.</param>
    /// <param name="cancellationToken">Ends the wait; a command that was sent may still be applied.</param>
    /// <returns>The state machine's result. For the ways to fail see <see cref="RaftClient.Propose{T}"/>.</returns>
    public Task<T> Propose<T>(object command, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Client.Propose<T>(command, timeout, cancellationToken);

    /// <summary>Asks the state machine, with the consistency that is wanted (thesis 6.4).</summary>
    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <param name="query">A query that the state machine has a handler for.</param>
    /// <param name="consistency">How fresh the answer must be. Default linearizable.</param>
    /// <param name="timeout">How long to try; null for <c>akka.raft.client.request-timeout</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answer. For the ways to fail see <see cref="RaftClient.Query{T}(object, ReadConsistency, TimeSpan?, CancellationToken)"/>.</returns>
    public Task<T> Query<T>(
        object query, ReadConsistency consistency = ReadConsistency.Linearizable, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Query<T>(query, new ReadOptions { Consistency = consistency }, timeout, cancellationToken);

    /// <summary>Asks the state machine, and says how new the answer must be and which node is to give it; that of this process for local reads unless told.</summary>
    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <param name="query">A query that the state machine has a handler for.</param>
    /// <param name="options">How new, and who.</param>
    /// <param name="timeout">How long to try; null for <c>akka.raft.client.request-timeout</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answer. For the ways to fail see <see cref="RaftClient.Query{T}(object, ReadOptions, TimeSpan?, CancellationToken)"/>.</returns>
    public async Task<T> Query<T>(object query, ReadOptions options, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        (await QueryDetailed<T>(query, options, timeout, cancellationToken)).Value;

    /// <summary>
    /// As <see cref="Query{T}(object, ReadOptions, TimeSpan?, CancellationToken)"/>, and says which index the answer reflects, for a later read's
    /// <see cref="ReadOptions.MinIndex"/>, and who answered.
    /// </summary>
    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <param name="query">A query that the state machine has a handler for.</param>
    /// <param name="options">How new, and who.</param>
    /// <param name="timeout">How long to try; null for <c>akka.raft.client.request-timeout</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Answer, index and answerer.</returns>
    public Task<RaftResult<T>> QueryDetailed<T>(object query, ReadOptions options, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var here = options.From is null ? options.Consistency == ReadConsistency.Local : options.From == ReadFrom.LocalNode;
        return Client.QueryDetailed<T>(query, here ? options with { From = ReadFrom.Node(Settings.NodeId) } : options, timeout, cancellationToken);
    }

    /// <summary>How this node is.</summary>
    /// <param name="timeout">How long to wait for its answer; null for <c>akka.raft.client.request-timeout</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<RaftStatus> GetStatus(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Client.GetStatus(Settings.NodeId, timeout, cancellationToken);

    /// <summary>What this node knows of why there is no leader, or why nothing is committed.</summary>
    /// <param name="timeout">How long to wait for its answer; null for <c>akka.raft.client.request-timeout</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<RaftExplanation> Explain(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Client.Explain(Settings.NodeId, timeout, cancellationToken);

    /// <summary>Why is there no leader? Why is nothing committed? What all nodes of the group together know of it.</summary>
    /// <param name="timeout">How long to wait for each node; null for <c>akka.raft.client.request-timeout</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>As <see cref="RaftClient.Diagnose"/>.</returns>
    public Task<RaftDiagnosis> Diagnose(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => Client.Diagnose(timeout, cancellationToken);

    /// <summary>
    /// Asks the group's leader, whichever node that is, to hand its leadership over (thesis 3.10): before maintenance, or to a better place. No write fails by it;
    /// those that come meanwhile wait some tens of milliseconds.
    /// </summary>
    /// <param name="to">Who is to lead; null for the most up-to-date voter, of those that with the highest <c>akka.raft.election-priority</c>.</param>
    /// <param name="timeout">How long to try; null for <c>akka.raft.client.request-timeout</c>.</param>
    /// <param name="cancellationToken">Ends the wait; leadership may still change.</param>
    /// <returns>Who leads now. For the ways to fail see <see cref="RaftClient.TransferLeadership"/>.</returns>
    public Task<LeaderInfo> TransferLeadership(NodeId? to = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Client.TransferLeadership(to, timeout, cancellationToken);

    /// <summary>Who belongs to the group, in the leader's own words. For changes see <see cref="Client"/>.</summary>
    /// <param name="timeout">How long it may take; null for <c>akka.raft.client.request-timeout</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>As <see cref="RaftClient.GetConfiguration"/>.</returns>
    public Task<RaftConfiguration> GetConfiguration(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => Client.GetConfiguration(timeout, cancellationToken);

    /// <summary>If this node leads, it hands its leadership over; completes when another leads, or after two election timeouts at most.</summary>
    internal Task HandOver()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _group.Tell(new HandOver(done));
        return Task.WhenAny(done.Task, WhenStopped);
    }

    /// <summary>An address book says where a node is, or that it is there again; null: it does not know it any more. Messages find the node there; nothing else changes.</summary>
    internal void Hint(NodeId node, string? address) => _group.Tell(new PeerAddressHint(node, address));

    /// <summary>
    /// Stops the node. A leader hands its leadership over first, unless <c>akka.raft.transfer-on-stop</c> is off; what the journals are writing is finished, up to
    /// <c>akka.raft.stop-timeout</c>; requests that wait end with what is known of them. CoordinatedShutdown calls it.
    /// </summary>
    /// <returns>Completes when the node has stopped.</returns>
    public Task Stop()
    {
        _group.Tell(StopNode.Instance);
        return WhenStopped;
    }
}
