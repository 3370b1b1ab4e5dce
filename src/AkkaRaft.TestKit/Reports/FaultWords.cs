using System.Globalization;
using AkkaRaft.TestKit.Kernel;

namespace AkkaRaft.TestKit.Reports;

/// <summary>Faults in a few words: only what is wrong; nothing if all is right.</summary>
internal static class FaultWords
{
    public static string Of(NetworkFaults faults) => faults == NetworkFaults.None ? "" : List(
        faults.DelayMax != NetworkFaults.None.DelayMax || faults.DelayMin != NetworkFaults.None.DelayMin ? $"delay {Of(faults.DelayMin)} to {Of(faults.DelayMax)}" : "",
        Share(faults.Loss, "lost"),
        Share(faults.Duplication, "doubled"),
        faults.Stragglers > 0 ? $"{Share(faults.Stragglers, "late")} by up to {Of(faults.StragglerDelay)}" : "",
        faults.Ordered ? "" : "any order");

    public static string Of(DiskFaults faults) => List(
        faults.LatencyMax != DiskFaults.None.LatencyMax || faults.LatencyMin != DiskFaults.None.LatencyMin ? $"takes {Of(faults.LatencyMin)} to {Of(faults.LatencyMax)}" : "",
        faults.SlowProbability > 0 ? $"{Share(faults.SlowProbability, "slow")} by up to {Of(faults.SlowMax)}" : "",
        faults.StallProbability > 0 ? $"{Share(faults.StallProbability, "hang")} for {Of(faults.StallTime)}" : "",
        Share(faults.FailProbability, "of writes fail"),
        Share(faults.RejectProbability, "rejected"),
        Share(faults.ReadErrorProbability, "of reads fail"));

    public static string Of(HostClock clock) => List(
        clock.Rate != 1 ? string.Create(CultureInfo.InvariantCulture, $"clock rate {clock.Rate}") : "",
        clock.Skew != TimeSpan.Zero ? OfSkew(clock.Skew) : "");

    public static string OfSkew(TimeSpan skew) => $"wall clock {Of(skew.Duration())} {(skew > TimeSpan.Zero ? "ahead" : "behind")}";

    public static string Of(TimeSpan time) => time.TotalMilliseconds switch
    {
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMicroseconds:0} us"),
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s"),
    };

    static string Share(double probability, string what) => probability > 0 ? string.Create(CultureInfo.InvariantCulture, $"{probability * 100:0.###} % {what}") : "";

    static string List(params IEnumerable<string> parts) => string.Join(", ", parts.Where(part => part.Length > 0));
}
