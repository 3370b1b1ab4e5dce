using System.Runtime.CompilerServices;

namespace AkkaRaft.TestKit;

/// <summary>
/// How a node's disk behaves: how long it takes and what goes wrong, by probability. Journal and snapshot store share it. It may be changed during a run; what
/// is under way keeps what was drawn for it, but for a crash, which decides by the faults of its moment.
/// </summary>
public sealed record DiskFaults
{
    /// <summary>A quick disk on which nothing goes wrong but what a crash cuts short.</summary>
    public static DiskFaults None { get; } = new();

    /// <summary>The shortest time that a write or a read takes.</summary>
    public TimeSpan LatencyMin { get; init; } = TimeSpan.FromMicroseconds(100);

    /// <summary>The longest time that a write or a read takes, unless it is slow or stalls.</summary>
    public TimeSpan LatencyMax { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>How likely an operation is a slow one.</summary>
    public double SlowProbability { get; init; }

    /// <summary>The shortest time that a slow operation takes in addition.</summary>
    public TimeSpan SlowMin { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The longest time that a slow operation takes in addition.</summary>
    public TimeSpan SlowMax { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How likely an operation hangs for <see cref="StallTime"/>.</summary>
    public double StallProbability { get; init; }

    /// <summary>
    /// How long it hangs. Beyond the plug-in's <c>circuit-breaker.call-timeout</c> the operation is reported as failed while it hangs, and may succeed later all
    /// the same.
    /// </summary>
    public TimeSpan StallTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How likely a write or a deletion fails.</summary>
    public double FailProbability { get; init; }

    /// <summary>The share of the failed writes that are on disk all the same.</summary>
    public double FailedButStored { get; init; } = 0.5;

    /// <summary>How likely an atomic write is rejected: it surely is not stored, the others of its batch are not concerned.</summary>
    public double RejectProbability { get; init; }

    /// <summary>How likely a recovery's read fails, at once or after some events. It is read from the disk again the next time.</summary>
    public double ReadErrorProbability { get; init; }

    /// <summary>How likely a crash leaves a write that was under way whole on disk.</summary>
    public double CrashKeepsWhole { get; init; } = 0.4;

    /// <summary>
    /// How likely a crash leaves the first of a batch's atomic writes, and loses the others; of a single one there is no such part, and it is lost. What is
    /// neither kept whole nor in part is lost.
    /// </summary>
    public double CrashKeepsPrefix { get; init; } = 0.2;

    /// <summary>Throws when a value makes no sense.</summary>
    internal DiskFaults Checked()
    {
        Ordered(LatencyMin, LatencyMax, nameof(LatencyMin), nameof(LatencyMax));
        Ordered(SlowMin, SlowMax, nameof(SlowMin), nameof(SlowMax));
        Ordered(TimeSpan.Zero, StallTime, "zero", nameof(StallTime));
        Probability(SlowProbability);
        Probability(StallProbability);
        Probability(FailProbability);
        Probability(FailedButStored);
        Probability(RejectProbability);
        Probability(ReadErrorProbability);
        Probability(CrashKeepsWhole);
        Probability(CrashKeepsPrefix);
        Probability(CrashKeepsWhole + CrashKeepsPrefix);
        return this;
    }

    static void Probability(double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value is >= 0 and <= 1) return;
        throw new ArgumentOutOfRangeException(name, value, $"DiskFaults: {name} = {value} is no probability. Give a number from 0, never, to 1, always.");
    }

    static void Ordered(TimeSpan min, TimeSpan max, string minName, string maxName)
    {
        if (min >= TimeSpan.Zero && min <= max) return;
        throw new ArgumentOutOfRangeException(maxName, max, $"DiskFaults: {minName} = {min} and {maxName} = {max}: no time may be negative, nor {maxName} below {minName}.");
    }
}
