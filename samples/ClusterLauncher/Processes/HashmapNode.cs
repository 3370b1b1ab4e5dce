namespace AkkaRaft.Samples.ClusterLauncher.Processes;

/// <summary>What is known of a node's process.</summary>
internal enum NodeProcessState
{
    /// <summary>It was never started.</summary>
    New,

    /// <summary>It was started and has not said yet that it is ready.</summary>
    Starting,

    /// <summary>It has said that it is ready.</summary>
    Running,

    /// <summary>SIGSTOP holds it.</summary>
    Paused,

    /// <summary>It was asked to end.</summary>
    Stopping,

    /// <summary>It has ended.</summary>
    Ended,

    /// <summary>It is none of ours: somebody has started it elsewhere.</summary>
    Elsewhere,
}

/// <summary>One node of a cluster: one process of <c>hashmap server</c> after the other, with the same id and data folder, and the same address unless it is moved.</summary>
internal sealed class HashmapNode(string id, string address, bool joins, string dataFolder, string logFile, Func<HashmapNode, IEnumerable<string>> arguments)
    : IAsyncDisposable
{
    readonly string _firstAddress = address;
    ChildProcess? _process;
    Task? _ready;
    bool _paused;
    bool _stopping;

    /// <summary>Its node id.</summary>
    public string Id { get; } = id;

    /// <summary>Its canonical address. What is set here counts from its next start on.</summary>
    public string Address { get; set; } = address;

    /// <summary>Whether it is somewhere else than it was first.</summary>
    public bool IsMoved => Address != _firstAddress;

    /// <summary>Whether it founds no cluster: with an empty folder it waits until it is added.</summary>
    public bool Joins { get; } = joins;

    /// <summary>Its data folder.</summary>
    public string DataFolder { get; } = dataFolder;

    /// <summary>Where the stderr of all its processes goes.</summary>
    public string LogFile { get; } = logFile;

    /// <summary>Arguments of <c>hashmap server</c> of this node alone, from its next start on.</summary>
    public List<string> MoreArguments { get; } = [];

    /// <summary>Its own HOCON instead of the cluster's, from its next start on; null for the cluster's.</summary>
    public FileInfo? ConfigFile { get; set; }

    /// <summary>What its program is started by, from its next start on, such as <c>ip netns exec NAME</c>; it must become that program, under the same process id. Empty for nothing.</summary>
    public IReadOnlyList<string> StartedBy { get; set; } = [];

    /// <summary>Variables of the environment besides those of this process, from its next start on.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Its last process; null if it was never started.</summary>
    public ChildProcess? Process => _process;

    /// <summary>How its process is.</summary>
    public NodeProcessState State => _process switch
    {
        null => NodeProcessState.New,
        { HasExited: true } => NodeProcessState.Ended,
        _ when _paused => NodeProcessState.Paused,
        _ when _stopping => NodeProcessState.Stopping,
        _ when _ready is { IsCompletedSuccessfully: true } => NodeProcessState.Running,
        _ => NodeProcessState.Starting,
    };

    /// <summary>The latest that was done to it, or that it said on stderr.</summary>
    public string LastEvent { get; private set; } = "";

    /// <summary>Whether a process of it lives.</summary>
    public bool IsAlive => _process is { HasExited: false };

    /// <summary>The last lines of its stderr, at most so many.</summary>
    public IReadOnlyList<string> LastLines(int count) => _process?.Errors.Last(count) ?? [];

    /// <summary>Starts its process.</summary>
    /// <exception cref="InvalidOperationException">One is running.</exception>
    public void Start()
    {
        if (IsAlive) throw new InvalidOperationException($"Node {Id} is running already, as process {_process!.Id}.");
        _paused = _stopping = false;
        var program = HashmapProgram.StartedBy(StartedBy, arguments(this));
        foreach (var (name, value) in Environment) program.Environment[name] = value;
        _process = ChildProcess.Start(program, new OutputLog(LogFile, onLine: Hear));
        LastEvent = "started";
        _ready = _process.Errors.WaitFor("ready", IsReady, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Completes when the running process has said that it is ready.</summary>
    /// <exception cref="TimeoutException">It has not in time, or has ended; the message has its last lines.</exception>
    public Task WhenReady(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Running().Errors.WaitFor($"node {Id} to be ready", IsReady, timeout, cancellationToken);

    /// <summary>kill -9; completes when it is gone.</summary>
    public Task Kill()
    {
        var process = Running();
        LastEvent = "killed";
        process.Kill();
        return process.Exited;
    }

    /// <summary>SIGTERM; completes with its exit code when it is gone.</summary>
    public Task<int> Stop()
    {
        var process = Running();
        _stopping = true;
        if (_paused) Resume();
        LastEvent = "asked to stop";
        process.Terminate();
        return process.Exited;
    }

    /// <summary>SIGSTOP.</summary>
    public void Pause()
    {
        Running().Pause();
        _paused = true;
        LastEvent = "paused";
    }

    /// <summary>SIGCONT.</summary>
    public void Resume()
    {
        Running().Resume();
        _paused = false;
        LastEvent = "resumed";
    }

    /// <summary>As the hashmap's clients take it: <c>id=host:port</c>.</summary>
    public override string ToString() => $"{Id}={Address}";

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }

    // The log's lines begin with time and level; who looks at a table knows the time.
    void Hear(string line)
    {
        if (IsReady(line)) return;
        var words = line.Split(' ', 3);
        LastEvent = words.Length == 3 && words[0].EndsWith('Z') ? words[2] : line;
    }

    static bool IsReady(string line) => line == "ready";

    ChildProcess Running() => IsAlive ? _process! : throw new InvalidOperationException($"Node {Id} is not running.");
}
