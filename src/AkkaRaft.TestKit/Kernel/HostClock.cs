namespace AkkaRaft.TestKit.Kernel;

/// <summary>
/// The clock of one simulated machine: it may run faster or slower than true time, and its wall clock may be wrong. It goes on while the process is
/// paused or dead.
/// </summary>
internal sealed class HostClock(Func<TimeSpan> trueTime, TimeSpan origin)
{
    /// <summary>The wall clock when a run begins.</summary>
    public static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly TimeSpan _origin = origin;
    TimeSpan _trueBase = trueTime();
    TimeSpan _localBase = origin;

    /// <summary>Local seconds per true second.</summary>
    public double Rate { get; private set; } = 1;

    /// <summary>What the wall clock shows too much.</summary>
    public TimeSpan Skew { get; set; }

    /// <summary>The monotonic clock.</summary>
    public TimeSpan Monotonic
    {
        get
        {
            var passed = trueTime() - _trueBase;
            return _localBase + (Rate == 1 ? passed : passed * Rate);
        }
    }

    /// <summary>The wall clock. Machines that have been up for different times agree on it, but for their rates and <see cref="Skew"/>.</summary>
    public DateTimeOffset Utc => Epoch + (Monotonic - _origin) + Skew;

    public void SetRate(double rate)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate);
        (_localBase, _trueBase) = (Monotonic, trueTime());
        Rate = rate;
    }

    /// <summary>How long a wait of this clock takes in true time.</summary>
    public TimeSpan ToTrue(TimeSpan local) => Rate == 1 ? local : local / Rate;
}

/// <summary>A machine's clock as .NET sees it.</summary>
internal sealed class HostTimeProvider(SimulatedHost host) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => host.Clock.Monotonic.Ticks;

    public override DateTimeOffset GetUtcNow() => host.Clock.Utc;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new HostTimer(host, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }
}

/// <summary>A timer of <see cref="HostTimeProvider"/>.</summary>
internal sealed class HostTimer(SimulatedHost host, Action callback) : ITimer
{
    readonly ulong _key = host.NextTaskKey();

    SimulationEvent? _pending;
    TimeSpan _period;
    bool _isDisposed;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (_isDisposed) return false;
        _pending?.Cancel();
        _pending = null;
        _period = period;
        if (dueTime != Timeout.InfiniteTimeSpan) Arm(dueTime);
        return true;
    }

    public void Dispose()
    {
        _isDisposed = true;
        _pending?.Cancel();
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    void Arm(TimeSpan delay) => _pending = host.Kernel.After(host.Clock.ToTrue(delay), _key, host, Fire);

    void Fire()
    {
        _pending = null;
        if (_period > TimeSpan.Zero) Arm(_period);
        callback();
    }
}
