using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.Common;
using AkkaRaft.Samples.Hashmap;

namespace AkkaRaft.Samples.ClusterLauncher.Traffic;

/// <summary>The launcher's own client of the cluster: a <see cref="RaftClient"/> that speaks the hashmap's commands.</summary>
internal sealed class ClusterClient : IAsyncDisposable
{
    readonly ActorSystem _system;
    readonly RaftClient _client;

    ClusterClient(ActorSystem system, RaftClient client) => (_system, _client) = (system, client);

    /// <summary>Makes a client; it connects when it is first used.</summary>
    public static ClusterClient Connect(HashmapCluster cluster)
    {
        // The screen is not the place for what Akka.Remote thinks of nodes that were killed on purpose.
        var silence = ConfigurationFactory.ParseString("akka { loglevel = OFF, loggers = [] }");
        var setup = BootstrapSetup.Create().WithConfig(silence.WithFallback(ConfigFile.Over(SampleHocon.Client("127.0.0.1", LogLevel.ErrorLevel), cluster.ConfigFile)));
        var system = ActorSystem.Create("launcher", setup);
        return new ClusterClient(system, RaftClient.Create(system, RaftClientSettings.Default
            .WithClusterId(ClusterId.Parse(HashmapApp.App.Name))
            .WithSystemName(HashmapApp.App.Name)
            .WithContactPoints(PeerList.Parse([cluster.Peers], HashmapApp.BasePort))));
    }

    /// <summary>Writes; the node that acknowledged it.</summary>
    /// <exception cref="RaftException">It was not acknowledged; the exception says what is known.</exception>
    public async Task<NodeId> Put(string key, string json, CancellationToken cancellationToken = default)
    {
        var done = await _client.ProposeDetailed<Answer>(new Put(key, Compact(json)), cancellationToken: cancellationToken);
        RefuseIfRefused(done.Value);
        return done.Answerer;
    }

    /// <summary>Reads, linearizably; null if there is no such key.</summary>
    /// <exception cref="RaftException">There is no answer.</exception>
    public async Task<string?> Get(string key, CancellationToken cancellationToken = default) =>
        (await _client.Query<Answer>(new Get(key), cancellationToken: cancellationToken)).Value;

    /// <summary>Adds to the number under a key.</summary>
    /// <exception cref="RaftException">It was not acknowledged; the exception says what is known.</exception>
    public async Task Add(string key, string amount, CancellationToken cancellationToken = default) =>
        RefuseIfRefused(await _client.Propose<Answer>(new Add(key, amount), cancellationToken: cancellationToken));

    /// <summary>What a node has by itself, once it has applied the log up to an index; null if there is no such key.</summary>
    /// <exception cref="RaftException">There is no answer.</exception>
    public async Task<string?> GetLocal(string node, string key, LogIndex minIndex)
    {
        var options = new ReadOptions { Consistency = ReadConsistency.Local, From = ReadFrom.Node(NodeId.Parse(node)), MinIndex = minIndex };
        return (await _client.Query<Answer>(new Get(key), options)).Value;
    }

    /// <summary>Writes if the expected value is there ("null": if the key is absent).</summary>
    /// <returns>Whether it was.</returns>
    /// <exception cref="RaftException">It was not acknowledged; the exception says what is known.</exception>
    public async Task<bool> Cas(string key, string expected, string replacement)
    {
        var done = await _client.Propose<Answer>(new Cas(key, Compact(expected), Compact(replacement)));
        RefuseIfRefused(done);
        return done.Yes;
    }

    /// <summary>Who leads, by its own word.</summary>
    /// <exception cref="NotLeaderException">Nobody in time.</exception>
    public Task<LeaderInfo> FindLeader(TimeSpan timeout, CancellationToken cancellationToken) => _client.FindLeader(timeout, cancellationToken);

    /// <summary>Asks who leads, and learns by it where the members are by now; null if nobody says so in time.</summary>
    public async Task<LeaderInfo?> TryFindLeader(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.FindLeader(timeout, cancellationToken);
        }
        catch (NotLeaderException)
        {
            return null;
        }
    }

    /// <summary>For what concerns members.</summary>
    public RaftClient Raft => _client;

    /// <summary>Asks the leader to hand its leadership over, to a node or to the most up-to-date one.</summary>
    /// <exception cref="RaftException">The old leader leads on, or nobody knows.</exception>
    public Task<LeaderInfo> Transfer(string? to) => _client.TransferLeadership(to is null ? null : NodeId.Parse(to));

    /// <summary>How a node sees itself; null if it does not say in time.</summary>
    public async Task<RaftStatus?> TryStatus(string node, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.GetStatus(NodeId.Parse(node), timeout, cancellationToken);
        }
        catch (NodeUnreachableException)
        {
            return null;
        }
    }

    /// <summary>Why there is no leader, or no commit; it does not fail because nodes do not answer.</summary>
    public Task<RaftDiagnosis> Diagnose(TimeSpan timeout) => _client.Diagnose(timeout);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _system.Terminate();
    }

    static string Compact(string json) => JsonValue.TryParse(json, out var value, out var error) ? value : throw new FormatException(error);

    static void RefuseIfRefused(Answer result)
    {
        if (result.Refusal is { } refusal) throw new FormatException(refusal);
    }
}
