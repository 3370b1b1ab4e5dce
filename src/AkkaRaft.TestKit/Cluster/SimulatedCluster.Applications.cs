using Akka.Actor;

namespace AkkaRaft.TestKit;

/// <content>What the applications of clients do beside commands and queries.</content>
public sealed partial class SimulatedCluster
{
    /// <summary>Lets a client's application call it, beside what the client is asked otherwise.</summary>
    /// <param name="client">The client's number, from 1.</param>
    /// <param name="call">Runs on the client's host, as all that follows from it does.</param>
    internal void RunAsClient(int client, Action<RaftClient> call) => Kernel.RunAs(_clients[client - 1].Host, () => call(_clients[client - 1].Client));

    /// <summary>The ActorSystem that a client is in.</summary>
    internal ActorSystem SystemOfClient(int client) => _clients[client - 1].Host.System!;
}
