using Akka.Actor;
using Akka.Configuration;
using AkkaRaft.Benchmarks.Workers;

namespace AkkaRaft.Benchmarks.Contenders.Raft;

/// <summary>A node of ours in a process of its own, with a client in it.</summary>
internal static class RaftNodeProgram
{
    /// <param name="id">Its id.</param>
    /// <param name="endpoints">All first members.</param>
    /// <param name="folder">Its data.</param>
    /// <param name="settings">HOCON over the defaults; <c>bench.machine = bulk</c> for a state that can be made large, <c>akka.raft.join = on</c> for a node that is no first member.</param>
    public static async Task<int> Run(string id, string endpoints, string folder, string settings)
    {
        RaftMember[] members = [.. endpoints.Split(',').Select(RaftMember.Parse)];
        var config = ConfigurationFactory.ParseString(settings).WithFallback(RaftHocon.Node(members.Single(member => member.Id.Value == id).Address)).WithFallback(AkkaRaft.Raft.DefaultConfig());
        using var system = ActorSystem.Create(RaftHocon.SystemName, config);
        var machine = config.GetString("bench.machine") == BulkMachine.Name ? Props.Create(() => new BulkMachine()) : Props.Create(() => new ValueMachine());
        var own = RaftSettings.Create(system);
        var group = AkkaRaft.Raft.Get(system).Start(machine, own
            .WithClusterId(RaftHocon.Cluster)
            .WithNodeId(NodeId.Parse(id))
            .WithMembers(own.Join ? [] : members)
            .WithDataDir(folder));
        await group.WhenReady;
        await using var client = RaftClient.Create(system, RaftClientSettings.Default.WithClusterId(RaftHocon.Cluster).WithContactPoints(members));
        await WorkerProgram.Serve(new RaftStoreClient(client));
        return 0;
    }
}

/// <summary>What an application of ours writes into its HOCON (hocon/node.conf, hocon/client.conf), and quiet logs.</summary>
internal static class RaftHocon
{
    public const string SystemName = "bench";

    public static readonly ClusterId Cluster = ClusterId.Parse("bench");

    public static Config Client { get; } = Remoting("127.0.0.1:0");

    public static Config Node(string address) => Remoting(address);

    static Config Remoting(string address) => ConfigurationFactory.ParseString(
        $$"""
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          log-dead-letters = off
          loggers = ["AkkaRaft.Samples.Common.StderrLogger, AkkaRaft.Samples.Common"]
          actor.provider = remote
          actor.serializers.bench = "AkkaRaft.Benchmarks.Contenders.Raft.ValueSerializer, AkkaRaft.Benchmarks"
          actor.serialization-bindings {
            "AkkaRaft.Benchmarks.Contenders.Raft.IValueMessage, AkkaRaft.Benchmarks" = bench
          }
          remote {
            retry-gate-closed-for = 200ms
            prune-quarantine-marker-after = 5s
            log-remote-lifecycle-events = off
            dot-netty.tcp {
              hostname = "{{address[..address.LastIndexOf(':')]}}"
              port = {{address[(address.LastIndexOf(':') + 1)..]}}
              tcp-reuse-addr = off
            }
          }
        }
        """);
}
