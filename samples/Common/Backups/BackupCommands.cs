using System.CommandLine;

namespace AkkaRaft.Samples.Common.Backups;

/// <summary>The command that writes a backup of a running cluster, or reads one to its end.</summary>
public static class BackupCommands
{
    static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(1);

    /// <summary><c>backup</c>.</summary>
    public static Command Create(SampleApp app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var file = new Argument<string>("file") { Description = "The file. It is there when it is whole, and not before." };
        var node = new Option<NodeId?>("--node")
        {
            Description = "The node that gives its snapshot. [default: a follower that is up to date]", HelpName = "ID", CustomParser = Parsed.As<NodeId?>(text => NodeId.Parse(text)),
        };
        var force = new Option<bool>("--force") { Description = "A file of that name is replaced, once the backup is whole." };
        var verify = new Option<bool>("--verify") { Description = "Makes no backup: reads the file to its end, compares all checksums, and prints what it holds. Exit code 1 if it is not whole." };
        var options = new ClientOptionSet(app, RaftClient.DefaultBackupTimeout);
        var command = new Command("backup",
            "Writes a consistent backup of the running cluster to a file: all that was acknowledged by now. Writes go on meanwhile. Exit code 1 if the file is there already, 3 if there is no backup.")
        {
            file, node, force, verify,
        };
        options.AddTo(command);
        command.SetAction((result, _) => result.GetValue(verify)
            ? Task.FromResult(Verify(result.GetRequiredValue(file)))
            : Make(app, options.Read(result), result.GetRequiredValue(file), new RaftBackupOptions { From = result.GetValue(node), Overwrite = result.GetValue(force) }));
        return command;
    }

    static int Verify(string file)
    {
        try
        {
            return StandardOutput.WriteLine(BackupText.Of(file, RaftBackup.Verify(file)), ExitCodes.Done);
        }
        catch (RaftBackupException wrong)
        {
            StderrLogger.Say(wrong.Message);
            return ExitCodes.DataSaysNo;
        }
    }

    static async Task<int> Make(SampleApp app, ClientOptions said, string file, RaftBackupOptions options)
    {
        if (StandardOutput.Obstacle() is { } obstacle)
        {
            StderrLogger.Say(obstacle);
            return ExitCodes.Failure;
        }

        StderrLogger.Say($"writes a backup of cluster {said.Cluster} to {file}{(options.From is { } node ? $", from node {node}" : "")}{(options.Overwrite ? ", in place of a file of that name" : "")}");
        // A node that says nothing is given up long before all of it has to be done.
        await using var session = ClientSession.Open(app, said with { Timeout = SilenceOf(said.Timeout) });
        try
        {
            var backup = await session.Backup(client => client.Backup(file, options, new Lines(), said.Timeout));
            return StandardOutput.WriteLine(BackupText.Line(file, backup), ExitCodes.Done);
        }
        catch (RaftException failed)
        {
            StderrLogger.Say(failed.Message);
            return failed is RaftBackupException { Failure: RaftBackupFailure.FileExists } ? ExitCodes.DataSaysNo : ExitCodes.NotApplied;
        }
        catch (ArgumentException wrong)
        {
            StderrLogger.Say(wrong.Message.Split(" (Parameter", 2)[0]);
            return ExitCodes.DataSaysNo;
        }
    }

    static TimeSpan SilenceOf(TimeSpan timeout) => timeout < TimeSpan.FromSeconds(10) ? timeout : TimeSpan.FromSeconds(10);

    /// <summary>A line now and then, and one for each node and for the end.</summary>
    sealed class Lines : IProgress<RaftBackupProgress>
    {
        readonly System.Diagnostics.Stopwatch _since = new();
        string _last = "";

        public void Report(RaftBackupProgress value)
        {
            var line = BackupText.Progress(value);
            var isWorthIt = value.TotalBytes == 0 || value.Bytes == value.TotalBytes || !_since.IsRunning || _since.Elapsed >= BetweenLines;
            if (line == _last || !isWorthIt) return;
            _last = line;
            _since.Restart();
            StderrLogger.Say(line);
        }
    }
}
