using Akka.Actor;
using AkkaRaft.Serialization;

namespace AkkaRaft.Node;

/// <summary>What a node is made of; the extension puts it together, tests and the simulation as they need.</summary>
internal sealed record RaftNodeOptions
{
    public required RaftSettings Settings { get; init; }

    /// <summary>The canonical address of the node's ActorSystem, <c>host:port</c>: where it is reached.</summary>
    public required string Address { get; init; }

    /// <summary>The user's state machine.</summary>
    public required Props Machine { get; init; }

    public required Props TermJournal { get; init; }

    public required Props LogJournal { get; init; }

    /// <summary>Keeps the snapshots; null when there is no place for any.</summary>
    public Props? SnapshotStore { get; init; }

    /// <summary>Where the snapshots lie, in words for people.</summary>
    public string SnapshotPlace { get; init; } = "";

    public required IPayloadCodec Codec { get; init; }

    /// <summary>The node at an address <c>host:port</c>.</summary>
    public required Func<string, ICanTell> NodeAt { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Draws 64 random bits: for the storage id, the incarnation and the election timeouts.</summary>
    public required Func<ulong> Entropy { get; init; }

    /// <summary>Looks on; null for nobody.</summary>
    public INodeObserver? Observer { get; init; }

    /// <summary>Where the node's data is, in words for people.</summary>
    public required string DataPlace { get; init; }
}
