using AkkaRaft.Benchmarks.Contenders;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Benchmarks.Workers;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>A contender's nodes, and a client of them in a process of its own.</summary>
internal sealed class RunningContender : IAsyncDisposable
{
    const int Tries = 5;

    static readonly TimeSpan s_settling = TimeSpan.FromSeconds(3);
    static readonly TimeSpan s_settled = TimeSpan.FromSeconds(1);

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
    /// <param name="nodes">How many nodes.</param>
    public static async Task<RunningContender> Start(IContender contender, string folder, int nodes = 3)
    {
        Directory.CreateDirectory(folder);
        var cluster = await contender.Start(folder, nodes);
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

    /// <summary>Stops all of it, so that it takes nothing of the machine while others are measured.</summary>
    public void Pause()
    {
        Client.Pause();
        Cluster.Pause();
    }

    /// <summary>Lets all of it go on, and waits until it serves: it may need an election, and connections anew.</summary>
    public async Task Resume()
    {
        Cluster.Resume();
        Client.Resume();
        for (var tries = 0; tries < Tries; tries++)
        {
            if (await Client.Run(new LoadRequest(LoadKind.Write, 100, 0, s_settling, s_settled)) is { Failed: 0, Done: > 0 }) return;
        }

        throw new InvalidOperationException($"{Contender.Title} did not serve without failures within {Tries * (s_settling + s_settled).TotalSeconds:0} s after it had been stopped for others to be measured.");
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Cluster.DisposeAsync();
    }
}
