using System.Globalization;
using AkkaRaft.TestKit.Kernel;

namespace AkkaRaft.TestKit.Reports;

/// <summary>Faults in a few words: only what is wrong; nothing if all is right.</summary>
internal static class FaultWords
{
    public static string Of(NetworkFaults faults) => faults == NetworkFaults.None ? "" : List(
        Range("delay", faults.DelayMin, faults.DelayMax, NetworkFaults.None.DelayMin, NetworkFaults.None.DelayMax),
        Share(faults.Loss, "lost"),
        Share(faults.Duplication, "doubled"),
        faults.Stragglers > 0 ? $"{Share(faults.Stragglers, "late")} by up to {Of(faults.StragglerDelay)}" : "",
        faults.Ordered ? "" : "any order");

    public static string Of(DiskFaults faults) => List(
        Range("takes", faults.LatencyMin, faults.LatencyMax, DiskFaults.None.LatencyMin, DiskFaults.None.LatencyMax),
        faults.SlowProbability > 0 ? $"{Share(faults.SlowProbability, "slow")} by up to {Of(faults.SlowMax)}" : "",
        faults.StallProbability > 0 ? $"{Share(faults.StallProbability, "hang")} for {Of(faults.StallTime)}" : "",
        Share(faults.FailProbability, "of writes fail"),
        Share(faults.RejectProbability, "rejected"),
        Share(faults.ReadErrorProbability, "of reads fail"));

    public static string Of(HostClock clock) => List(
        clock.Rate != 1 ? string.Create(CultureInfo.InvariantCulture, $"clock rate {clock.Rate}") : "",
        clock.Skew != TimeSpan.Zero ? $"wall clock {Of(clock.Skew.Duration())} {(clock.Skew > TimeSpan.Zero ? "ahead" : "behind")}" : "");

    public static string Of(TimeSpan time) => time.TotalMilliseconds switch
    {
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMicroseconds:0} us"),
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s"),
    };

    static string Range(string what, TimeSpan min, TimeSpan max, TimeSpan usualMin, TimeSpan usualMax) =>
        min != usualMin || max != usualMax ? $"{what} {Of(min)} to {Of(max)}" : "";

    static string Share(double probability, string what) =>
        probability > 0 ? string.Create(CultureInfo.InvariantCulture, $"{probability * 100:0.###} % {what}") : "";

    static string List(params IEnumerable<string> parts) => string.Join(", ", parts.Where(part => part.Length > 0));
}
