using System.Collections.Concurrent;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>A running <c>hashmap drive</c>: lines are sent to it, and each answer finds its line.</summary>
internal sealed class DriveSession : IAsyncDisposable
{
    readonly int _clients;
    readonly Lock _writing = new();
    readonly ConcurrentDictionary<long, Pending> _pending = new();
    readonly ConcurrentQueue<DriveOperation> _history = new();
    readonly ConcurrentQueue<string> _breaches = new();
    readonly ChildProcess _process;
    long _lines;

    DriveSession(HashmapCluster cluster, string peers, int clients, string timeout)
    {
        _clients = clients;
        var start = HashmapProgram.WithArguments("drive", "--peers", peers, "--clients", $"{clients}", "--timeout", timeout);
        foreach (var argument in cluster.ConfigFile is { } file ? (string[])["--config", file.FullName] : []) start.ArgumentList.Add(argument);
        _process = ChildProcess.Start(start, new OutputLog(Path.Combine(cluster.DataFolder, $"drive-{Guid.NewGuid():N}.log")), input: true, onOutput: Take);
        // When it ends, what it still owes is owed for ever.
        _ = _process.Exited.ContinueWith(_ => FailPending(), TaskScheduler.Default);
    }

    /// <summary>All that has ended, in the order of its end.</summary>
    public IReadOnlyList<DriveOperation> History => [.. _history];

    /// <summary>Answers that nobody asked for, or that cannot be read; must stay empty.</summary>
    public IReadOnlyCollection<string> Breaches => _breaches;

    /// <summary>The program's stdin, for lines that are no requests.</summary>
    public ChildProcess Process => _process;

    public static DriveSession Start(HashmapCluster cluster, int clients, string? peers = null, string timeout = "5s") =>
        new(cluster, peers ?? cluster.Peers, clients, timeout);

    /// <summary>Sends a line; completes with its answer.</summary>
    public Task<DriveOperation> Send(DriveRequest request) => Send(_ => request);

    /// <summary>Sends a line that depends on which client will run it.</summary>
    public Task<DriveOperation> Send(Func<int, DriveRequest> requestOfClient)
    {
        lock (_writing)
        {
            var id = _lines++;
            var client = (int)(id % _clients);
            var pending = new Pending(requestOfClient(client), client);
            _pending[id] = pending;
            _process.Input.WriteLine(pending.Request.ToJson(id));
            _process.Input.Flush();
            return pending.Ended.Task;
        }
    }

    /// <summary>Keeps all clients busy until cancelled; completes when all that was sent has ended.</summary>
    /// <param name="next">The request for a client.</param>
    /// <param name="ended">Called with each operation that has ended.</param>
    /// <param name="until">Ends it.</param>
    public Task Load(Func<int, DriveRequest> next, Action<DriveOperation> ended, CancellationToken until) =>
        // Twice as many lines as clients, so that none waits for us.
        Task.WhenAll(Enumerable.Range(0, 2 * _clients).Select(async _ =>
        {
            while (!until.IsCancellationRequested) ended(await Send(next));
        }));

    /// <summary>Closes its input; completes with its exit code.</summary>
    public async Task<int> End()
    {
        _process.Input.Close();
        return await _process.Exited.WaitAsync(ClusterTest.Patience);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    void Take(string line)
    {
        DriveAnswer answer;
        try
        {
            answer = DriveAnswer.Parse(line);
        }
        catch (Exception problem)
        {
            _breaches.Enqueue($"Not readable: {line} ({problem.Message})");
            return;
        }

        if (answer.Id is not { } id || !_pending.TryRemove(id, out var pending))
        {
            _breaches.Enqueue($"Nobody waits for this: {line}");
            return;
        }

        var operation = new DriveOperation(id, pending.Client, pending.Request, answer);
        _history.Enqueue(operation);
        pending.Ended.TrySetResult(operation);
    }

    void FailPending()
    {
        foreach (var (id, pending) in _pending)
            pending.Ended.TrySetException(new InvalidOperationException($"hashmap drive has ended and never answered {pending.Request.ToJson(id)}. "
                + $"Its stderr: {string.Join(" | ", _process.Errors.Last(10))}"));
    }

    sealed record Pending(DriveRequest Request, int Client)
    {
        public TaskCompletionSource<DriveOperation> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
