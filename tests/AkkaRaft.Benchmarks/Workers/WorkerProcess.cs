using System.Diagnostics;
using System.Text.Json;
using AkkaRaft.Benchmarks.Contenders;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Benchmarks.Workers;

/// <summary>A worker, seen from the process that measures.</summary>
internal sealed class WorkerProcess : INodeProcess
{
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    readonly ChildProcess _child;
    readonly SemaphoreSlim _turn = new(1);
    TaskCompletionSource<string> _answer = New();

    WorkerProcess(ProcessStartInfo start, string log)
    {
        _child = ChildProcess.Start(start, new OutputLog(log), input: true, onOutput: line => Volatile.Read(ref _answer).TrySetResult(line));
        _ = _child.Exited.ContinueWith(_ => Volatile.Read(ref _answer).TrySetException(new InvalidOperationException(
            $"The process of {string.Join(' ', start.ArgumentList)} has ended. Its last lines:{Environment.NewLine}{string.Join(Environment.NewLine, _child.Errors.Last(20))}")), TaskScheduler.Default);
    }

    /// <summary>Its number.</summary>
    public int Id => _child.Id;

    /// <summary>Starts this program anew with other arguments, and waits until it serves.</summary>
    /// <param name="log">Where its stderr goes.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="environment">Variables of its environment besides ours.</param>
    public static async Task<WorkerProcess> Start(string log, IEnumerable<string> arguments, params IEnumerable<(string Name, string Value)> environment)
    {
        var start = ThisProgram.WithArguments(arguments);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var worker = new WorkerProcess(start, log);
        try
        {
            var first = await worker._answer.Task.WaitAsync(s_patience);
            if (first != WorkerProgram.Ready) throw new InvalidOperationException($"A worker said \"{first}\" instead of that it serves.");
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Puts a load on its store, and waits for the end of it.</summary>
    public async Task<LoadReport> Run(LoadRequest load) => (await Ask(new WorkerRequest { Load = load }, load.WarmUp + load.Measured + s_patience)).Load!;

    /// <summary>What it has used so far.</summary>
    public async Task<ProcessCost> Cost() => (await Ask(new WorkerRequest { Cost = true }, s_patience)).Cost!;

    /// <summary>kill -9.</summary>
    public void Kill() => _child.Kill();

    /// <summary>SIGSTOP.</summary>
    public void Pause() => _child.Pause();

    /// <summary>SIGCONT.</summary>
    public void Resume() => _child.Resume();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _child.DisposeAsync();
        _turn.Dispose();
    }

    static TaskCompletionSource<string> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    async Task<WorkerAnswer> Ask(WorkerRequest request, TimeSpan patience)
    {
        await _turn.WaitAsync();
        try
        {
            var answer = New();
            Volatile.Write(ref _answer, answer);
            await _child.Input.WriteLineAsync(JsonSerializer.Serialize(request));
            await _child.Input.FlushAsync();
            return JsonSerializer.Deserialize<WorkerAnswer>(await answer.Task.WaitAsync(patience))!;
        }
        finally
        {
            _turn.Release();
        }
    }
}
