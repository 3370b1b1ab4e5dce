using AkkaRaft.TestKit.Kernel;

namespace AkkaRaft.TestKit.Cluster;

/// <summary>A host on which clients run, several on one as in an application.</summary>
internal sealed class ClientHost(SimulationKernel kernel, SimulatedHost host, RaftSettings cluster)
{
    int _made;

    public SimulatedHost Host => host;

    /// <summary>Makes a client that knows nothing but the contact points.</summary>
    /// <returns>It, and the name of the actor that sends and receives for it: a system numbers its clients.</returns>
    public (RaftClient Client, string ActorName) MakeClient()
    {
        RaftClient? client = null;
        kernel.RunAs(host, () => client = RaftClient.Create(host.System!, RaftClientSettings.Create(host.System!)
            .WithClusterId(cluster.ClusterId).WithGroupId(cluster.GroupId).WithContactPoints(cluster.Members)));
        return (client!, $"raft-client-{++_made}");
    }
}
