using System.Diagnostics;
using Akka.Actor;
using AkkaRaft.Benchmarks.Contenders.Raft;

namespace AkkaRaft.Benchmarks.Contenders.Today;

/// <summary>
/// A client outside of the cluster that asks an actor of a node, and the next node's when that one does not answer. Akka's ClusterClient would send each message through the receptionist's actor of a
/// node on top; here it goes straight to the actor that the node has for it, and the answer straight back.
/// </summary>
internal sealed class TodayClient : IStoreClient
{
    /// <summary>Under this name every node has an actor that is asked.</summary>
    public const string ActorName = "store";

    /// <summary>A message that is answered by the place of the node that did.</summary>
    public const string Where = "where";

    // Until a node that was killed is given up by the others, Akka.Cluster takes three quarters of a minute by its defaults.
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    static readonly TimeSpan s_attempt = TimeSpan.FromSeconds(5);

    readonly ActorSystem _system = ActorSystem.Create("bench-client", RaftHocon.Client);
    readonly ActorSelection[] _nodes;
    readonly IActorRef?[] _actors;
    int _node;

    public TodayClient(string endpoints)
    {
        _nodes = [.. endpoints.Split(',').Select(address => _system.ActorSelection($"akka.tcp://{RaftHocon.SystemName}@{address}/user/{ActorName}"))];
        _actors = new IActorRef?[_nodes.Length];
    }

    // The value is in a frame of its own before the caller may use it again: the answer comes after that.
    public Task Write(int key, ReadOnlyMemory<byte> value) => Ask<StoredBytes>(new PutValue(key, value));

    public Task Read(int key) => Ask<StoredBytes>(new GetValue(key));

    /// <summary>The place of the node whose actor answers.</summary>
    public Task<int> Place() => Ask<int>(Where);

    public async ValueTask DisposeAsync() => await _system.Terminate();

    async Task<T> Ask<T>(object message)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            var node = Volatile.Read(ref _node);
            try
            {
                // Found once, an actor costs no path of a selection in each message.
                var actor = Volatile.Read(ref _actors[node]);
                if (actor is null) Volatile.Write(ref _actors[node], actor = await _nodes[node].ResolveOne(s_attempt).ConfigureAwait(false));
                return await actor.Ask<T>(message, s_attempt).ConfigureAwait(false);
            }
            catch (Exception problem) when (problem is AskTimeoutException or ActorNotFoundException && Stopwatch.GetElapsedTime(begun) < s_patience)
            {
                Volatile.Write(ref _actors[node], null);
                Interlocked.CompareExchange(ref _node, (node + 1) % _nodes.Length, node);
            }
        }
    }
}
