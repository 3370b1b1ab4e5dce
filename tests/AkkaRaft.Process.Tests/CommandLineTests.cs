using System.Diagnostics;
using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests;

/// <summary>What scripts rely on: exit codes, what goes to stdout, signals.</summary>
public sealed class CommandLineTests(ITestOutputHelper output) : ClusterTest(output)
{
    static readonly TimeSpan s_stopLimit = TimeSpan.FromSeconds(5);

    [Fact]
    public Task Commands_print_values_as_json_and_say_the_rest_by_their_exit_code() => WithCluster(1, async cluster =>
    {
        await cluster.Start(Patience);

        await Expect(0, null, "put", "k", """{ "a": [1, "ü"] }""");
        await Expect(0, """{"a":[1,"ü"]}""", "get", "k");
        await Expect(1, "", "get", "nothing");
        await Expect(1, null, "cas", "k", "1", "2");
        await Expect(0, null, "cas", "k", """{"a":[1,"ü"]}""", "7");
        await Expect(0, null, "cas", "new", "null", "\"text\"");
        await Expect(0, "10", "add", "k", "3");
        await Expect(0, "-1", "add", "count", "-1");
        await Expect(1, null, "add", "new", "1");
        await Expect(0, """["count","k","new"]""", "keys");
        await Expect(0, null, "delete", "k");
        await Expect(1, null, "delete", "k");
        await Expect(2, "", "put", "k", "no json");
        await Expect(2, "", "put", "k", "null");
        await Expect(2, "", "put", "k");
        await Expect(2, "", "frobnicate");

        async Task Expect(int exitCode, string? stdout, params string[] arguments)
        {
            var run = await Hashmap.Run([.. arguments, "--peers", cluster.Peers]);
            run.ExitCode.ShouldBe(exitCode, $"hashmap {string.Join(' ', arguments)}: {run}");
            if (stdout is not null) run.Output.ShouldBe(stdout, $"hashmap {string.Join(' ', arguments)}");
        }
    });

    [Fact]
    public async Task Client_of_a_dead_cluster_says_that_nothing_was_applied()
    {
        var run = await Hashmap.Run("put", "k", "1", "--peers", $"1=127.0.0.1:{FreePorts.InARow(1)}", "--timeout", "500ms");

        run.ExitCode.ShouldBe(3, $"{run}");
        run.Output.ShouldBeEmpty();
        run.Errors[^1].ShouldContain("surely not applied");
    }

    [Fact]
    public Task Write_that_a_lone_leader_has_taken_and_cannot_commit_is_unknown() => WithCluster(3, async cluster =>
    {
        await cluster.Start(Patience);
        await using var session = DriveSession.Start(cluster, 1, timeout: "300ms");
        var warm = await Until.Holds("a write", () => session.Send(new DriveRequest(OperationKind.Put, "k", "1")), write => write.Answer.IsOk);
        foreach (var follower in cluster.Nodes.Where(n => n.Id != warm.Answer.Leader)) follower.Pause();

        var write = await session.Send(new DriveRequest(OperationKind.Put, "k", "2"));
        var run = await Hashmap.Run("put", "k", "3", "--peers", cluster.Peers, "--timeout", "1s");

        write.Answer.Outcome.ShouldBe("unknown", $"{write}");
        // By now the leader may have noticed that it is alone, and then nothing was appended.
        run.ExitCode.ShouldBeOneOf(3, 4);
    });

    [Fact]
    public async Task Drive_answers_every_line_even_what_it_cannot_read_and_ends_soon_after_its_input_whatever_the_cluster_does()
    {
        string[] lines =
        [
            "nonsense", """{"id":"a","op":"frob","key":"k"}""", """{"id":3,"op":"put","key":"k","value":null}""", """{"id":4,"op":"put","key":"k","value":1}""",
        ];
        var nobody = $"1=127.0.0.1:{FreePorts.InARow(1)}";
        await using var drive = ChildProcess.Start(HashmapProgram.WithArguments("drive", "--peers", nobody, "--clients", "2", "--timeout", "1s"), input: true);
        foreach (var line in lines) await drive.Input.WriteLineAsync(line);
        await drive.Input.FlushAsync();

        // Before the end of the input: what cannot be read waits for nothing.
        await drive.Output.WaitFor("the answer to the last line", line => line.Contains("\"id\":4"), Patience);
        drive.Input.Close();
        var closed = Stopwatch.StartNew();
        (await drive.Exited.WaitAsync(Patience)).ShouldBe(0);
        closed.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(11));

        var answers = drive.Output.Lines.Select(line => System.Text.Json.Nodes.JsonNode.Parse(line)!).ToList();
        answers.Select(a => a["id"]?.ToJsonString() ?? "null").Order(StringComparer.Ordinal).ShouldBe(["\"a\"", "3", "4", "null"]);
        answers.ShouldAllBe(a => a["outcome"]!.GetValue<string>() == "failed");
    }

    [Fact]
    public async Task Single_node_needs_nothing_but_its_own_number()
    {
        await Until.IsTrue("port 4051 to be free", () => FreePorts.IsFree(4051));
        var folder = Directory.CreateTempSubdirectory("akkaraft-test-");
        var start = HashmapProgram.WithArguments("server", "1", "1");
        start.WorkingDirectory = folder.FullName;
        await using (var server = ChildProcess.Start(start))
        {
            await server.Errors.WaitFor("ready", line => line == "ready", Patience);
            (await Hashmap.Run("put", "k", "1", "--peers", "1")).ExitCode.ShouldBe(0);
            (await Hashmap.Run("get", "k")).Output.ShouldBe("1");
            Directory.Exists(Path.Combine(folder.FullName, "hashmap-data", "1")).ShouldBeTrue();
            server.Output.Lines.ShouldBeEmpty();
        }

        folder.Delete(recursive: true);
    }

    [Theory, InlineData("SIGTERM"), InlineData("SIGINT")]
    public Task Signal_ends_a_node_under_load_with_exit_code_0_within_5_seconds(string signal) => WithCluster(3, async cluster =>
    {
        await cluster.Start(Patience);
        await using var session = DriveSession.Start(cluster, 8);
        var book = new WriteBook();
        using var end = new CancellationTokenSource();
        var load = session.Load(book.Next, book.Note, end.Token);
        await Until.IsTrue("100 acknowledged writes", () => book.Acknowledged >= 100);
        var leader = cluster[session.History.Last(o => o.Answer.IsOk).Answer.Leader!].Process!;

        var asked = Stopwatch.StartNew();
        if (signal == "SIGTERM") leader.Terminate();
        else leader.Interrupt();
        (await leader.Exited.WaitAsync(Patience)).ShouldBe(0, string.Join(Environment.NewLine, leader.Errors.Last(10)));
        asked.Elapsed.ShouldBeLessThan(s_stopLimit);

        var soFar = book.Acknowledged;
        await Until.IsTrue("the others to go on", () => book.Acknowledged >= soFar + 100);
        await end.CancelAsync();
        await load;
        await book.Verify(session);
    });

    [Fact]
    public Task Second_server_on_a_data_folder_in_use_is_refused_with_one_sentence() => WithCluster(1, async cluster =>
    {
        await cluster.Start(Patience);
        var node = cluster.Nodes[0];

        var second = await Hashmap.Run("server", "1", $"1=127.0.0.1:{FreePorts.InARow(1)}", "--data", node.DataFolder);

        ShouldBeRefused(second, "is in use");
        (await Hashmap.Run("put", "k", "1", "--peers", cluster.Peers)).ExitCode.ShouldBe(0);
    });

    [Fact]
    public Task Server_that_cannot_start_says_why_in_one_sentence() => WithCluster(1, async cluster =>
    {
        await cluster.Start(Patience);
        var node = cluster.Nodes[0];
        var elsewhere = Path.Combine(cluster.DataFolder, "elsewhere");

        ShouldBeRefused(await Hashmap.Run("server", "1", $"1={node.Address}", "--data", elsewhere), "cannot listen");
        await node.Stop();
        ShouldBeRefused(await Hashmap.Run("server", "2", $"2={node.Address}", "--data", node.DataFolder), "was made for hashmap/default/1");
        ShouldBeRefused(
            await Hashmap.Run("server", "1", $"1={node.Address}", "--data", node.DataFolder, "--cluster", "other"), "the configuration says other/default/1");
        ShouldBeRefused(await Hashmap.Run("server", "1", $"1={node.Address}", "--data", "/proc/nowhere"), "/proc/nowhere");
        (await Hashmap.Run("server", "1", "2", "3")).ExitCode.ShouldBe(2);
    });

    static void ShouldBeRefused(HashmapRun run, string because)
    {
        run.ExitCode.ShouldNotBe(0, $"{run}");
        run.Output.ShouldBeEmpty($"{run}");
        run.Errors.ShouldHaveSingleItem().ShouldContain(because);
    }
}
