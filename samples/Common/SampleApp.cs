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
public sealed record SampleApp(string Name, int BasePort, Props Machine, Predicate<object> IsQuery, Func<object, string?> RefusalOf);
