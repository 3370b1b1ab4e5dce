using System.CommandLine;
using AkkaRaft.Samples.Common;
using AkkaRaft.Samples.Common.Accounts;
using AkkaRaft.Samples.Common.Backups;
using AkkaRaft.Samples.Common.Members;
using AkkaRaft.Samples.Common.Offline;
using AkkaRaft.Samples.Hashmap;
using AkkaRaft.Samples.Hashmap.Driving;

var root = new RootCommand("A replicated map of keys to JSON values: its nodes (server), a command for each operation, and drive for tools.")
{
    ServerCommand.Create(HashmapApp.App, options => ServerHost.Run(HashmapApp.App, options)),
};
foreach (var command in ClientCommands.Create()) root.Add(command);
foreach (var command in AccountCommands.Create(HashmapApp.App)) root.Add(command);
root.Add(MembersCommands.Create(HashmapApp.App));
root.Add(RestoreCommand.Create(HashmapApp.App));
root.Add(RecoverCommand.Create(HashmapApp.App));
root.Add(BackupCommands.Create(HashmapApp.App));
root.Add(TransferCommand.Create(HashmapApp.App));
root.Add(DriveCommand.Create());

return CommandLineProgram.Exit(await CommandLineProgram.Run(root, args));
