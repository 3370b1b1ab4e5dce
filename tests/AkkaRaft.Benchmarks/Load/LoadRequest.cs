using System.Text.Json.Serialization;

namespace AkkaRaft.Benchmarks.Load;

/// <summary>What a load does.</summary>
internal enum LoadKind
{
    /// <summary>Writes values of 256 bytes.</summary>
    Write,

    /// <summary>Linearizable reads.</summary>
    Read,
}

/// <summary>A load on a store, for so long.</summary>
/// <param name="Kind">Writes or reads.</param>
/// <param name="InFlight">Closed loop: so many operations are always under way. Open loop (with a rate): the most that are under way before those that come are counted as shed.</param>
/// <param name="Rate">Operations that begin in each second, whatever the answers do; 0 for a closed loop.</param>
/// <param name="WarmUp">Not measured: the first seconds are the JIT's.</param>
/// <param name="Measured">What is measured, after that.</param>
internal sealed record LoadRequest(LoadKind Kind, int InFlight, double Rate, TimeSpan WarmUp, TimeSpan Measured)
{
    /// <summary>Bytes of a value.</summary>
    public const int ValueBytes = 256;

    /// <summary>Values are written under so many keys, in turn.</summary>
    public const int Keys = 1000;

    /// <summary>Whether the moment of each acknowledgement is reported, for a time-line of a fail-over.</summary>
    public bool KeepTimes { get; init; }
}

/// <summary>What came of a load.</summary>
/// <param name="Done">Operations acknowledged in the measured time.</param>
/// <param name="Failed">Operations that ended otherwise in the measured time.</param>
/// <param name="Shed">Operations of an open loop that never began since too many were under way; they count as no latency, and a load that has any is above what the store bears.</param>
/// <param name="Seconds">The measured time.</param>
/// <param name="Histogram">HdrHistogram V2, compressed, base64: microseconds from when an operation was to begin until its answer.</param>
internal sealed record LoadReport(long Done, long Failed, long Shed, double Seconds, string Histogram)
{
    /// <summary>When each acknowledgement came, microseconds of the machine's monotonic clock; empty unless asked for.</summary>
    public long[] AcknowledgedAt { get; init; } = [];

    /// <summary>Why the first that failed did.</summary>
    public string? FirstFailure { get; init; }

    /// <summary>Operations in a second.</summary>
    [JsonIgnore]
    public double PerSecond => Done / Seconds;
}
