using System.CommandLine;

namespace AkkaRaft.Samples.Common.Members;

/// <summary><c>transfer [ID]</c>: leadership is handed over. It says on stderr what it will do, and prints who leads then.</summary>
public static class TransferCommand
{
    /// <summary>Makes the command, for a program.</summary>
    public static Command Create(SampleApp app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var options = new ClientOptionSet(app);
        var to = new Argument<NodeId?>("id")
        {
            Description = "The voter that is to lead. [default: the most up-to-date one]", Arity = ArgumentArity.ZeroOrOne, CustomParser = Parsed.As<NodeId?>(text => NodeId.Parse(text)),
        };
        var command = new Command("transfer",
            "Asks the leader to hand its leadership over, and prints who leads then. No write fails by it. Exit code 3 if the old leader leads on.") { to };
        options.AddTo(command);
        command.SetAction((result, _) => Run(app, options.Read(result), result.GetValue(to)));
        return command;
    }

    /// <summary>What it will do.</summary>
    public static string Plan(NodeId? to) => $"asks the leader to hand over to {(to is { } node ? $"node {node}" : "the most up-to-date voter")}";

    static async Task<int> Run(SampleApp app, ClientOptions said, NodeId? to)
    {
        if (StandardOutput.Obstacle() is { } obstacle)
        {
            StderrLogger.Say(obstacle);
            return ExitCodes.Failure;
        }

        StderrLogger.Say(Plan(to));
        await using var session = ClientSession.Open(app, said);
        var outcome = await session.TransferLeadership(to, said.Timeout);
        if (outcome.Result is not { } leader) return OperationCommand.NotDone(outcome, isQuery: false);
        return StandardOutput.WriteLine(
            $"{{\"leader\":{JsonValue.OfText(leader.Node.Value)},\"address\":{JsonValue.OfText(leader.Address)},\"term\":{leader.Term.Value}}}", ExitCodes.Done);
    }
}
