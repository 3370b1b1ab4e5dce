using Akka.Actor;
using Akka.Configuration;
using AkkaRaft;
using AkkaRaft.Cluster;

public static class ClusteredCounter
{
    public static async Task<RaftClusterGroup> Start(Props counter, string node, string address, string seed, bool founds, string dataFolder)
    {
        var system = ActorSystem.Create("counter", ConfigurationFactory.ParseString($$"""
            akka.actor.provider = cluster
            akka.remote.retry-gate-closed-for = 200ms
            akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = {{address.Split(':')[1]}}, tcp-reuse-addr = off }
            akka.cluster { roles = [raft, raft-node-{{node}}], seed-nodes = ["akka.tcp://counter@{{seed}}"] }
            akka.raft { cluster-id = counter, node-id = "{{node}}", data-dir = "{{dataFolder}}", cluster.autopilot.enabled = on }
            """));
        var settings = RaftSettings.Create(system);
        settings = founds ? settings.WithMembers(RaftMember.Parse($"{node}={address}")) : settings.WithJoin(true);   // who joins is added by the autopilot
        var group = Raft.Get(system).Start(counter, settings);
        var attached = RaftCluster.Get(system).Attach(group, RaftClusterSettings.Create(system));
        await group.WhenReady;
        return attached;
    }
}
