using System.CommandLine;
using Akka.Event;

namespace AkkaRaft.Samples.Common;

/// <summary>What the command line says of a client.</summary>
/// <param name="Peers">Where nodes are.</param>
/// <param name="Cluster">The cluster's name.</param>
/// <param name="Timeout">For each operation.</param>
/// <param name="Log">What it logs.</param>
public sealed record ClientOptions(IReadOnlyList<RaftMember> Peers, ClusterId Cluster, TimeSpan Timeout, LogLevel Log)
{
    /// <summary>HOCON that is put over the program's own, without what the command line says; null for none.</summary>
    public FileInfo? ConfigFile { get; init; }
}

/// <summary>The options that all commands of a client have.</summary>
public sealed class ClientOptionSet
{
    readonly SampleApp _app;
    readonly TimeSpan _defaultTimeout;
    readonly Option<IReadOnlyList<RaftMember>> _peers;
    readonly Option<ClusterId> _cluster;
    readonly Option<TimeSpan> _timeout;
    readonly Option<FileInfo> _config;
    readonly Option<LogLevel> _log;

    /// <summary>Makes them, for a program.</summary>
    /// <param name="app">The program.</param>
    /// <param name="timeout">How long an operation may take unless told; null for 5 s.</param>
    public ClientOptionSet(SampleApp app, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(app);
        _app = app;
        _defaultTimeout = timeout ?? TimeSpan.FromSeconds(5);
        _peers = new Option<IReadOnlyList<RaftMember>>("--peers")
        {
            Description = $"Where nodes are: 1=host:port,2=host:port,... as their own lists have them. [default: {app.Peers?.Description ?? "1,2,3 on this machine"}]",
            HelpName = "LIST",
            CustomParser = Parsed.As(text => PeerList.Parse([text], app.BasePort)),
        };
        _cluster = ServerCommand.ClusterOption(app);
        _timeout = new Option<TimeSpan>("--timeout")
        {
            Description = $"How long an operation may take, such as 500ms or 20s. [default: {_defaultTimeout.TotalSeconds}s]",
            HelpName = "TIME",
            CustomParser = Parsed.As(DurationText.Parse),
        };
        _config = ConfigFile.Option("A HOCON file with settings of the client, such as hocon/tls.conf: clients of nodes with TLS need it too.");
        _log = ServerCommand.LogOption(LogLevel.WarningLevel);
    }

    /// <summary>Gives them to a command.</summary>
    public void AddTo(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        command.Add(_peers);
        command.Add(_cluster);
        command.Add(_timeout);
        command.Add(_config);
        command.Add(_log);
    }

    /// <summary>What was said.</summary>
    public ClientOptions Read(ParseResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new ClientOptions(
            result.GetResult(_peers) is null ? _app.Peers?.Read(result) ?? PeerList.Default(_app.BasePort) : result.GetRequiredValue(_peers),
            result.Or(_cluster, ClusterId.Parse(_app.Name)),
            result.Or(_timeout, _defaultTimeout),
            result.Or(_log, LogLevel.WarningLevel))
        {
            ConfigFile = result.GetValue(_config),
        };
    }
}
