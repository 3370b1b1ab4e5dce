using System.CommandLine;
using Akka.Event;
using AkkaRaft.Samples.Common;
using AkkaRaft.Samples.Common.Members;
using AkkaRaft.Samples.Hashmap;
using AkkaRaft.Samples.Hashmap.Driving;
using Shouldly;
using Xunit;

namespace AkkaRaft.Samples.Tests;

/// <summary>The samples' command lines: what is understood, and what is answered with exit code 2.</summary>
public sealed class CommandLineTests
{
    ServerOptions? _server;

    RootCommand Root
    {
        get
        {
            var root = new RootCommand("hashmap") { ServerCommand.Create(HashmapApp.App, Start), DriveCommand.Create() };
            foreach (var command in ClientCommands.Create()) root.Add(command);
            root.Add(MembersCommands.Create(HashmapApp.App));
            return root;

            Task<int> Start(ServerOptions options)
            {
                _server = options;
                return Task.FromResult(ExitCodes.Done);
            }
        }
    }

    Task<int> Run(params string[] args) => CommandLineProgram.Run(Root, args);

    [Fact]
    public async Task A_server_has_what_the_command_line_says()
    {
        (await Run("server", "2", "1", "2=10.0.0.2:7000", "3", "--data", "d", "--listen", "0.0.0.0:7001", "--log", "debug")).ShouldBe(ExitCodes.Done);

        var options = _server.ShouldNotBeNull();
        options.Node.ShouldBe(NodeId.Parse("2"));
        options.Members.Select(m => m.ToString()).ShouldBe(["1=127.0.0.1:4051", "2=10.0.0.2:7000", "3=127.0.0.1:4053"]);
        options.Self.Address.ShouldBe("10.0.0.2:7000");
        options.Listen.ShouldBe(new HostPort("0.0.0.0", 7001));
        options.DataDir.ShouldBe("d");
        options.Log.ShouldBe(LogLevel.DebugLevel);
        options.Cluster.ShouldBe(ClusterId.Parse("hashmap"));
    }

    [Fact]
    public async Task A_server_that_joins_or_has_moved_is_where_the_command_line_says()
    {
        (await Run("server", "4", "4=10.0.0.4:7000", "--join")).ShouldBe(ExitCodes.Done);
        _server.ShouldNotBeNull().Join.ShouldBeTrue();
        _server.Self.ToString().ShouldBe("4=10.0.0.4:7000");

        (await Run("server", "2", "1", "2", "3", "--address", "10.0.0.9:7000")).ShouldBe(ExitCodes.Done);
        _server.Self.ToString().ShouldBe("2=10.0.0.9:7000");
        _server.Members.Select(m => m.ToString()).ShouldBe(["1=127.0.0.1:4051", "2=127.0.0.1:4052", "3=127.0.0.1:4053"], "what the cluster was founded with");
    }

    [Fact]
    public async Task A_server_has_defaults_for_the_rest()
    {
        (await Run("server", "1", "1")).ShouldBe(ExitCodes.Done);

        var options = _server.ShouldNotBeNull();
        options.ShouldSatisfyAllConditions(
            () => options.Listen.ShouldBeNull(), () => options.DataDir.ShouldBeNull(), () => options.ConfigFile.ShouldBeNull(),
            () => options.Log.ShouldBe(LogLevel.InfoLevel));
    }

    [Theory]
    [InlineData]
    [InlineData("nonsense")]
    [InlineData("server")]
    [InlineData("server", "1")]
    [InlineData("server", "1", "2", "3")]
    [InlineData("server", "1", "1", "1")]
    [InlineData("server", "1", "1=127.0.0.1:5", "2=127.0.0.1:5")]
    [InlineData("server", "1", "x")]
    [InlineData("server", "1", "1", "--dta", "d")]
    [InlineData("server", "1", "1", "--listen", "4051")]
    [InlineData("server", "1", "1", "--log", "loud")]
    [InlineData("server", "1", "1", "--config", "/no/such/file.conf")]
    [InlineData("server", "1", "1", "--config", "/")]
    [InlineData("server", "a/b", "a/b=127.0.0.1:5")]
    [InlineData("server", "1", "1", "2", "--join")]
    [InlineData("server", "1", "1", "--address", "4051")]
    [InlineData("members", "add", "4")]
    [InlineData("members", "add")]
    [InlineData("members", "remove")]
    [InlineData("members", "replace", "2")]
    [InlineData("members", "replace", "2", "5")]
    [InlineData("members", "promote", "a/b")]
    [InlineData("backup")]
    [InlineData("backup", "--verify")]
    [InlineData("backup", "f", "--node", "a/b")]
    [InlineData("get")]
    [InlineData("get", "k", "more")]
    [InlineData("get", "k", "--unknown")]
    [InlineData("get", "k", "--timeout", "5")]
    [InlineData("get", "k", "--peers", "1=nowhere")]
    [InlineData("put", "k")]
    [InlineData("put", "k", "text")]
    [InlineData("put", "k", "null")]
    [InlineData("cas", "k", "1", "null")]
    [InlineData("add", "k", "\"1\"")]
    [InlineData("drive", "--clients", "0")]
    [InlineData("drive", "--clients", "many")]
    public async Task What_cannot_be_understood_is_usage(params string[] args)
    {
        (await Run(args)).ShouldBe(ExitCodes.Usage);

        _server.ShouldBeNull();
    }

    [Fact]
    public void Negative_numbers_and_keys_with_an_at_sign_are_arguments()
    {
        Root.Parse(["add", "@k", "-5"], new ParserConfiguration { ResponseFileTokenReplacer = null }).Errors.ShouldBeEmpty();
        Root.Parse(["put", "--peers", "1,2", "k", "[1, 2]"]).Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(OutcomeKind.Failed, false, ExitCodes.NotApplied)]
    [InlineData(OutcomeKind.Unknown, false, ExitCodes.Unknown)]
    [InlineData(OutcomeKind.Failed, true, ExitCodes.NotApplied)]
    [InlineData(OutcomeKind.Unknown, true, ExitCodes.NotApplied)]
    public void Without_a_result_the_exit_code_tells_what_is_known(OutcomeKind kind, bool isQuery, int expected)
    {
        OperationCommand.Print(new Outcome<Answer>(kind, null, null, null, "why"), isQuery).ShouldBe(expected);
    }

    [Theory]
    [InlineData(true, "5", true, "5")]
    [InlineData(false, null, true, null)]
    [InlineData(false, "false", false, "false")]
    [InlineData(true, null, false, "null")]
    [InlineData(false, null, false, "null")]
    public void Stdout_has_the_value_of_a_result_and_nothing_for_what_is_absent(bool yes, string? value, bool isQuery, string? printed) =>
        OperationCommand.ValueToPrint(new Answer(yes, value), isQuery).ShouldBe(printed);

    [Fact]
    public void What_is_absent_is_exit_code_1() =>
        OperationCommand.Print(new Outcome<Answer>(OutcomeKind.Ok, new Answer(false), 7, "1", null), isQuery: true).ShouldBe(ExitCodes.DataSaysNo);

    [Theory]
    [InlineData("help")]
    [InlineData("help", "put")]
    [InlineData("--help")]
    public async Task Help_that_was_asked_for_is_done(params string[] args) => (await Run(args)).ShouldBe(ExitCodes.Done);
}
