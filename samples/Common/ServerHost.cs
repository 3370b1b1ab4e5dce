using System.Net.Sockets;
using System.Runtime.InteropServices;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;

namespace AkkaRaft.Samples.Common;

/// <summary>Runs one node in this process, until a signal or until it cannot go on.</summary>
public static class ServerHost
{
    // A node that is told to stop is gone after 5 s, whatever its disk does.
    static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(4);

    /// <summary>Runs the node.</summary>
    /// <returns>0 if it was told to stop; <see cref="ExitCodes.Failure"/>, with a sentence on stderr, if it could not start or not go on.</returns>
    public static async Task<int> Run(SampleApp app, ServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(options);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);

        StderrLogger.Hold();
        ActorSystem? system = null;
        var code = ExitCodes.Done;
        try
        {
            // On another thread: a signal is to be heard while the system starts.
            var start = Task.Run(() => Start(app, options));
            await Task.WhenAny(start, told.Task);
            if (start.IsCompleted || start.Wait(StopLimit))
            {
                (system, var group) = await start;
                code = await Watch(group, told.Task);
            }
        }
        catch (Exception problem)
        {
            // What the log has to say of it stays where it is, unless all of it is wanted.
            if (options.Log == LogLevel.DebugLevel) StderrLogger.Release();
            StderrLogger.Say(Sentence(options, problem));
            code = ExitCodes.Failure;
        }

        await Stop(system);
        return code;

        void OnSignal(PosixSignalContext signal)
        {
            signal.Cancel = true;
            told.TrySetResult();
        }
    }

    static (ActorSystem System, RaftGroup Group) Start(SampleApp app, ServerOptions options)
    {
        var system = ActorSystem.Create(app.Name, BootstrapSetup.Create().WithConfig(ConfigOf(app, options)));
        try
        {
            var settings = RaftSettings.Create(system).WithClusterId(options.Cluster).WithNodeId(options.Node);
            settings = options.Join ? settings.WithMembers().WithJoin(true) : settings.WithMembers(options.Members);
            if (options.DataDir is not null) settings = settings.WithDataDir(options.DataDir);
            return (system, Raft.Get(system).Start(app.Machine, settings));
        }
        catch
        {
            system.Terminate().Wait(StopLimit);
            throw;
        }
    }

    static Config ConfigOf(SampleApp app, ServerOptions options)
    {
        var self = HostPort.Parse(options.Self.Address);
        var ours = SampleHocon.Node(self, options.Listen ?? self, options.Log)
            .WithFallback(ConfigurationFactory.ParseString($"akka.raft.data-dir = \"./{app.Name}-data/{options.Node}\""));
        return ConfigFile.Over(ours, options.ConfigFile);
    }

    static async Task<int> Watch(RaftGroup group, Task told)
    {
        await Task.WhenAny(group.WhenReady, group.WhenStopped, told);
        if (told.IsCompleted)
        {
            StderrLogger.Release();
            return ExitCodes.Done;
        }

        await group.WhenReady;
        StderrLogger.Release();
        StderrLogger.Say("ready");

        await Task.WhenAny(group.WhenStopped, told);
        if (!group.WhenStopped.IsCompleted || (await group.WhenStopped).Cause is not { } cause) return ExitCodes.Done;
        StderrLogger.Say(cause.Message);
        return ExitCodes.Failure;
    }

    static async Task Stop(ActorSystem? system)
    {
        if (system is null) return;
        try
        {
            await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClrExitReason.Instance).WaitAsync(StopLimit);
        }
        catch (TimeoutException)
        {
            // What it acknowledged is durable; the process ends without the rest.
        }
    }

    static string Sentence(ServerOptions options, Exception problem)
    {
        var causes = new List<Exception>();
        for (var cause = problem; cause is not null; cause = cause.InnerException) causes.Add(cause);

        if (causes.OfType<SocketException>().FirstOrDefault() is { } socket)
            return $"Node \"{options.Node}\" refuses to start: it cannot listen at {options.Listen?.ToString() ?? options.Self.Address}: {socket.Message}.";
        // Our own speaks to people; what others have wrapped or were wrapped around does not.
        var said = (causes.Find(c => c.GetType().Assembly == typeof(Raft).Assembly) ?? causes[^1]).Message;
        // What the file says is what may be wrong with a configuration that is good without it.
        var isOfFile = options.ConfigFile is not null && !said.StartsWith("--config ", StringComparison.Ordinal)
            && causes.Exists(c => c is ConfigurationException or TypeLoadException or NullReferenceException or FormatException);
        return isOfFile ? $"With --config {options.ConfigFile}: {said}" : said;
    }
}
