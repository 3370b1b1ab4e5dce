using System.Diagnostics;

namespace AkkaRaft.Samples.ClusterLauncher.Processes;

/// <summary>A program that runs as our child: its output is kept, signals can be sent to it, and it dies with us.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    readonly Process _process;
    readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    ChildProcess(ProcessStartInfo start, OutputLog output, OutputLog errors, Action<string>? onOutput)
    {
        Output = output;
        Errors = errors;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, e) =>
        {
            if (e.Data is null) return;
            output.Add(e.Data);
            onOutput?.Invoke(e.Data);
        };
        _process.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is not null) errors.Add(e.Data);
        };
    }

    /// <summary>Its number; stays readable after it has ended.</summary>
    public int Id { get; private set; }

    /// <summary>Its stdout.</summary>
    public OutputLog Output { get; }

    /// <summary>Its stderr.</summary>
    public OutputLog Errors { get; }

    /// <summary>Its stdin, if it was asked for.</summary>
    public StreamWriter Input => _process.StandardInput;

    /// <summary>Completes with the exit code (128 + the signal's number if a signal ended it) when it has ended and all its output is in.</summary>
    public Task<int> Exited => _exited.Task;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Starts a program.</summary>
    /// <param name="start">What to start; the streams are set here.</param>
    /// <param name="errors">Where its stderr goes; null for memory only.</param>
    /// <param name="input">Whether its stdin is written by us; otherwise it finds it closed.</param>
    /// <param name="onOutput">Called with each line of its stdout.</param>
    public static ChildProcess Start(ProcessStartInfo start, OutputLog? errors = null, bool input = false, Action<string>? onOutput = null)
    {
        start.UseShellExecute = false;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var child = new ChildProcess(start, new OutputLog(kept: 100_000), errors ?? new OutputLog(), onOutput);
        child._process.Start();
        child.Id = child._process.Id;
        ChildGuard.Watch(child.Id);
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        if (!input) child._process.StandardInput.Close();
        _ = child.AwaitExit();
        return child;
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        if (!_process.HasExited) _process.Kill();
    }

    /// <summary>SIGTERM.</summary>
    public void Terminate() => Signal(Signals.Terminate);

    /// <summary>SIGINT.</summary>
    public void Interrupt() => Signal(Signals.Interrupt);

    /// <summary>SIGSTOP.</summary>
    public void Pause() => Signal(Signals.Stop);

    /// <summary>SIGCONT.</summary>
    public void Resume() => Signal(Signals.Continue);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Kill();
        await Exited;
    }

    async Task AwaitExit()
    {
        await _process.WaitForExitAsync();
        ChildGuard.Forget(Id);
        var because = $"process {Id} has ended with exit code {_process.ExitCode}";
        Output.Close(because);
        Errors.Close(because);
        _exited.TrySetResult(_process.ExitCode);
    }

    // Only while it lives: afterwards the number may be another process's.
    void Signal(Action<int> send)
    {
        if (!_process.HasExited) send(Id);
    }
}
