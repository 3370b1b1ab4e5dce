using Akka.Actor;
using Akka.Actor.Setup;

namespace AkkaRaft.Samples.Common;

/// <summary>A client of a cluster in this process, whose operations end with what is known instead of with exceptions.</summary>
public sealed class ClientSession : IAsyncDisposable
{
    // What the client promises to end by itself is given this long more, and then given up.
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    readonly ActorSystem _system;
    readonly RaftClient _client;

    ClientSession(ActorSystem system, RaftClient client) => (_system, _client) = (system, client);

    /// <summary>Makes an ActorSystem and a client in it. Who only reads needs no farewell; a command opens a session in the group, which should be closed (<see cref="DisposeAsync"/>).</summary>
    /// <exception cref="RaftSettingsException">The options, or what the configuration file says, cannot work.</exception>
    /// <exception cref="FormatException">The configuration file cannot be used.</exception>
    public static ClientSession Open(SampleApp app, ClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(options);
        var config = ConfigFile.Over(SampleHocon.Client(HostPort.LocalTowards(HostPort.Parse(options.Peers[0].Address)), options.Log), options.ConfigFile);
        var system = ActorSystem.Create($"{app.Name}-client", BootstrapSetup.Create().WithConfig(config));
        return new ClientSession(system, RaftClient.Create(system, RaftClientSettings.Default
            .WithClusterId(options.Cluster)
            .WithSystemName(app.Name)
            .WithContactPoints(options.Peers)
            .WithRequestTimeout(options.Timeout)));
    }

    /// <summary>Closes the client's session in the group: it would else take a place there until it expires. If that is lost, it does.</summary>
    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await Task.WhenAny(_system.Terminate(), Task.Delay(Grace));
    }

    /// <summary>Proposes a command.</summary>
    public Task<Outcome<T>> Propose<T>(object command, TimeSpan timeout)
        where T : class => Run(_client.ProposeDetailed<T>(command, timeout), timeout, isQuery: false);

    /// <summary>Asks a query.</summary>
    /// <param name="query">The query.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="read">How new the answer must be, and who gives it; null for linearizable at the leader.</param>
    public Task<Outcome<T>> Query<T>(object query, TimeSpan timeout, ReadOptions? read = null)
        where T : class => Run(_client.QueryDetailed<T>(query, read ?? ReadOptions.Default, timeout), timeout, isQuery: true);

    /// <summary>What all nodes together know of why there is no leader or no commit, and how each is. It never fails because nodes do not answer.</summary>
    /// <param name="timeout">How long to wait for each node.</param>
    public Task<RaftDiagnosis> Diagnose(TimeSpan timeout) => _client.Diagnose(timeout);

    /// <summary>Asks the leader to hand its leadership over; null for the most up-to-date voter.</summary>
    public Task<Outcome<LeaderInfo>> TransferLeadership(NodeId? to, TimeSpan timeout) =>
        Run(NewLeader(to, timeout), timeout, isQuery: false);

    /// <summary>Reads or changes who belongs to the group. It ends in the times that the calls were given.</summary>
    /// <exception cref="ArgumentException">What is wanted cannot be, and nothing was changed.</exception>
    public async Task<Outcome<RaftConfiguration>> Members(Func<RaftClient, Task<RaftConfiguration>> calls)
    {
        ArgumentNullException.ThrowIfNull(calls);
        return await Run(Result(), RaftClient.MaxTimeout, isQuery: false);

        async Task<RaftResult<RaftConfiguration>> Result()
        {
            var configuration = await calls(_client);
            return new RaftResult<RaftConfiguration>(configuration, configuration.Index, default);
        }
    }

    /// <summary>Makes a backup. It ends in the time that the call was given.</summary>
    public Task<RaftBackup> Backup(Func<RaftClient, Task<RaftBackup>> call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return call(_client);
    }

    async Task<RaftResult<LeaderInfo>> NewLeader(NodeId? to, TimeSpan timeout)
    {
        var leader = await _client.TransferLeadership(to, timeout);
        return new RaftResult<LeaderInfo>(leader, default, leader.Node);
    }

    static async Task<Outcome<T>> Run<T>(Task<RaftResult<T>> operation, TimeSpan timeout, bool isQuery)
        where T : class
    {
        try
        {
            return Outcome<T>.Ok(await operation.WaitAsync(timeout + Grace));
        }
        catch (RaftException problem)
        {
            return problem.Outcome switch
            {
                RaftOutcome.NotApplied => Outcome<T>.Failed(problem.Message),
                // It was answered, so that nothing is open; but there is no answer to give.
                RaftOutcome.Applied when isQuery => Outcome<T>.Failed(problem.Message),
                _ => Outcome<T>.Unknown(problem.Message),
            };
        }
        catch (TimeoutException)
        {
            return Outcome<T>.Unknown($"The client did not end the operation within its time of {timeout.TotalMilliseconds:0} ms. It may have been applied.");
        }
    }
}
