using System.CommandLine;

namespace AkkaRaft.Samples.Common.Offline;

/// <summary><c>recover ID</c>: the way out when a majority is lost for good. It shows what would be lost, and changes nothing until it is told to write.</summary>
public static class RecoverCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(SampleApp app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var options = new OfflineOptionSet(app);
        var survivors = new Option<IReadOnlyList<NodeId>?>("--survivors")
        {
            Description = "Which nodes are left, this one included, such as 2,3. The others come back with empty folders.",
            HelpName = "ID,...",
            CustomParser = Parsed.As<IReadOnlyList<NodeId>?>(text => [.. text.Split(',', StringSplitOptions.TrimEntries).Select(NodeId.Parse)]),
        };
        var write = new Option<bool>("--write") { Description = "Do it. Without this only what would be done is shown." };
        var command = new Command("recover",
            "When a majority of the cluster is lost for good: makes this node, which is stopped, the only voter. What only the lost nodes had is lost. Shows what that means, and changes nothing without --write.");
        options.AddTo(command);
        command.Add(survivors);
        command.Add(write);
        command.Validators.Add(result =>
        {
            if (result.GetValue(write) && result.GetResult(survivors) is null && Console.IsInputRedirected) result.AddError("--write needs --survivors: name all nodes that are left.");
        });
        command.SetAction((result, _) => OfflineSystem.Run(app, options.Read(result), async (system, settings) =>
        {
            await using var node = await RaftOfflineNode.Open(system, settings);
            return await Recover(node, result.GetValue(survivors), result.GetValue(write));
        }));
        return command;
    }

    static async Task<int> Recover(RaftOfflineNode node, IReadOnlyList<NodeId>? survivors, bool write)
    {
        var before = node.Report;
        Console.WriteLine(OfflineText.Of(before));
        if (before.Configuration is { RecoveryMark: not 0 } now && before.LastEntry.Index == now.Index)
        {
            StderrLogger.Say($"It was recovered already, and has not led since: start it. Nothing was changed. Another recovery would leave behind whoever has joined it meanwhile.");
            return ExitCodes.Done;
        }

        survivors ??= Asked(before);
        if (survivors is null)
        {
            StderrLogger.Say("Nothing was changed. Look at each survivor in this way, take the one with the latest last entry, and name there all that are left: --survivors ID,...");
            return ExitCodes.Done;
        }

        Console.WriteLine(OfflineText.Plan(before, node.Plan(survivors)));
        if (!write)
        {
            StderrLogger.Say("Nothing was changed. To do it, stop the lost nodes for good and run this again with --write.");
            return ExitCodes.Done;
        }

        if (!Console.IsInputRedirected && Answer("Type the cluster's name to go on: ") != before.Cluster.Value)
        {
            StderrLogger.Say("Nothing was changed.");
            return ExitCodes.NotApplied;
        }

        var after = await node.Recover(survivors);
        StderrLogger.Say($"Done. Start node {after.Node} as before: it leads at once. Empty the folders of the other survivors and start them with --join; add further nodes with members add.");
        Console.WriteLine(OfflineText.Of(after));
        return ExitCodes.Done;
    }

    static IReadOnlyList<NodeId>? Asked(RaftOfflineReport before)
    {
        if (Console.IsInputRedirected) return null;
        var answer = Answer($"Which nodes are left, {before.Node} included (such as {before.Node}; nothing to leave all as it is)? ");
        return string.IsNullOrWhiteSpace(answer) ? null : [.. answer.Split(',', StringSplitOptions.TrimEntries).Select(NodeId.Parse)];
    }

    static string? Answer(string question)
    {
        Console.Error.Write(question);
        return Console.ReadLine()?.Trim();
    }
}
