using System.CommandLine;

namespace AkkaRaft.Samples.Common.Offline;

/// <summary>Which node's data a command works on.</summary>
/// <param name="Node">Its id.</param>
/// <param name="Cluster">Its cluster.</param>
/// <param name="DataDir">The folder of its journals; null for what the configuration file says, or the default.</param>
/// <param name="ConfigFile">HOCON that is put over the program's own; null for none.</param>
public sealed record OfflineOptions(NodeId Node, ClusterId Cluster, string? DataDir, FileInfo? ConfigFile);

/// <summary>The options of the commands that work on the data of a node that does not run.</summary>
public sealed class OfflineOptionSet
{
    readonly SampleApp _app;
    readonly Argument<NodeId> _id = new("id") { Description = "The node's id.", CustomParser = Parsed.As(NodeId.Parse) };
    readonly Option<string?> _data;
    readonly Option<FileInfo> _config = ConfigFile.Option("A HOCON file with the settings of the node, as it is started with: data-dir, or the journal plug-in of another database.");
    readonly Option<ClusterId> _cluster;

    /// <summary>Makes them.</summary>
    public OfflineOptionSet(SampleApp app)
    {
        ArgumentNullException.ThrowIfNull(app);
        _app = app;
        _data = ServerCommand.DataOption(app);
        _cluster = ServerCommand.ClusterOption(app);
    }

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        command.Add(_id);
        if (_app.DataOf is null) command.Add(_data);
        command.Add(_config);
        command.Add(_cluster);
    }

    /// <summary>What the command line says.</summary>
    public OfflineOptions Read(ParseResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var node = result.GetRequiredValue(_id);
        return new OfflineOptions(
            node, result.Or(_cluster, ClusterId.Parse(_app.Name)), _app.DataOf is { } folder ? folder(result, node) : result.GetValue(_data), result.GetValue(_config));
    }
}
