using System.Globalization;
using Akka.Actor;
using AkkaRaft.Client;
using AkkaRaft.Consensus;
using AkkaRaft.Node;
using AkkaRaft.Serialization;

namespace AkkaRaft;

/// <summary>
/// Proposes commands to a group and asks it queries, from inside a node's process or from any ActorSystem that can reach the nodes. It finds the leader,
/// follows it, and says of every operation what is known. Safe to use from many threads at once: what they ask at the same time travels together.
/// </summary>
/// <remarks>
/// <para>Operations that run at the same time have no order; a caller that needs one awaits each before the next.</para>
/// <para>Commands belong to a session of the client (thesis 6.3), which the first one opens: the group applies each of them once, so that one whose fate is not
/// known, because its leader fell or an answer was lost, is sent again until its time-out. Only then, or if the session expired meanwhile, does it end with
/// <see cref="OutcomeUnknownException"/>; whoever proposes it again after that proposes another command. A session that is not used is kept for as long as the
/// nodes' <c>akka.raft.sessions.timeout</c> and then closed; the next command opens another one. Disposing of the client closes it too.</para>
/// <para>Without sessions (<see cref="RaftClientSettings.Sessions"/>) a command that may have reached a log is never sent again: it ends with
/// <see cref="OutcomeUnknownException"/> as soon as the client learns that its node is gone or that a later term has a leader, at the latest after its time-out.</para>
/// <para>Commands that were surely not appended, and queries, are tried again until their time-out.</para>
/// <para>Every error of an operation is a <see cref="RaftException"/>, whose <see cref="RaftException.Outcome"/> says whether it was applied; only
/// cancellation (<see cref="OperationCanceledException"/>), wrong arguments and a closed client (<see cref="ObjectDisposedException"/>) are not.
/// A command that was sent before it was cancelled may still be applied.</para>
/// </remarks>
public sealed partial class RaftClient : IAsyncDisposable
{
    /// <summary>The longest time-out of an operation, besides <see cref="Timeout.InfiniteTimeSpan"/>: 1 day.</summary>
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(1);

    readonly ActorSystem _system;
    readonly IPayloadCodec _codec;
    readonly ClientIntake _intake;
    readonly TimeProvider _time;
    readonly IActorRef _actor;

    RaftClient(ActorSystem system, RaftClientSettings settings, IPayloadCodec codec, Func<NodeAddress, ICanTell> resolve)
    {
        _system = system;
        _codec = codec;
        _time = RaftSetup.Of(system).TimeProvider;
        _intake = new ClientIntake(settings, _time);
        _actor = system.ActorOf(RaftClientActor.Props(settings, _intake, resolve), ClientNames.Of(system).Next());
        Settings = settings;
    }

    /// <summary>How it was made.</summary>
    public RaftClientSettings Settings { get; }

    /// <summary>Makes a client. It connects when it is first used, and lives until it is disposed of or the system ends.</summary>
    /// <param name="system">An ActorSystem with Akka.Remote, so that nodes can answer.</param>
    /// <param name="settings">The cluster, its contact points, and limits.</param>
    /// <exception cref="RaftSettingsException">The settings, or the system's own, cannot work; lists all that is wrong.</exception>
    public static RaftClient Create(ActorSystem system, RaftClientSettings settings)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(settings);
        RemoteRequirements.Check(system, settings);
        Raft.Get(system);   // makes the serializers known, also where no node runs
        return Create(system, settings, PayloadCodec.Get(system), Nodes(system, settings));
    }

    /// <summary>
    /// Nodes by their paths, looked up anew for each message, so that an actor that replaces another one in this process is found. As text a path would be looked up once only:
    /// Akka keeps what it found. An ActorSelection is looked up anew, too, and costs two more copies of each message.
    /// </summary>
    internal static Func<NodeAddress, ICanTell> Nodes(ActorSystem system, RaftClientSettings settings)
    {
        var provider = ((ExtendedActorSystem)system).Provider;
        var nodes = settings.SystemName.Length > 0 ? settings.SystemName : system.Name;
        var protocol = NodePath.ProtocolOf(system);
        return address => provider.ResolveActorRef(ActorPath.Parse(address.PathOf(protocol, nodes, settings.GroupId)));
    }

    internal static RaftClient Create(ActorSystem system, RaftClientSettings settings, IPayloadCodec codec, Func<NodeAddress, ICanTell> resolve)
    {
        settings.Validate();
        return new RaftClient(system, settings, codec, resolve);
    }

    /// <summary>Proposes a command and completes when it is committed and applied (thesis 6.3).</summary>
    /// <typeparam name="T">The type of the state machine's result.</typeparam>
    /// <param name="command">Of a type that the payload serializer knows; serialized size at most <see cref="RaftClientSettings.MaxCommandSize"/>.</param>
    /// <param name="timeout">How long it may take, up to <see cref="MaxTimeout"/> or infinite; default <see cref="RaftClientSettings.RequestTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait; a command that was already sent may still be applied.</param>
    /// <returns>
    /// The result. The task fails with <see cref="NotLeaderException"/>, <see cref="OverloadedException"/> or <see cref="CommandRejectedException"/> (surely
    /// not applied), <see cref="OutcomeUnknownException"/> (may have been applied, or may still be), or <see cref="ResultUnavailableException"/> (it was applied).
    /// </returns>
    public async Task<T> Propose<T>(object command, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        (await ProposeDetailed<T>(command, timeout, cancellationToken)).Value;

    /// <summary>Proposes a command whose result does not matter, and completes when it is committed and applied (thesis 6.3).</summary>
    /// <param name="command">As for <see cref="Propose{T}"/>.</param>
    /// <param name="timeout">As for <see cref="Propose{T}"/>.</param>
    /// <param name="cancellationToken">As for <see cref="Propose{T}"/>.</param>
    /// <returns>Fails as <see cref="Propose{T}"/> does, but never with <see cref="ResultUnavailableException"/>.</returns>
    public async Task Propose(object command, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        try
        {
            await Run(command, timeout, cancellationToken);
        }
        catch (ResultUnavailableException)
        {
            // It was applied, and that is all that was asked.
        }
    }

    /// <summary>As <see cref="Propose{T}"/>, and says where in the log the command is and who answered.</summary>
    /// <typeparam name="T">The type of the state machine's result.</typeparam>
    /// <param name="command">As for <see cref="Propose{T}"/>.</param>
    /// <param name="timeout">As for <see cref="Propose{T}"/>.</param>
    /// <param name="cancellationToken">As for <see cref="Propose{T}"/>.</param>
    /// <returns>Result, index and answerer; fails as <see cref="Propose{T}"/> does.</returns>
    public async Task<RaftResult<T>> ProposeDetailed<T>(object command, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Read<T>(await Run(command, timeout, cancellationToken));

    /// <summary>Asks the state machine a query.</summary>
    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <param name="query">Of a type that the payload serializer knows; serialized size at most <see cref="RaftClientSettings.MaxCommandSize"/>.</param>
    /// <param name="consistency">How current the answer must be.</param>
    /// <param name="timeout">How long it may take, up to <see cref="MaxTimeout"/> or infinite; default <see cref="RaftClientSettings.RequestTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// The answer. The task fails with <see cref="NotLeaderException"/> (no leader in time), <see cref="OutcomeUnknownException"/> (no answer in time),
    /// <see cref="OverloadedException"/>, <see cref="QueryFailedException"/>, or <see cref="ResultUnavailableException"/>. A query never changes anything.
    /// </returns>
    public async Task<T> Query<T>(object query, ReadConsistency consistency = ReadConsistency.Linearizable, TimeSpan? timeout = null,
        CancellationToken cancellationToken = default) =>
        (await QueryDetailed<T>(query, consistency, timeout, cancellationToken)).Value;

    /// <summary>As <see cref="Query{T}(object, ReadConsistency, TimeSpan?, CancellationToken)"/>, and says which index the answer reflects and who answered.</summary>
    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <param name="query">As for <see cref="Query{T}(object, ReadConsistency, TimeSpan?, CancellationToken)"/>.</param>
    /// <param name="consistency">As for <see cref="Query{T}(object, ReadConsistency, TimeSpan?, CancellationToken)"/>.</param>
    /// <param name="timeout">As for <see cref="Query{T}(object, ReadConsistency, TimeSpan?, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">As for <see cref="Query{T}(object, ReadConsistency, TimeSpan?, CancellationToken)"/>.</param>
    /// <returns>Answer, index and answerer; fails as <see cref="Query{T}(object, ReadConsistency, TimeSpan?, CancellationToken)"/> does.</returns>
    public Task<RaftResult<T>> QueryDetailed<T>(object query, ReadConsistency consistency = ReadConsistency.Linearizable, TimeSpan? timeout = null,
        CancellationToken cancellationToken = default) =>
        QueryDetailed<T>(query, consistency == ReadConsistency.Linearizable ? ReadOptions.Default : new ReadOptions { Consistency = consistency }, timeout, cancellationToken);

    /// <summary>Asks the state machine a query, and says how new the answer must be and who is to give it.</summary>
    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <param name="query">As for <see cref="Query{T}(object, ReadConsistency, TimeSpan?, CancellationToken)"/>.</param>
    /// <param name="options">How new, and who.</param>
    /// <param name="timeout">How long it may take; default <see cref="RaftClientSettings.RequestTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// The answer. Besides the ways of <see cref="Query{T}(object, ReadConsistency, TimeSpan?, CancellationToken)"/> the task fails with
    /// <see cref="TooStaleException"/>, and with <see cref="NodeUnreachableException"/> if the node that was named does not answer.
    /// </returns>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public async Task<T> Query<T>(object query, ReadOptions options, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        (await QueryDetailed<T>(query, options, timeout, cancellationToken)).Value;

    /// <summary>As <see cref="Query{T}(object, ReadOptions, TimeSpan?, CancellationToken)"/>, and says which index the answer reflects and who answered.</summary>
    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <param name="query">As for <see cref="Query{T}(object, ReadOptions, TimeSpan?, CancellationToken)"/>.</param>
    /// <param name="options">How new, and who.</param>
    /// <param name="timeout">How long it may take; default <see cref="RaftClientSettings.RequestTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Answer, index and answerer; fails as <see cref="Query{T}(object, ReadOptions, TimeSpan?, CancellationToken)"/> does.</returns>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public async Task<RaftResult<T>> QueryDetailed<T>(object query, ReadOptions options, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        cancellationToken.ThrowIfCancellationRequested();
        var payload = Encode(isCommand: false, query);
        var (limit, deadline) = LimitOf(timeout);
        return Read<T>(await Begin(new StateOperation(false, payload, limit, deadline) { Terms = options.ToTerms(limit), From = options.FromOrDefault }, cancellationToken));
    }

    /// <summary>Asks one node how it sees itself, whether it leads or not.</summary>
    /// <param name="node">A contact point, or the leader that this client has found.</param>
    /// <param name="timeout">How long it may take; default <see cref="RaftClientSettings.RequestTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The node's account. The task fails with <see cref="NodeUnreachableException"/> if there is none in time, at once if no address of the node is known.</returns>
    public Task<RaftStatus> GetStatus(NodeId node, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Begin((limit, deadline) => new StatusOperation(node, limit, deadline), timeout, cancellationToken);

    /// <summary>Asks one node what it knows of why there is no leader, or why nothing is committed. <see cref="Diagnose"/> asks all.</summary>
    /// <param name="node">A contact point, or the leader that this client has found.</param>
    /// <param name="timeout">How long it may take; default <see cref="RaftClientSettings.RequestTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The node's evidence. The task fails with <see cref="NodeUnreachableException"/> if there is none in time, at once if no address of the node is known.</returns>
    public Task<RaftExplanation> Explain(NodeId node, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Begin((limit, deadline) => new ExplainOperation(node, limit, deadline), timeout, cancellationToken);

    /// <summary>
    /// Why is there no leader? Why is nothing committed? Asks all contact points, and the voters that they name, for what they know, and says what follows from it. A
    /// node that does not answer is evidence too. It changes nothing.
    /// </summary>
    /// <param name="timeout">How long to wait for each node; default <see cref="RaftClientSettings.RequestTimeout"/>. Voters that are no contact points are asked in a second round.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The findings with their evidence. Never fails because nodes do not answer.</returns>
    public async Task<RaftDiagnosis> Diagnose(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var answers = new List<RaftExplanation>();
        var silent = new List<RaftSilentNode>();
        var contacts = Settings.ContactPoints.ToDictionary(contact => contact.Id, contact => contact.Address);
        await Gather(contacts);

        // The contact points may be some of the nodes only; the answers know them all.
        var others = answers.SelectMany(answer => answer.Status.Peers.Where(peer => answer.Voters.Contains(peer.Node) && !contacts.ContainsKey(peer.Node)))
            .DistinctBy(peer => peer.Node).ToDictionary(peer => peer.Node, peer => peer.Address);
        await Gather(others);
        return Diagnosis.Of(answers, silent);

        async Task Gather(IReadOnlyDictionary<NodeId, string> nodes)
        {
            // All are asked before the first is waited for; one after the other, so that nothing leaves the caller's scheduler.
            var asked = nodes.OrderBy(node => node.Key).Select(node => (Id: node.Key, Address: node.Value, Answer: Ask(node.Key, node.Value))).ToList();
            foreach (var (id, address, answer) in asked)
            {
                try
                {
                    answers.Add(await answer);
                }
                catch (NodeUnreachableException)
                {
                    silent.Add(new RaftSilentNode(id, address));
                }
            }
        }

        Task<RaftExplanation> Ask(NodeId node, string address) => Begin(
            (limit, deadline) => new ExplainOperation(node, limit, deadline, NodeAddress.TryParse(address, out var known) ? known : null), timeout, cancellationToken);
    }

    /// <summary>Finds the leader; completes when the leader itself has said that it leads, after this call.</summary>
    /// <param name="timeout">How long it may take; default <see cref="RaftClientSettings.RequestTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Who it is. The task fails with <see cref="NotLeaderException"/> if none has answered in time.</returns>
    public Task<LeaderInfo> FindLeader(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Begin((limit, deadline) => new FindLeaderOperation(limit, deadline), timeout, cancellationToken);

    /// <summary>
    /// Asks the leader to hand its leadership over (thesis 3.10). It takes no more writes, lets the target catch up with its log, and tells it to stand for election at
    /// once; writes that come meanwhile wait some tens of milliseconds and then go to the new leader. If the target does not lead within one election timeout
    /// (<c>akka.raft.election-timeout-max</c>) the old leader leads on.
    /// </summary>
    /// <param name="to">Who is to lead; null for the most up-to-date voter, of those that with the highest <c>akka.raft.election-priority</c>.</param>
    /// <param name="timeout">How long it may take, up to <see cref="MaxTimeout"/> or infinite; default <see cref="RaftClientSettings.RequestTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait; leadership may still change.</param>
    /// <returns>
    /// Who leads now: the target, or in rare cases another node that won the election. The task fails with <see cref="LeadershipTransferException"/> (the old leader
    /// leads on), <see cref="NotLeaderException"/> (no leader was found in time; nothing was asked), or <see cref="OutcomeUnknownException"/> (asked, and not known
    /// who leads now).
    /// </returns>
    public Task<LeaderInfo> TransferLeadership(NodeId? to = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Begin((limit, deadline) => new TransferOperation(to, limit, deadline), timeout, cancellationToken);

    /// <summary>
    /// Closes the client. What was not sent ends as surely not applied, what is under way as unknown; the returned task completes after that.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        _system.Stop(_actor);
        await _intake.WhenClosed;
    }

    Task<StateAnswer> Run(object command, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        cancellationToken.ThrowIfCancellationRequested();
        var payload = Encode(isCommand: true, command);
        var (limit, deadline) = LimitOf(timeout);
        return Begin(new StateOperation(true, payload, limit, deadline), cancellationToken);
    }

    // Here, on the caller's thread: it is the dearest part, and the caller may change the object once this call has returned.
    Payload Encode(bool isCommand, object body)
    {
        Payload payload;
        try
        {
            _codec.Admit([body.GetType()]);
            payload = _codec.Encode(body);
        }
        catch (Exception cause)
        {
            throw ClientErrors.NotSerializable(isCommand, body.GetType(), cause);
        }

        if (payload.Size > Settings.MaxCommandSize) throw ClientErrors.TooLarge(isCommand, body.GetType(), payload.Size, Settings.MaxCommandSize);
        return payload;
    }

    (TimeSpan Limit, TimeSpan Deadline) LimitOf(TimeSpan? timeout)
    {
        var limit = timeout ?? Settings.RequestTimeout;
        if (limit != Timeout.InfiniteTimeSpan && (limit <= TimeSpan.Zero || limit > MaxTimeout))
            throw new ArgumentOutOfRangeException(nameof(timeout), limit,
                string.Create(CultureInfo.InvariantCulture, $"A time-out lies above 0, up to {MaxTimeout.TotalDays:0} day, or is infinite. Nothing was sent."));
        return (limit, limit == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : _intake.Now + limit);
    }

    async Task<TAnswer> Begin<TAnswer>(Func<TimeSpan, TimeSpan, Operation<TAnswer>> make, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (limit, deadline) = LimitOf(timeout);
        return await Begin(make(limit, deadline), cancellationToken);
    }

    // Awaits stay on the caller's scheduler: in a simulation nothing may slip to the thread pool.
    Task<TAnswer> Begin<TAnswer>(Operation<TAnswer> operation, CancellationToken cancellationToken)
    {
        if (_intake.Admit(operation)) _actor.Tell(OperationsArrived.Instance, ActorRefs.NoSender);
        return cancellationToken.CanBeCanceled ? UntilCanceled(operation, cancellationToken) : operation.Answer;
    }

    async Task<TAnswer> UntilCanceled<TAnswer>(Operation<TAnswer> operation, CancellationToken cancellationToken)
    {
        // Once it is let in: the actor takes what has arrived before it cancels anything.
        using var registration = cancellationToken.UnsafeRegister(
            (_, token) => _actor.Tell(new CancelOperation(operation, token), ActorRefs.NoSender), null);
        return await operation.Answer;
    }

    RaftResult<T> Read<T>(StateAnswer answer)
    {
        object? value = null;
        if (answer.Value is { } payload)
        {
            try
            {
                if (!typeof(T).IsInterface && !typeof(T).IsAbstract && typeof(T) != typeof(object)) _codec.Admit([typeof(T)]);
                value = _codec.Decode(payload);
            }
            catch (Exception cause)
            {
                throw ClientErrors.Unreadable(answer, typeof(T), cause);
            }
        }

        return value switch
        {
            T result => new RaftResult<T>(result, answer.Index, answer.Answerer),
            null when default(T) is null => new RaftResult<T>(default!, answer.Index, answer.Answerer),
            _ => throw ClientErrors.WrongType(answer, typeof(T), value?.GetType()),
        };
    }
}
