using System.CommandLine;
using System.Globalization;
using AkkaRaft.Samples.Common;

namespace AkkaRaft.Samples.Hashmap.Driving;

/// <summary><c>drive</c></summary>
public static class DriveCommand
{
    const int MaxClients = 10_000;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var options = new ClientOptionSet(HashmapApp.App);
        var clients = new Option<int>("--clients")
        {
            Description = "How many clients; line i of the input goes to client i mod N, which runs its lines in order. [default: 1]",
            HelpName = "N",
            CustomParser = Parsed.As(ParseClients),
        };
        var command = new Command(
            "drive", """Runs operations from stdin, one JSON object a line: {"id":7,"op":"add","key":"k","value":1}, and prints a line for each.""")
        {
            clients,
        };
        options.AddTo(command);
        command.SetAction((result, _) => Run(options.Read(result), result.Or(clients, 1)));
        return command;
    }

    static async Task<int> Run(ClientOptions options, int clients)
    {
        if (StandardOutput.Obstacle() is { } obstacle)
        {
            StderrLogger.Say(obstacle);
            return ExitCodes.Failure;
        }

        // One connection for all: what they do at the same time travels together.
        await using var session = ClientSession.Open(HashmapApp.App, options);
        var client = new SampleClient(HashmapApp.App, session);
        var output = new AnswerWriter(StandardOutput.Open());
        try
        {
            var drive = new Drive(clients, _ => client, options.Timeout, output, TimeProvider.System, StandardInput.HasEnded());
            await drive.Run(LineReader.Read(Console.OpenStandardInput()));
            return ExitCodes.Done;
        }
        catch (IOException broken)
        {
            StderrLogger.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"drive stops after {output.Written} answered lines, for the answers cannot be written: {broken.Message} What was under way may be applied."));
            return ExitCodes.Failure;
        }
    }

    static int ParseClients(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MaxClients
            ? number
            : throw new FormatException($"\"{text}\" is no number of clients. It is from 1 to {MaxClients}.");
}
