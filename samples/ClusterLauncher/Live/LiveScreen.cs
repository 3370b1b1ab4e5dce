using System.Text;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;
using Spectre.Console;

namespace AkkaRaft.Samples.ClusterLauncher.Live;

/// <summary>The launcher at a terminal: the table, drawn ten times a second, and below it the line that takes commands.</summary>
internal sealed class LiveScreen(HashmapCluster cluster, ClusterClient client, CancellationToken cancellationToken)
{
    const int MessagesKept = 50;
    static readonly TimeSpan s_frame = TimeSpan.FromMilliseconds(100);

    readonly StringBuilder _typed = new();
    readonly List<string> _messages = [];
    string _previous = "";
    bool _quit;

    /// <summary>Completes when the user has typed <c>quit</c> or pressed Ctrl-C.</summary>
    public async Task Run()
    {
        await using var watch = new ClusterWatch(cluster, client);
        await using var load = new LoadGenerator(client);
        var commands = new LauncherCommands(cluster, client, load, Say);
        Say(LauncherCommands.Help);
        using var frames = new PeriodicTimer(s_frame);
        await AnsiConsole.Live(new Text("")).StartAsync(async screen =>
        {
            while (!_quit && !cancellationToken.IsCancellationRequested)
            {
                while (Console.KeyAvailable) Take(Console.ReadKey(intercept: true), commands);
                screen.UpdateTarget(ClusterTable.Render(
                    watch.Views, load.Rate, load.Tally, Messages(), _typed.ToString(), AnsiConsole.Profile.Width, AnsiConsole.Profile.Height));
                await frames.WaitForNextTickAsync(CancellationToken.None);
            }
        });
    }

    void Take(ConsoleKeyInfo key, LauncherCommands commands)
    {
        switch (key.Key)
        {
            case ConsoleKey.Enter:
                var line = _typed.ToString().Trim();
                _typed.Clear();
                if (line is "quit" or "exit") _quit = true;
                else if (line.Length > 0) _ = Run(line, commands);
                break;
            case ConsoleKey.Backspace when _typed.Length > 0:
                _typed.Length--;
                break;
            case ConsoleKey.UpArrow:
                _typed.Clear().Append(_previous);
                break;
            case ConsoleKey.Escape:
                _typed.Clear();
                break;
            default:
                if (!char.IsControl(key.KeyChar)) _typed.Append(key.KeyChar);
                break;
        }
    }

    // Not awaited: while a write waits for a leader the user can start the node that is missing.
    async Task Run(string line, LauncherCommands commands)
    {
        _previous = line;
        Say($"{line}: {await commands.Run(line)}");
    }

    void Say(string message)
    {
        lock (_messages)
        {
            _messages.Add(message);
            if (_messages.Count > MessagesKept) _messages.RemoveAt(0);
        }
    }

    List<string> Messages()
    {
        lock (_messages) return [.. _messages];
    }
}
