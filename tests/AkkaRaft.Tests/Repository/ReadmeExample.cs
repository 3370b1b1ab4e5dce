using Akka.Actor;
using Akka.Configuration;
using AkkaRaft;

public sealed record Add(long Amount);

public sealed record Get;

public sealed class Counter : RaftStateMachine
{
    long _value;

    public Counter()
    {
        Command<Add>(add => _value += add.Amount);   // on every node, in log order; the result goes to the proposer
        Query<Get>(_ => _value);                     // on the leader, once a majority has confirmed that it still leads
        Snapshot(() => _value, v => _value = v);     // stands for the log before it, which is then deleted
    }
}

public static class CounterProgram
{
    public static async Task Run(string node, string address, string dataFolder)
    {
        var system = ActorSystem.Create("counter", ConfigurationFactory.ParseString($$"""
            akka.actor.provider = remote
            akka.remote { retry-gate-closed-for = 200ms, prune-quarantine-marker-after = 5s }
            akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = {{address.Split(':')[1]}}, tcp-reuse-addr = off }
            akka.raft { cluster-id = counter, node-id = "{{node}}", members = ["{{node}}={{address}}"], data-dir = "{{dataFolder}}" }
            """));
        var group = Raft.Get(system).Start(Props.Create(() => new Counter()), RaftSettings.Create(system));
        await group.WhenReady;
        Console.WriteLine(await group.Propose<long>(new Add(3)));
        Console.WriteLine(await group.Query<long>(new Get()));
        await system.Terminate();
    }
}
