using System.Diagnostics;

namespace AkkaRaft.Samples.ClusterLauncher.Processes;

/// <summary>
/// Sees to it that no child outlives this process, however it ends. A small shell listens at a pipe of ours: it is told of each child, and when the pipe
/// closes, which the kernel does even after kill -9, it kills those that are left.
/// </summary>
internal static class ChildGuard
{
    // Ctrl-C in a terminal reaches the whole process group; the guard must live until we are gone.
    const string Script = """
        trap '' INT HUP TERM QUIT
        children=' '
        while read -r verb child; do
          case $verb in
            watch) children="$children$child " ;;
            forget) case $children in *" $child "*) children="${children%% $child *} ${children#* $child }" ;; esac ;;
          esac
        done
        for child in $children; do kill -9 "$child" 2>/dev/null; done
        """;

    static readonly Lock s_gate = new();
    static readonly HashSet<int> s_children = [];
    static StreamWriter? s_pipe;

    /// <summary>From now on the child dies with us.</summary>
    public static void Watch(int processId)
    {
        lock (s_gate)
        {
            if (s_children.Count == 0 && s_pipe is null) AppDomain.CurrentDomain.ProcessExit += (_, _) => KillAll();
            s_children.Add(processId);
            Tell($"watch {processId}");
        }
    }

    /// <summary>The child has ended; its number may soon belong to another process.</summary>
    public static void Forget(int processId)
    {
        lock (s_gate)
        {
            s_children.Remove(processId);
            Tell($"forget {processId}");
        }
    }

    static void KillAll()
    {
        lock (s_gate)
        {
            foreach (var child in s_children) KillQuietly(child);
            s_children.Clear();
        }
    }

    static void KillQuietly(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            process.Kill();
        }
        catch (Exception)
        {
            // It has ended by itself, which is all that is wanted.
        }
    }

    static void Tell(string line)
    {
        if (OperatingSystem.IsWindows()) return;
        try
        {
            (s_pipe ??= Open()).WriteLine(line);
        }
        catch (IOException)
        {
            // Somebody killed the guard: a new one learns of all that live.
            s_pipe = Open();
            foreach (var child in s_children) s_pipe.WriteLine($"watch {child}");
        }
    }

    static StreamWriter Open()
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, UseShellExecute = false, ArgumentList = { "-c", Script } };
        var guard = Process.Start(start) ?? throw new InvalidOperationException("The guard of the child processes (/bin/sh) did not start.");
        guard.StandardInput.AutoFlush = true;
        return guard.StandardInput;
    }
}
