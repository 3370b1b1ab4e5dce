namespace AkkaRaft.Samples.ClusterLauncher.Processes;

/// <summary>What a process has written: the last lines in memory, all of them in a file if one is given, and a way to wait for a line.</summary>
internal sealed class OutputLog : IDisposable
{
    readonly Lock _gate = new();
    readonly int _kept;
    readonly Queue<string> _lines = new();
    readonly List<Waiter> _waiters = [];
    readonly Action<string>? _onLine;
    readonly StreamWriter? _file;
    string? _closedBecause;

    /// <param name="file">Where all lines go, appended; null for nowhere.</param>
    /// <param name="kept">How many lines are kept in memory.</param>
    /// <param name="onLine">Called with each line.</param>
    public OutputLog(string? file = null, int kept = 10_000, Action<string>? onLine = null)
    {
        _kept = kept;
        _onLine = onLine;
        if (file is null) return;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        _file = new StreamWriter(new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
    }

    /// <summary>All lines that are kept, oldest first.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate) return [.. _lines];
        }
    }

    /// <summary>The last lines, at most so many.</summary>
    public IReadOnlyList<string> Last(int count)
    {
        lock (_gate) return [.. _lines.TakeLast(count)];
    }

    /// <summary>Takes a line in.</summary>
    public void Add(string line)
    {
        _onLine?.Invoke(line);
        lock (_gate)
        {
            if (_closedBecause is null) _file?.WriteLine(line);
            _lines.Enqueue(line);
            if (_lines.Count > _kept) _lines.Dequeue();
            foreach (var waiter in _waiters.Where(w => w.Wanted(line)).ToList())
            {
                _waiters.Remove(waiter);
                waiter.Found.TrySetResult(line);
            }
        }
    }

    /// <summary>Completes with the first line, among those kept and those to come, that is wanted.</summary>
    /// <exception cref="TimeoutException">None came in time, or none can come any more; the message has the last lines.</exception>
    public async Task<string> WaitFor(string what, Func<string, bool> wanted, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var waiter = new Waiter(wanted, new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_gate)
        {
            if (_lines.FirstOrDefault(wanted) is { } line) return line;
            if (_closedBecause is not null) throw Missed(what, _closedBecause);
            _waiters.Add(waiter);
        }

        try
        {
            return await waiter.Found.Task.WaitAsync(timeout, cancellationToken);
        }
        catch (TimeoutException)
        {
            lock (_gate) _waiters.Remove(waiter);
            throw Missed(what, $"{timeout.TotalSeconds:0} s have passed");
        }
        catch (EndOfStreamException end)
        {
            throw Missed(what, end.Message);
        }
    }

    /// <summary>No line will come any more.</summary>
    public void Close(string because)
    {
        lock (_gate)
        {
            if (_closedBecause is not null) return;
            _closedBecause = because;
            _file?.Dispose();
            foreach (var waiter in _waiters) waiter.Found.TrySetException(new EndOfStreamException(because));
            _waiters.Clear();
        }
    }

    /// <inheritdoc />
    public void Dispose() => Close("it was let go");

    TimeoutException Missed(string what, string because) =>
        new($"Waited for {what} in vain: {because}. The last lines of the output:{Environment.NewLine}  {string.Join(Environment.NewLine + "  ", Last(30))}");

    sealed record Waiter(Func<string, bool> Wanted, TaskCompletionSource<string> Found);
}
