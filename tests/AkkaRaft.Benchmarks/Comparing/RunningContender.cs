using AkkaRaft.Benchmarks.Contenders;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Benchmarks.Workers;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>A contender's nodes, and a client of them in a process of its own.</summary>
internal sealed class RunningContender : IAsyncDisposable
{
    const int Nodes = 3;

    RunningContender(IContender contender, IContenderCluster cluster, WorkerProcess client)
    {
        Contender = contender;
        Cluster = cluster;
        Client = client;
    }

    public IContender Contender { get; }

    public IContenderCluster Cluster { get; }

    public WorkerProcess Client { get; }

    /// <summary>Starts all of it.</summary>
    /// <param name="contender">Whose.</param>
    /// <param name="folder">An empty folder on the disk that is measured; made if it is not there.</param>
    public static async Task<RunningContender> Start(IContender contender, string folder)
    {
        Directory.CreateDirectory(folder);
        var cluster = await contender.Start(folder, Nodes);
        try
        {
            return new RunningContender(contender, cluster, await WorkerProcess.Start(Path.Combine(folder, "client.log"), ["client", contender.Name, cluster.Endpoints]));
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Puts a load on it that nobody measures: the first seconds of a .NET process are its JIT's.</summary>
    public async Task WarmUp(TimeSpan time, int inFlight = 1000)
    {
        await Client.Run(new LoadRequest(LoadKind.Write, inFlight, 0, time, TimeSpan.Zero));
        await Client.Run(new LoadRequest(LoadKind.Read, 100, 0, time / 5, TimeSpan.Zero));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Cluster.DisposeAsync();
    }
}
