using System.CommandLine;

namespace AkkaRaft.Samples.Common.Offline;

/// <summary><c>restore FILE ID PEER...</c>: makes the data of a node of a new cluster from a backup.</summary>
public static class RestoreCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(SampleApp app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var file = new Argument<FileInfo>("file") { Description = "The backup." };
        var options = new OfflineOptionSet(app);
        var peers = new Argument<string[]>("peer")
        {
            Description = "The nodes that found the new cluster, this one included, as for server; each is restored from the same backup. Or only this node: the others are added later.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("restore",
            "Makes the data of a node of a new cluster from a backup, in an empty folder. The new cluster has a name of its own (--cluster); start the nodes with it afterwards.") { file };
        options.AddTo(command);
        command.Add(peers);
        command.SetAction((result, _) => OfflineSystem.Run(app, options.Read(result), async (system, settings) =>
        {
            var founders = settings.WithMembers(PeerList.Parse(result.GetRequiredValue(peers), app.BasePort)).WithJoin(false);
            var path = result.GetRequiredValue(file).FullName;
            StderrLogger.Say($"makes the data of node {settings.NodeId} of cluster {settings.ClusterId} from {path}");
            await using var node = await RaftOfflineNode.Restore(system, founders, path);
            StderrLogger.Say($"Done. When all of its nodes are restored, start each: {app.Name} server {settings.NodeId} {string.Join(' ', founders.Members)} --cluster {settings.ClusterId} --data {settings.DataDir}");
            Console.WriteLine(OfflineText.Of(node.Report));
            return ExitCodes.Done;
        }));
        return command;
    }
}
