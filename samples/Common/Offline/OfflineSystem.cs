using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Event;

namespace AkkaRaft.Samples.Common.Offline;

/// <summary>Runs a command on the data of a node that does not run: in an actor system that nobody can reach.</summary>
public static class OfflineSystem
{
    /// <summary>Runs it.</summary>
    /// <param name="app">The program.</param>
    /// <param name="options">Which node.</param>
    /// <param name="run">The command; returns its exit code.</param>
    /// <returns>The exit code; <see cref="ExitCodes.NotApplied"/>, with a sentence on stderr, if it was refused or failed.</returns>
    public static async Task<int> Run(SampleApp app, OfflineOptions options, Func<ActorSystem, RaftSettings, Task<int>> run)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(run);
        ActorSystem? system = null;
        try
        {
            var config = NodeConfig.Of(app, options.Node, SampleHocon.Offline(LogLevel.WarningLevel), options.ConfigFile);
            system = ActorSystem.Create(app.Name, BootstrapSetup.Create().WithConfig(config));
            var settings = RaftSettings.Create(system).WithClusterId(options.Cluster).WithNodeId(options.Node);
            return await run(system, options.DataDir is null ? settings : settings.WithDataDir(options.DataDir));
        }
        catch (Exception problem)
        {
            StderrLogger.Say(NodeConfig.Sentence(problem, options.ConfigFile));
            return ExitCodes.NotApplied;
        }
        finally
        {
            if (system is not null) await system.Terminate();
        }
    }
}
