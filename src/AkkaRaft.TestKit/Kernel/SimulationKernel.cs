using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace AkkaRaft.TestKit.Kernel;

/// <summary>
/// Runs everything of a simulated cluster on one thread, under one virtual clock: events that are due, and jobs that are ready. Which of several ready jobs goes
/// first is decided by the seed, and by nothing else.
/// </summary>
internal sealed class SimulationKernel
{
    const int MinStepCost = 10;     // 1 us, in ticks of 100 ns
    const int MaxStepCost = 200;    // 20 us

    readonly PriorityQueue<SimulationEvent, EventOrder> _events = new();
    readonly List<Job> _ready = [];
    readonly SimulationRandom _choice;
    readonly int _thread = Environment.CurrentManagedThreadId;

    long _now;
    long _sequence;

    public SimulationKernel(ulong seed)
    {
        Seed = seed;
        _choice = new SimulationRandom(seed, "interleaving");
    }

    public ulong Seed { get; }

    /// <summary>Virtual time since the run began.</summary>
    public TimeSpan Now => new(_now);

    /// <summary>The host whose code is running; null between steps and in the kernel's own events.</summary>
    public SimulatedHost? Running { get; private set; }

    /// <summary>A fault of the simulation itself, such as work from another thread: the run proves nothing any more.</summary>
    public string? Leak { get; private set; }

    /// <summary>A number that two runs share only if they did the same at the same time, step by step.</summary>
    public ulong TraceHash { get; private set; } = 0x5EED;

    /// <summary>Jobs that were run.</summary>
    public long Steps { get; private set; }

    /// <summary>Messages that actors have handled.</summary>
    public long Delivered { get; private set; }

    /// <summary>How many messages the running mailbox may still take: one for each run.</summary>
    public int Budget { get; set; }

    /// <summary>Called after each job, and after each event of a host.</summary>
    public Action<SimulatedHost>? AfterStep { get; set; }

    /// <summary>
    /// Looks, after each step, whether anything was given to the thread pool or to a real timer: what runs there is not simulated. For processes in which
    /// nothing else runs, since it sees all of the process.
    /// </summary>
    public bool WatchesThreads { get; init; }

    /// <summary>The message that was handled last; it names who is to blame for a leak.</summary>
    public TraceLine LastDelivered { get; private set; }

    public void Mix(ulong value) => TraceHash = StableHash.Mix(TraceHash, value);

    public void OnDelivered(TraceLine line)
    {
        Delivered++;
        LastDelivered = line;
    }

    public void ReportLeak(string what) => Leak ??= what;

    /// <summary>Whether the driver's own thread calls; anything else is a leak.</summary>
    public bool IsDriverThread => Environment.CurrentManagedThreadId == _thread;

    /// <summary>Runs something at a time of the virtual clock.</summary>
    /// <param name="at">When; in the past means now.</param>
    /// <param name="key">Orders events of the same time; stable over processes.</param>
    /// <param name="host">Whose event it is: dropped when that crashes, held back while it is paused; null for the kernel's own.</param>
    /// <param name="run">What to do.</param>
    public SimulationEvent At(TimeSpan at, ulong key, SimulatedHost? host, Action run)
    {
        RequireDriver($"an event");
        var due = Math.Max(at.Ticks, _now);
        var scheduled = new SimulationEvent(host, run, key);
        _events.Enqueue(scheduled, new EventOrder(due, key, ++_sequence));
        return scheduled;
    }

    public SimulationEvent After(TimeSpan delay, ulong key, SimulatedHost? host, Action run) => At(Now + delay, key, host, run);

    /// <summary>Puts a job of a host on the ready list.</summary>
    public void Ready(SimulatedHost host, ulong key, Action run)
    {
        if (!RequireDriver($"a job of {host.Name}") || !host.IsUp) return;
        if (host.IsPaused) host.Hold(new Job(host, key, run));
        else _ready.Add(new Job(host, key, run));
    }

    /// <summary>One event or one job, or the clock jumps to the next event.</summary>
    /// <returns>Whether there was anything to do up to <paramref name="until"/>.</returns>
    public bool Step(TimeSpan until)
    {
        while (true)
        {
            if (_events.TryPeek(out var next, out var order) && order.At <= _now)
            {
                _events.Dequeue();
                if (next.IsCancelled || next.Host is { IsUp: false }) continue;
                if (next.Host is { IsPaused: true } paused)
                {
                    paused.Hold(next);
                    continue;
                }

                Run(next);
                return true;
            }

            if (_ready.Count > 0)
            {
                Run(TakeReady());
                return true;
            }

            if (!_events.TryPeek(out _, out order) || order.At > until.Ticks)
            {
                _now = Math.Max(_now, until.Ticks);
                return false;
            }

            _now = order.At;
        }
    }

    /// <summary>Forgets what a host still had to do.</summary>
    public void Drop(SimulatedHost host) => _ready.RemoveAll(job => job.Host == host);

    /// <summary>Takes the jobs of a host off the ready list, to be held while it is paused.</summary>
    public void HoldReady(SimulatedHost host)
    {
        foreach (var job in _ready)
        {
            if (job.Host == host) host.Hold(job);
        }

        Drop(host);
    }

    public void Release(Job job) => _ready.Add(job);

    public void Release(SimulationEvent held) => _events.Enqueue(held, new EventOrder(_now, held.Key, ++_sequence));

    /// <summary>Runs code of a host now, as one of its jobs would: for boots and for what a script asks of it.</summary>
    public void RunAs(SimulatedHost host, Action run)
    {
        var before = Running;
        Running = host;
        try
        {
            host.Tasks.Run(run);
        }
        finally
        {
            Running = before;
        }
    }

    Job TakeReady()
    {
        // Not by place in the list: the order in which Akka enqueues depends on string hash codes, and differs between processes.
        var nonce = _choice.Bits();
        var best = 0;
        if (_ready.Count > 1)
        {
            var least = ulong.MaxValue;
            for (var i = 0; i < _ready.Count; i++)
            {
                var weight = StableHash.Mix(nonce, _ready[i].Key);
                if (weight >= least) continue;
                least = weight;
                best = i;
            }
        }

        var job = _ready[best];
        _ready[best] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        _now += MinStepCost + (long)(nonce % (MaxStepCost - MinStepCost + 1));
        return job;
    }

    void Run(Job job)
    {
        Steps++;
        Budget = 1;
        Run(job.Host, job.Run);
    }

    void Run(SimulationEvent due)
    {
        if (due.Host is { } host) Run(host, due.Run);
        else due.Run();
    }

    [SuppressMessage("Design", "CA1031", Justification = "What a job throws past its actor is a fault of the simulation, and ends the run with a report.")]
    void Run(SimulatedHost host, Action run)
    {
        var before = WatchesThreads ? RealWork() : default;
        try
        {
            RunAs(host, run);
        }
        catch (Exception escaped)
        {
            ReportLeak($"a job of {host.Name} threw past its actor: {escaped}");
        }

        if (WatchesThreads && RealWork() is var after && (after.Pool > before.Pool || after.Timers > before.Timers))
        {
            ReportLeak($"{host.Name}{LastDelivered.Actor} gave work to {(after.Pool > before.Pool ? "the thread pool" : "a real timer")} when it handled " +
                $"{LastDelivered.Message?.GetType().ToString() ?? "no message yet"}: Task.Run, Task.Delay, PipeTo, a time-out of real time ... must not be used in what is simulated");
        }

        AfterStep?.Invoke(host);
    }

    static (long Pool, long Timers) RealWork() => (ThreadPool.CompletedWorkItemCount + ThreadPool.PendingWorkItemCount, Timer.ActiveCount);

    /// <summary>Reports whatever another thread brings, and asks for it not to be taken.</summary>
    public bool RequireDriver([InterpolatedStringHandlerArgument("")] ref ForeignWork what)
    {
        if (IsDriverThread) return true;
        ReportLeak($"{what.ToStringAndClear()} came from a foreign thread: something slipped out of the simulation to the thread pool. {Environment.StackTrace}");
        return false;
    }

    readonly record struct EventOrder(long At, ulong Key, long Sequence) : IComparable<EventOrder>
    {
        public int CompareTo(EventOrder other)
        {
            var order = At.CompareTo(other.At);
            if (order == 0) order = Key.CompareTo(other.Key);
            return order != 0 ? order : Sequence.CompareTo(other.Sequence);
        }
    }
}

/// <summary>Something that is ready to run.</summary>
internal readonly record struct Job(SimulatedHost Host, ulong Key, Action Run);

/// <summary>Something that happens at a time.</summary>
internal sealed class SimulationEvent(SimulatedHost? host, Action run, ulong key)
{
    public SimulatedHost? Host => host;

    public Action Run => run;

    public ulong Key => key;

    public bool IsCancelled { get; private set; }

    public void Cancel() => IsCancelled = true;
}

/// <summary>What a foreign thread brings, in words; written only when one does.</summary>
[InterpolatedStringHandler]
internal ref struct ForeignWork
{
    DefaultInterpolatedStringHandler _text;

    public ForeignWork(int literalLength, int formattedCount, SimulationKernel kernel, out bool isForeign)
    {
        isForeign = !kernel.IsDriverThread;
        _text = isForeign ? new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
    }

    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public string ToStringAndClear() => _text.ToStringAndClear();
}
