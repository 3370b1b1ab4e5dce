using System.Globalization;

namespace AkkaRaft.Samples.ClusterLauncher.Measuring;

/// <summary>How long writes took. Safe to use from many threads.</summary>
internal sealed class Latencies
{
    readonly Lock _gate = new();
    readonly List<double> _milliseconds = [];
    int _failed;

    /// <summary>How many were acknowledged.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _milliseconds.Count;
        }
    }

    /// <summary>One was acknowledged after so long.</summary>
    public void Add(TimeSpan time)
    {
        lock (_gate) _milliseconds.Add(time.TotalMilliseconds);
    }

    /// <summary>One was not acknowledged.</summary>
    public void AddFailure()
    {
        lock (_gate) _failed++;
    }

    /// <summary>So large a share (0 to 1) of them took no longer than this, in milliseconds; NaN if there are none.</summary>
    public double Percentile(double share)
    {
        lock (_gate)
        {
            if (_milliseconds.Count == 0) return double.NaN;
            var sorted = _milliseconds.Order().ToList();
            return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];
        }
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Count} writes, {_failed} failed; p50 {Percentile(0.5):0.0} ms, p99 {Percentile(0.99):0.0} ms, longest {Percentile(1):0.0} ms");
}
