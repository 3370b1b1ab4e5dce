using System.Globalization;
using AkkaRaft.Protocol;

namespace AkkaRaft.Client;

/// <summary>What the client's errors say: what happened, what is known, what to do.</summary>
internal static class ClientErrors
{
    const string Query = "A query changes nothing: ask again.";
    const string MayBeApplied = "It may have been applied, or may still be. Read the state before you propose it again, unless twice does no harm.";

    public static ObjectDisposedException Closed() => new(nameof(RaftClient), "The client is closed. Nothing was sent. Create another one.");

    public static OverloadedException TooMany(string key, long limit, long now) => new(string.Create(CultureInfo.InvariantCulture,
        $"The client takes no more: akka.raft.client.{key} = {limit}, and {now} are under way. Nothing was sent. Wait for some to end, or raise the limit."));

    public static RaftException TooLarge(bool isCommand, Type type, int size, int limit)
    {
        var message = string.Create(CultureInfo.InvariantCulture,
            $"The {type} takes {size} bytes when serialized, more than akka.raft.client.max-command-size = {limit}. Nothing was sent, and it would fail again. "
            + $"Make it smaller, split it, or raise the limit here and akka.raft.max-command-size on the nodes.");
        return isCommand ? new CommandRejectedException(message) : new QueryFailedException(message);
    }

    public static RaftException NotSerializable(bool isCommand, Type type, Exception cause)
    {
        var message = $"The {type} cannot be serialized: {cause.Message} Nothing was sent, and it would fail again. "
            + "Register the type with PayloadTypes, or bind a serializer to it.";
        return isCommand ? new CommandRejectedException(message, cause) : new QueryFailedException(message, cause);
    }

    public static ResultUnavailableException Unreadable(StateAnswer answer, Type wanted, Exception cause) => new(
        $"It was done (index {answer.Index}, answered by node \"{answer.Answerer}\"), but its result {answer.Value!.Manifest} cannot be read as {wanted}: "
        + $"{cause.Message} "
        + "Do not send it again. Register the result's type with PayloadTypes in this process.",
        answer.Index, cause);

    public static ResultUnavailableException WrongType(StateAnswer answer, Type wanted, Type? actual) => new(
        $"It was done (index {answer.Index}, answered by node \"{answer.Answerer}\"), but its result is {actual?.ToString() ?? "null"}, not {wanted}. "
        + "Do not send it again. Ask for the type that the state machine's handler returns.",
        answer.Index);

    public static RaftException Late(StateOperation operation, LeaderView view, RaftClientSettings settings)
    {
        if (operation.Flight is { } flight)
        {
            return new OutcomeUnknownException(operation.IsCommand
                ? $"Node {flight.Node}={flight.Address}, leader of term {flight.Term}, did not answer within {In(operation.Timeout)}. The command was sent. "
                    + MayBeApplied
                : $"Node {flight.Node}={flight.Address}, leader of term {flight.Term}, did not answer the query within {In(operation.Timeout)}. {Query}");
        }

        if (operation.MayBeApplied) return MayBeAppliedStill(operation, view);

        return NoLeader(operation.Timeout, view, settings, operation.IsCommand
            ? "The command was surely not applied: it was never sent, or refused by nodes that do not lead."
            : "The query was not answered.");
    }

    public static NotLeaderException NoLeader(TimeSpan timeout, LeaderView view, RaftClientSettings settings, string known) => new(
        $"No node that leads group \"{settings.GroupId}\" of cluster \"{settings.ClusterId}\" was found within {In(timeout)} (contact points "
        + $"{string.Join(", ", settings.ContactPoints)}; last known leader {view.LastKnown?.ToString() ?? "none"}). {(view.LastRefusal is { } said ? $"The last answer: {said} " : "")}{known} Try again; if it goes on, see "
        + "whether a majority of the nodes runs, and whether addresses, cluster id, the nodes' ActorSystem name and TLS (hocon/tls.conf, on both sides or on none) are right.",
        view.LastKnown);

    public static string NotHandedOver(NodeId leader, LeadershipTransferFailure failure, string why)
    {
        var advice = failure switch
        {
            LeadershipTransferFailure.NotAVoter => "Name a voter of the group, or none.",
            LeadershipTransferFailure.NoTarget => "See whether the other voters run and can be reached.",
            LeadershipTransferFailure.Busy => "Wait until that has ended.",
            _ => "Writes go on as before. Try again, or name another node.",
        };
        return $"Node \"{leader}\" leads on: {why}. {advice}";
    }

    public static OutcomeUnknownException LateTransfer(TransferOperation operation) => new(operation.AwaitsLeader
        ? $"Node {operation.Asked!.Node}={operation.Asked.Address} leads no longer, and no new leader was found within {In(operation.Timeout)}. Ask who leads before you try again."
        : $"Node {operation.Asked!.Node}={operation.Asked.Address} was asked to hand its leadership over and did not answer within {In(operation.Timeout)}. "
            + "Leadership may still change. Ask who leads before you try again.");

    public static MembershipChangeException MembersNotChanged(MembershipReply reply, MembershipChangeFailure failure) => new(
        $"The members were not changed: node \"{reply.From}\", which leads, says: {reply.Why}. Nothing was changed. "
            + (failure == MembershipChangeFailure.ConfigurationChanged ? "Read the members again and decide anew." : "Mend that, or force the change if you know what it costs."),
        failure);

    public static OutcomeUnknownException MembershipUnknown(MembershipOperation operation, MembershipReply reply) => new(
        $"Whether the members were changed as asked is not known: the leader that was asked first is gone, and the configuration in force by now is that of index {reply.Index}, not {operation.Change.ExpectedIndex}. "
            + "It may be this change, or somebody else's. Read the members again.");

    public static RaftException LateMembership(MembershipOperation operation) => operation is { Flight: null, MayBeDone: false }
        ? new MembershipChangeException($"The members were not changed within {In(operation.Timeout)}: {operation.LastRefusal}. Nothing was changed. Try again when that has ended.", MembershipChangeFailure.Busy)
        : new OutcomeUnknownException($"Whether the members were changed was not known within {In(operation.Timeout)}. A change that has begun is finished by whoever leads. Read the members again.");

    public static MembershipChangeException AnotherChangeUnderWay(RaftConfiguration now) => new(
        $"The members were not changed: another change is under way, that of index {now.Index} ({now}). Nothing was changed. Try again when that has ended.", MembershipChangeFailure.Busy);

    public static MembershipChangeException NotToBeVoter(NodeId node, RaftConfigurationMember? member) => new(
        member is null ? $"Node {node} does not become a voter: it is no member. Add it." : $"Node {node} does not become a voter: it is a learner that is to stay one. Promote it.", MembershipChangeFailure.Refused);

    public static OutcomeUnknownException NotYetVoter(NodeId node, RaftPeerStatus? peer) => new(
        $"Node {node} does not vote yet: it lacks {peer?.Lag ?? 0} entries of the leader's log{(peer?.Transfer is { } sent ? $" and has {sent.Stored} of {sent.Total} bytes of a snapshot" : "")}"
            + $"{(peer?.HeardAgo is null ? ", and the leader has not heard it: see whether it runs at that address, started empty" : "")}. The leader promotes it when it has caught up; wait on.");

    public static OutcomeUnknownException NodeGone(Flight flight) => new(
        $"The connection to node {flight.Node}={flight.Address} was lost while the command was under way. {MayBeApplied}");

    public static OutcomeUnknownException Deposed(Flight flight, LeaderView view) => new(
        $"Node {flight.Node}={flight.Address} led term {flight.Term} when the command was sent to it; by now {view.LastKnown} leads. {MayBeApplied}");

    public static Exception ClosedMeanwhile(Operation operation) => operation switch
    {
        StateOperation { IsCommand: true, Flight: not null } or StateOperation { MayBeApplied: true } =>
            new OutcomeUnknownException($"The client was closed while the command was under way. {MayBeApplied}"),
        StateOperation { IsCommand: true } => new NotLeaderException("The client was closed before the command was sent. It was surely not applied. Use another client."),
        StateOperation => new OutcomeUnknownException($"The client was closed before the query was answered. {Query}"),
        MembershipOperation { Flight: not null } or MembershipOperation { MayBeDone: true } =>
            new OutcomeUnknownException("The client was closed while the change was under way. A change that has begun is finished by whoever leads. Read the members again."),
        TransferOperation { Asked: not null } => new OutcomeUnknownException("The client was closed while leadership was being handed over. It may still change. Ask who leads before you try again."),
        _ => Closed(),
    };

    public static NodeUnreachableException UnknownNode(NodeId node, RaftClientSettings settings) => new(
        $"Node \"{node}\" was not asked: no address of it is known. It is none of this client's contact points ({string.Join(", ", settings.ContactPoints)}), nor the leader that "
        + "it has found. Name a contact point, or add the node to them.",
        node);

    public static RaftException NoAnswerOfNode(StateOperation operation, string? refusal, NodeAddress? address)
    {
        if (refusal is not null) return new NotLeaderException($"The query was not answered within {In(operation.Timeout)}. The last answer: {refusal}");
        if (operation.From.Id is not { } node) return new OutcomeUnknownException($"No node answered the query within {In(operation.Timeout)}. {Query}");
        return new NodeUnreachableException($"Node \"{node}\" did not answer the query within {In(operation.Timeout)}: it was asked at {address}. {Query}", node);
    }

    public static NodeUnreachableException NoAccount(NodeId node, TimeSpan timeout, NodeAddress address) => new(
        $"Node \"{node}\" did not say how it is within {In(timeout)}: it was asked at {address}. See whether it runs, and calls itself exactly so.", node);

    /// <summary>The node that answered says what happened; the message gets what is known and what to do only if the node left it out.</summary>
    public static string FromNode(NodeId node, string? error, string otherwise) => $"Node \"{node}\": {error ?? otherwise}";

    public static string UnknownByNode => $"The command was appended, and the node cannot say whether it will be committed. {MayBeApplied}";

    /// <summary>It waits for a session, and the leader that was asked for one has not opened it.</summary>
    public static NotLeaderException NoSession(StateOperation operation, Flight opening, LeaderView view) => new(
        $"Node {opening.Node}={opening.Address}, leader of term {opening.Term}, did not open a session for the client's commands within {In(operation.Timeout)}: it may be "
        + "cut off from the others, or gone. The command was surely not applied: it was never sent. Try again.",
        view.LastKnown);

    /// <summary>It was sent in its session, its answer was not heard, and it waits for a leader to be sent to again.</summary>
    static OutcomeUnknownException MayBeAppliedStill(StateOperation operation, LeaderView view) => new(
        $"The command was sent, and its outcome was not heard within {In(operation.Timeout)}; no leader answered when it was to be sent again (last known leader "
        + $"{view.LastKnown?.ToString() ?? "none"}{(view.LastRefusal is { } said ? $"; the last answer: {said}" : "")}). {MayBeApplied}");

    public static OutcomeUnknownException SessionExpired(LogIndex session, NodeId from, string? error) => new(
        $"The session of the command has expired, and with it what is known of the command. {MayBeApplied}",
        new SessionExpiredException(FromNode(from, error, "It does not know the session.") + " Commands that were surely not sent go on in another session.", session));

    public static OutcomeUnknownException RefusedAfterSent(NodeId from, string? error) => new(
        $"The command was sent before, and its answer was not heard; sent again, it was refused: {FromNode(from, error, "It cannot take the command.")} {MayBeApplied}");

    static string In(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###} ms");
}
