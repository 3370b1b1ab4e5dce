using AkkaRaft.Samples.ClusterLauncher.Live;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;
using Shouldly;
using Spectre.Console;
using Xunit;

namespace AkkaRaft.Process.Tests.Live;

/// <summary>Spectre shows nothing of a table that is higher than the terminal: what the launcher draws must fit, whatever the nodes say.</summary>
public sealed class ClusterTableTests
{
    const string LongEvent =
        "[ERROR] node 2: the journal has refused a write of 128 bytes because the disk is full, and the node stops; free some space and start it again";

    [Theory]
    [InlineData(3, 80, 24)]
    [InlineData(5, 80, 24)]
    [InlineData(9, 80, 24)]
    [InlineData(3, 100, 30)]
    [InlineData(5, 130, 35)]
    [InlineData(9, 200, 24)]
    [InlineData(5, 60, 12)]
    [InlineData(3, 40, 24)]
    public void Each_node_has_one_line_and_the_screen_fits(int nodes, int width, int height)
    {
        var screen = Draw(nodes, width, height);

        screen.Length.ShouldBeLessThanOrEqualTo(height);
        screen.ShouldAllBe(line => line.Length <= width);
        var head = Array.FindIndex(screen, line => line.Contains("node") && line.Contains("role"));
        var first = Array.FindIndex(screen, line => line.Trim('│', ' ').StartsWith("1 ", StringComparison.Ordinal));
        first.ShouldBeGreaterThan(head);
        for (var node = 1; node <= nodes; node++)
        {
            var line = screen[first + node - 1].Trim('│', ' ');
            line.ShouldStartWith($"{node} ");
            line.ShouldContain(node == 2 ? "Leader" : "Follower");
        }

        screen.ShouldContain(line => line.StartsWith("load 200/s: 0 ack", StringComparison.Ordinal));
        screen[^1].ShouldStartWith("> put a 1");
    }

    [Fact]
    public void Eighty_columns_show_the_log_the_leader_the_rate_and_the_beginning_of_the_event()
    {
        var screen = Draw(nodes: 3, width: 80, height: 24);

        screen[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .ShouldBe(["node", "process", "role", "term", "last/comm/appl", "leader", "w/s", "last", "event"]);
        screen[1].ShouldStartWith("1    running  Follower     7 12345/12340/12339      2");
        screen[2].ShouldStartWith("2    running  Leader       7 12345/12340/12339      2  187 [ERROR]");
        screen[2].ShouldEndWith("…");
    }

    [Fact]
    public void Wide_terminal_shows_each_number_in_its_own_column()
    {
        var screen = Draw(nodes: 3, width: 150, height: 35);

        screen[0].ShouldStartWith("╭");
        screen[1].Split('│', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .ShouldBe(["node", "pid", "process", "role", "term", "last", "commit", "applied", "leader", "writes/s", "last event"]);
        screen[1].Length.ShouldBe(150);
    }

    [Fact]
    public void Only_the_leader_has_writes_per_second()
    {
        var screen = Draw(nodes: 3, width: 80, height: 24);

        screen.Count(line => line.Contains(" 187 ")).ShouldBe(1);
    }

    [Theory]
    [InlineData("Voter", RaftRole.Follower, "Follower")]
    [InlineData("Unknown", RaftRole.Follower, "Follower")]
    [InlineData("Learner", RaftRole.Follower, "Learner")]
    [InlineData("Learner", RaftRole.Recovering, "Recovering")]
    [InlineData("None", RaftRole.Follower, "no member")]
    [InlineData("None", RaftRole.Leader, "Leader")]
    [InlineData("None", null, "no member")]
    [InlineData("Voter", null, "?")]
    public void Role_of_a_node_is_what_it_does_as_the_member_that_it_is(string membership, RaftRole? role, string shown) =>
        (View(1) with { Membership = Enum.Parse<NodeMembership>(membership), Status = role is { } known ? View(1).Status! with { Role = known } : null }).Role.ShouldBe(shown);

    [Fact]
    public void What_a_node_says_of_itself_does_not_repeat_its_name()
    {
        var follower = Draw(nodes: 3, width: 80, height: 24)[3];

        follower.ShouldEndWith(" node 2 leads term 7");
    }

    [Fact]
    public void Newest_messages_are_shown_in_the_lines_that_are_left()
    {
        var screen = Draw(nodes: 5, width: 80, height: 12);

        screen.Length.ShouldBe(12);
        screen[^2].ShouldBe("message 40");
        screen.ShouldNotContain("message 1");
    }

    [Fact]
    public void Help_is_read_whole_at_eighty_columns()
    {
        var lines = Fit.Wrap(LauncherCommands.Help, 80).ToList();

        lines.ShouldAllBe(line => line.Length <= 80);
        string.Join(' ', lines).ShouldBe(LauncherCommands.Help);
    }

    [Theory]
    [InlineData("short", 5, "short")]
    [InlineData("a longer text", 8, "a longe…")]
    [InlineData("two\nlines\tand\u001b[31m colour", 80, "two lines and [31m colour")]
    [InlineData("漢字漢字", 5, "漢字…")]
    [InlineData("nothing", 0, "")]
    public void Cut_text_is_one_line_of_the_width(string text, int width, string cut) => Fit.Cut(text, width).ShouldBe(cut);

    [Fact]
    public void Line_that_is_typed_shows_its_end()
    {
        Fit.CutStart("put key 123456789", 8).ShouldBe("…3456789");
    }

    [Fact]
    public void Word_that_is_wider_than_the_line_is_broken()
    {
        Fit.Wrap("ab 0123456789 c", 6).ShouldBe(["ab", "012345", "6789 c"]);
    }

    static string[] Draw(int nodes, int width, int height)
    {
        var views = Enumerable.Range(1, nodes).Select(View).ToList();
        var messages = Enumerable.Range(1, 40).Select(n => $"message {n}").ToList();
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output),
        });
        (console.Profile.Width, console.Profile.Height) = (width, height);
        console.Write(ClusterTable.Render(views, 200, new WriteTally(), messages, "put a 1", width, height));
        return [.. output.ToString().TrimEnd('\n', '\r').Split('\n').Select(line => line.TrimEnd(' ', '\r'))];
    }

    static NodeView View(int node)
    {
        var isLeader = node == 2;
        var status = new RaftStatus(new NodeId($"{node}"), isLeader ? RaftRole.Leader : RaftRole.Follower, new Term(7), new NodeId("2"),
            new EntryId(new LogIndex(12_345), new Term(7)), new LogIndex(12_345), new LogIndex(12_340), new LogIndex(12_339));
        return new NodeView($"{node}", 27_446 + node, NodeProcessState.Running, status, isLeader ? 187.4 : null,
            isLeader ? LongEvent : $"node {node}: node 2 leads term 7");
    }
}
