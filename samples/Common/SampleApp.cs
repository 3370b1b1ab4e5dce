using System.CommandLine;
using Akka.Actor;

namespace AkkaRaft.Samples.Common;

/// <summary>What makes one sample program different from another.</summary>
/// <param name="Name">The command's name; also that of the nodes' ActorSystem and, unless told, of the cluster.</param>
/// <param name="BasePort">Node n is at this port + n unless its address is given.</param>
/// <param name="Machine">The state machine.</param>
/// <param name="IsQuery">Whether an operation only reads.</param>
/// <param name="RefusalOf">
/// Why an operation would be refused whatever the data; null if it would not. A client asks before it sends: then it is sure that nothing was applied.
/// </param>
public sealed record SampleApp(string Name, int BasePort, Props Machine, Predicate<object> IsQuery, Func<object, string?> RefusalOf)
{
    /// <summary>Where nodes are unless the command line says; null for 1, 2 and 3 on this machine.</summary>
    public PeersUnlessTold? Peers { get; init; }

    /// <summary>Where a node keeps its data, if that is for this program to know; null for what <c>--data</c> says, or <c>./NAME-data/ID</c>.</summary>
    public Func<ParseResult, NodeId, string>? DataOf { get; init; }
}

/// <summary>Where nodes are unless the command line says.</summary>
/// <param name="Description">For the help.</param>
/// <param name="Read">Finds them.</param>
public sealed record PeersUnlessTold(string Description, Func<ParseResult, IReadOnlyList<RaftMember>> Read);
