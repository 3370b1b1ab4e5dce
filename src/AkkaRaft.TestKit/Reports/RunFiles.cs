using AkkaRaft.TestKit.Scenarios;

namespace AkkaRaft.TestKit.Reports;

/// <summary>The files that one run leaves for those who want to look into it: a page, and a trace of protocol events.</summary>
internal sealed class RunFiles : IDisposable
{
    readonly string _title;
    readonly FileStream? _html;
    readonly FileStream? _trace;

    RunRecorder? _recorder;
    SimulationTrace? _events;

    /// <summary>Makes or replaces the files, so that one that cannot be written is refused before the run.</summary>
    /// <param name="title">What is run, for people.</param>
    /// <param name="html">The page's name; null for none.</param>
    /// <param name="trace">The trace's name; null for none.</param>
    /// <exception cref="IOException">A file cannot be made.</exception>
    public RunFiles(string title, string? html, string? trace)
    {
        _title = title;
        _html = html is null ? null : Create(html);
        _trace = trace is null ? null : Create(trace);
    }

    /// <summary>What the environment variables AKKARAFT_HTML and AKKARAFT_TRACE ask for; null if nothing.</summary>
    public static RunFiles? Asked(string title) => (Html, Trace) is (null, null) ? null : new RunFiles(title, Html, Trace);

    /// <summary>Files of one run are wanted, but there are many runs.</summary>
    /// <exception cref="InvalidOperationException">They are.</exception>
    public static void RefuseForMany()
    {
        if ((Html, Trace) is (null, null)) return;
        throw new InvalidOperationException(
            $"{(Html is null ? "AKKARAFT_TRACE" : "AKKARAFT_HTML")} = \"{Html ?? Trace}\" shows one run, and no seed is named. Nothing was run. Say which: AKKARAFT_SEED=17.");
    }

    static string? Html => Environment.GetEnvironmentVariable("AKKARAFT_HTML") is { Length: > 0 } file ? file : null;

    static string? Trace => Environment.GetEnvironmentVariable("AKKARAFT_TRACE") is { Length: > 0 } file ? file : null;

    /// <summary>Begins to look on; before the cluster starts.</summary>
    public void Attach(SimulatedCluster cluster)
    {
        if (_html is not null) _recorder = new RunRecorder(cluster, $"{_title}: {cluster.Nodes} nodes, {cluster.AllClients.Count} clients");
        if (_trace is not null) _events = SimulationTrace.Of(cluster);
    }

    /// <summary>Writes what was seen.</summary>
    public void Write(RunResult result)
    {
        if (_trace is not null) _events?.CopyTo(_trace);
        if (_html is null || _recorder is null) return;
        _recorder.Finish(result.History, result.Counters.VirtualTime, result.Verdict);
        HtmlPage.Write(_recorder.Record, _html);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _html?.Dispose();
        _trace?.Dispose();
    }

    static FileStream Create(string path)
    {
        var full = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full) ?? full);
            return File.Create(full);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{full} cannot be written: {refused.Message} Nothing was run. Name another file.", refused);
        }
    }
}
