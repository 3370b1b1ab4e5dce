using System.CommandLine;
using Akka.Actor;
using AkkaRaft.Samples.Common;
using AkkaRaft.Samples.Common.Backups;
using AkkaRaft.Samples.Common.Members;
using AkkaRaft.Samples.Common.Offline;
using AkkaRaft.Samples.Register;

var app = new SampleApp(
    "register", 4150, Props.Create(() => new RegisterMachine()), operation => operation is Read, RegisterMachine.RefusalOf);

var value = OperationCommand.Json("json", "A JSON value, not null; a string with its quotes: '\"text\"'.");
var expected = OperationCommand.Json("expected", "The JSON value that the register must have now; null if nothing was written yet.");
var next = OperationCommand.Json("new", "The JSON value that it gets then, not null.");

var root = new RootCommand("One replicated value: its nodes (server), and commands to read and write it.")
{
    ServerCommand.Create(app, options => ServerHost.Run(app, options)),
    OperationCommand.Create(app, "get", "Prints the value. Exit code 1 if nothing was written yet.", _ => new Read(), _ => "nothing was written yet", new ReadOptionSet()),
    OperationCommand.Create(app, "put", "Writes the value.", result => new Write(result.GetRequiredValue(value)), null, value),
    OperationCommand.Create(
        app, "cas", "Writes the value if it is the expected one: prints true, or false with exit code 1.",
        result => new CompareAndSet(result.GetRequiredValue(expected), result.GetRequiredValue(next)), null, expected, next),
    MembersCommands.Create(app),
    RestoreCommand.Create(app),
    RecoverCommand.Create(app),
    BackupCommands.Create(app),
    TransferCommand.Create(app),
};
return CommandLineProgram.Exit(await CommandLineProgram.Run(root, args));
