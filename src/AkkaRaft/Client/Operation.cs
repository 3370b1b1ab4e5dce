using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Protocol;

namespace AkkaRaft.Client;

/// <summary>
/// Something that a caller waits for. It is made and awaited by the caller; from when it is sent to the client actor until its end it is that actor's.
/// It ends once: whatever tries to end it later has no effect.
/// </summary>
internal abstract class Operation(TimeSpan timeout, TimeSpan deadline) : INoSerializationVerificationNeeded
{
    /// <summary>What the caller allowed for it.</summary>
    public TimeSpan Timeout { get; } = timeout;

    /// <summary>On the client's clock.</summary>
    public TimeSpan Deadline { get; } = deadline;

    /// <summary>The order in which operations were begun; set when it is admitted.</summary>
    public long Sequence { get; set; }

    /// <summary>Bytes that it holds in memory.</summary>
    public virtual int Size => 0;

    public abstract bool IsOver { get; }

    public abstract bool TryFail(Exception error);

    public abstract bool TryCancel(CancellationToken token);
}

/// <inheritdoc cref="Operation" />
internal abstract class Operation<TAnswer>(TimeSpan timeout, TimeSpan deadline) : Operation(timeout, deadline)
{
    // The caller's code after its await must not run inside the actor.
    readonly TaskCompletionSource<TAnswer> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TAnswer> Answer => _end.Task;

    public override bool IsOver => _end.Task.IsCompleted;

    public bool TryAnswer(TAnswer answer) => _end.TrySetResult(answer);

    public override bool TryFail(Exception error) => _end.TrySetException(error);

    public override bool TryCancel(CancellationToken token) => _end.TrySetCanceled(token);
}

/// <summary>What became of a command or query.</summary>
internal readonly record struct StateAnswer(Payload? Value, LogIndex Index, NodeId Answerer);

/// <summary>One way of a command or query to a node; another try is another flight.</summary>
/// <param name="Node">Where to.</param>
/// <param name="Address">Its address.</param>
/// <param name="Term">The term that it was taken to lead.</param>
/// <param name="Message">The message that carries it.</param>
internal sealed record Flight(NodeId Node, NodeAddress Address, Term Term, object Message)
{
    /// <summary>When; of commands and queries.</summary>
    public TimeSpan SentAt { get; init; }
}

/// <summary>A command or a query.</summary>
internal sealed class StateOperation(bool isCommand, Payload body, TimeSpan timeout, TimeSpan deadline)
    : Operation<StateAnswer>(timeout, deadline)
{
    /// <summary>What a request takes in a message besides its payload, rounded up.</summary>
    public const int RequestOverhead = 32;

    public bool IsCommand { get; } = isCommand;

    public Payload Body { get; } = body;

    /// <summary>Of a query: what it wants.</summary>
    public QueryTerms Terms { get; init; } = QueryTerms.AtLeader;

    /// <summary>Of a query: who is to answer.</summary>
    public ReadFrom From { get; init; } = ReadFrom.Leader;

    public override int Size { get; } = body.Size + RequestOverhead;

    /// <summary>The session in which it has a number; zero while it is in none. It keeps both until its end, unless it surely is in no log.</summary>
    public LogIndex Session { get; set; }

    /// <summary>Its number in that session.</summary>
    public long SessionSequence { get; set; }

    public bool IsInSession => Session > LogIndex.Zero;

    /// <summary>It was sent and nobody knows what became of it: no refusal of a later copy says that it surely was not applied.</summary>
    public bool MayBeApplied { get; set; }

    /// <summary>When it was sent last; of a command in a session.</summary>
    public TimeSpan SentAt { get; set; }

    /// <summary>When it is sent again if it is still unanswered; of a command in a session.</summary>
    public TimeSpan RetryAt { get; set; }

    /// <summary>How often it was sent to the same leader without an answer.</summary>
    public int Retries { get; set; }

    /// <summary>While it is on its way: which flight. Null while it waits here.</summary>
    public Flight? Flight { get; set; }

    /// <summary>
    /// The number of its flight in replies. Each flight has a number of its own, so that a late refusal of an earlier one cannot send again what the present
    /// one has brought to a log.
    /// </summary>
    public long RequestId { get; set; }
}

/// <summary>Waits until the leader itself has answered.</summary>
internal sealed class FindLeaderOperation(TimeSpan timeout, TimeSpan deadline) : Operation<LeaderInfo>(timeout, deadline);

/// <summary>There is something in the client's intake; in a burst only the first tells.</summary>
internal sealed class OperationsArrived : INoSerializationVerificationNeeded
{
    public static readonly OperationsArrived Instance = new();
}

/// <summary>The caller does not want to wait any longer.</summary>
internal sealed record CancelOperation(Operation Operation, CancellationToken Token) : INoSerializationVerificationNeeded;
