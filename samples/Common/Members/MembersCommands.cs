using System.CommandLine;

namespace AkkaRaft.Samples.Common.Members;

/// <summary>
/// The commands that show and change who belongs to a cluster. Each says on stderr what it will do and how far it has come, and prints the configuration at the end. Each may be
/// repeated after any failure.
/// </summary>
public static class MembersCommands
{
    /// <summary>How long a change may take unless told: elections end within it.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(20);

    static readonly TimeSpan LongestCatchUp = TimeSpan.FromHours(1);

    /// <summary><c>members</c>, with a command for each change.</summary>
    public static Command Create(SampleApp app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var options = new ClientOptionSet(app, DefaultTimeout);
        var json = AccountsJson();
        var command = new Command("members", "Shows who belongs to the cluster: each node's address, role and storage, and how far the leader knows it to be.") { json };
        options.AddTo(command);
        command.SetAction((result, _) => Run(app, options.Read(result), result.GetValue(json), "", (client, said) => client.GetConfiguration(said.Timeout)));
        command.Add(Add(app));
        command.Add(Promote(app));
        command.Add(OfNode(app, "demote", "Makes a voter a learner: it gets everything and votes no more.", "makes voter {0} a learner", (client, node, timeout) => client.DemoteMember(node, timeout)));
        command.Add(Remove(app));
        command.Add(Move(app));
        command.Add(Replace(app));
        return command;
    }

    static Option<bool> AccountsJson() => new("--json") { Description = "As one line of JSON." };

    static Argument<NodeId> NodeArgument(string name, string description) => new(name) { Description = description, CustomParser = Parsed.As(NodeId.Parse) };

    static Argument<RaftMember> MemberArgument(string name, string description) => new(name) { Description = description, CustomParser = Parsed.As(RaftMember.Parse) };

    static Option<TimeSpan> WaitOption() => new("--wait")
    {
        Description = "How long to wait until the node votes; the leader goes on with it after that, too. [default: 1h]", HelpName = "TIME", CustomParser = Parsed.As(DurationText.Parse),
    };

    static Command Add(SampleApp app)
    {
        var member = MemberArgument("member", "The node, as ID=HOST:PORT. It was started with --join and waits.");
        var learner = new Option<bool>("--learner") { Description = "It stays a learner: it gets everything and does not vote." };
        var wait = WaitOption();
        return Changing(app, "add", "Adds a node: as a learner first, which votes as soon as it has caught up.", [member], [learner, wait], (result, said, json) =>
        {
            var (added, stays) = (result.GetRequiredValue(member), result.GetValue(learner));
            return Run(app, said, json, $"adds node {added}{(stays ? " as a learner" : ", which votes as soon as it has caught up")}", async (client, _) =>
            {
                if ((await client.GetConfiguration(said.Timeout)).Find(added.Id) is { Role: RaftMemberRole.Voter, Storage: { } storage })
                    StderrLogger.Say($"node {added.Id} votes already, with storage {storage}. If it has another one by now, because its disk was lost, remove it first: members remove {added.Id}");
                var with = await client.AddMember(added, stays, said.Timeout);
                return stays ? with : await client.WaitUntilVoter(added.Id, new CatchUpLines(StderrLogger.Say), result.Or(wait, LongestCatchUp));
            });
        });
    }

    static Command Promote(SampleApp app)
    {
        var node = NodeArgument("id", "The node.");
        var force = new Option<bool>("--force") { Description = "Even if the majority that it would make is not there, or it was never heard: nothing is committed until it is." };
        return Changing(app, "promote", "Makes a learner a voter now.", [node], [force], (result, said, json) =>
        {
            var id = result.GetRequiredValue(node);
            return Run(app, said, json, $"makes learner {id} a voter", (client, _) => client.PromoteMember(id, result.GetValue(force), said.Timeout));
        });
    }

    static Command Remove(SampleApp app)
    {
        var node = NodeArgument("id", "The node.");
        var force = new Option<bool>("--force") { Description = "Even if the majority of those that stay is not there: nothing is committed until it is." };
        return Changing(app, "remove", "Removes a node. A leader hands over when that is committed.", [node], [force], (result, said, json) =>
        {
            var gone = result.GetRequiredValue(node);
            return Run(app, said, json, $"removes node {gone}", (client, _) => client.RemoveMember(gone, result.GetValue(force), said.Timeout));
        });
    }

    static Command Move(SampleApp app)
    {
        var member = MemberArgument("member", "The node and its new address, as ID=HOST:PORT. It may have been started there before.");
        return Changing(app, "move", "Says that a node is at another address now. Its role and its data stay.", [member], [], (result, said, json) =>
        {
            var moved = result.GetRequiredValue(member);
            return Run(app, said, json, $"moves node {moved.Id} to {moved.Address}", (client, _) => client.MoveMember(moved, said.Timeout));
        });
    }

    static Command Replace(SampleApp app)
    {
        var old = NodeArgument("old", "The node that goes.");
        var member = MemberArgument("member", "The node that comes, as ID=HOST:PORT, under another id. It was started with --join and waits.");
        var wait = WaitOption();
        return Changing(app, "replace", "Puts one node in the place of another: adds the new one, waits until it votes, removes the old one. Repeated, it goes on where it was.",
            [old, member], [wait], (result, said, json) =>
        {
            var (gone, by) = (result.GetRequiredValue(old), result.GetRequiredValue(member));
            return Run(app, said, json, $"adds node {by}, waits until it votes, and removes node {gone}",
                (client, _) => client.ReplaceMember(gone, by, new CatchUpLines(StderrLogger.Say), result.Or(wait, LongestCatchUp)));
        });
    }

    static Command OfNode(SampleApp app, string name, string description, string plan, Func<RaftClient, NodeId, TimeSpan, Task<RaftConfiguration>> change)
    {
        var node = NodeArgument("id", "The node.");
        return Changing(app, name, description, [node], [], (result, said, json) =>
        {
            var id = result.GetRequiredValue(node);
            return Run(app, said, json, string.Format(System.Globalization.CultureInfo.InvariantCulture, plan, id), (client, _) => change(client, id, said.Timeout));
        });
    }

    static Command Changing(
        SampleApp app, string name, string description, IEnumerable<Argument> arguments, IEnumerable<Option> own, Func<ParseResult, ClientOptions, bool, Task<int>> run)
    {
        var options = new ClientOptionSet(app, DefaultTimeout);
        var json = AccountsJson();
        var command = new Command(name, description);
        foreach (var argument in arguments) command.Add(argument);
        foreach (var option in own) command.Add(option);
        command.Add(json);
        options.AddTo(command);
        command.SetAction((result, _) => run(result, options.Read(result), result.GetValue(json)));
        return command;
    }

    /// <summary>Does it, and prints the configuration.</summary>
    static async Task<int> Run(SampleApp app, ClientOptions said, bool asJson, string plan, Func<RaftClient, ClientOptions, Task<RaftConfiguration>> change)
    {
        if (StandardOutput.Obstacle() is { } obstacle)
        {
            StderrLogger.Say(obstacle);
            return ExitCodes.Failure;
        }

        if (plan.Length > 0) StderrLogger.Say(plan);
        await using var session = ClientSession.Open(app, said);
        try
        {
            var outcome = await session.Members(client => change(client, said));
            if (outcome.Result is not { } configuration)
            {
                var code = OperationCommand.NotDone(outcome, isQuery: plan.Length == 0);
                // Who only looks is refused nothing: there is no leader.
                if (code == ExitCodes.NotApplied && plan.Length == 0) StderrLogger.Say($"{app.Name} explain asks each node why there is no leader; when a majority is lost for good, {app.Name} recover is the way out.");
                return code;
            }

            return StandardOutput.WriteLine(asJson ? MembersText.Json(configuration) : MembersText.Of(configuration), ExitCodes.Done);
        }
        catch (ArgumentException wrong)
        {
            StderrLogger.Say(wrong.Message.Split(" (Parameter", 2)[0]);
            return ExitCodes.DataSaysNo;
        }
    }
}
