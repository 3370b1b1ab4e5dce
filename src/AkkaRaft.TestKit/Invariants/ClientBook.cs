using System.Runtime.InteropServices;
using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>What the clients asked for and were told so far. Each operation is begun here before it is sent, and added when it has ended.</summary>
internal sealed class ClientBook
{
    readonly List<Operation> _ended = [];
    readonly Dictionary<int, BegunOperation> _begun = [];
    readonly Dictionary<Payload, SentCommands> _commands = [];
    LogIndex _highest;

    /// <summary>Operations that have ended, in the order in which they did.</summary>
    public IReadOnlyList<Operation> Ended => _ended;

    /// <summary>An operation is about to be sent.</summary>
    /// <param name="number">Its <see cref="Operation.Number"/>.</param>
    /// <param name="command">
    /// A command exactly as the client will send it: the log has these bytes and nothing else of it. Equal commands of several operations are no harm: what is
    /// committed is counted, not recognized. Null for a query.
    /// </param>
    public void Begin(int number, Payload? command)
    {
        _begun.Add(number, new BegunOperation(command, _highest));
        if (command is not null) Of(command).Begun++;
    }

    /// <summary>An operation has ended. Called before the invariants are told.</summary>
    public void Add(Operation operation)
    {
        _ended.Add(operation);
        if (operation.Outcome == OperationOutcome.Done) _highest = LogIndex.Max(_highest, operation.Index);
        if (operation.Outcome == OperationOutcome.NotDone && _begun.GetValueOrDefault(operation.Number).Command is { } command) Of(command).NotDone++;
    }

    /// <summary>What is known of an operation from its beginning; false if it was never begun.</summary>
    public bool TryGetBegun(int number, out BegunOperation begun) => _begun.TryGetValue(number, out begun);

    /// <summary>The network made two of a message with this command.</summary>
    public void Double(Payload command) => Of(command).Doubled++;

    /// <summary>How often this very command was sent.</summary>
    public SentCommands SentOf(Payload command) => _commands.GetValueOrDefault(command);

    ref SentCommands Of(Payload command) => ref CollectionsMarshal.GetValueRefOrAddDefault(_commands, command, out _);
}

/// <summary>What is known of an operation from its beginning.</summary>
/// <param name="Command">The command as it was sent; null of a query.</param>
/// <param name="Seen">The highest index that any client had been told when it began: whatever this one is told must not lie before.</param>
internal readonly record struct BegunOperation(Payload? Command, LogIndex Seen);

/// <summary>How many operations had one and the same command.</summary>
internal record struct SentCommands
{
    /// <summary>That were begun.</summary>
    public int Begun { get; set; }

    /// <summary>That ended as surely not done.</summary>
    public int NotDone { get; set; }

    /// <summary>How often the network made two of a message with it.</summary>
    public int Doubled { get; set; }

    /// <summary>As often it may be committed, and no more; copies of one command in one session count once.</summary>
    public readonly int MayBeCommitted => Doubled > 0 ? Begun : Begun - NotDone;
}
