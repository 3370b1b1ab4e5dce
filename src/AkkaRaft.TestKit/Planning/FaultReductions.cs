namespace AkkaRaft.TestKit.Planning;

/// <summary>Fault settings with one of their faults less.</summary>
internal static class FaultReductions
{
    static readonly NetworkFaults QuietNetwork = NetworkFaults.None;
    static readonly DiskFaults GoodDisk = DiskFaults.None;

    static readonly Func<NetworkFaults, NetworkFaults>[] OfNetwork =
    [
        faults => faults with { Loss = QuietNetwork.Loss },
        faults => faults with { Duplication = QuietNetwork.Duplication },
        faults => faults with { Stragglers = QuietNetwork.Stragglers, StragglerDelay = QuietNetwork.StragglerDelay },
        faults => faults with { Ordered = QuietNetwork.Ordered },
        faults => faults with { DelayMin = QuietNetwork.DelayMin, DelayMax = QuietNetwork.DelayMax },
    ];

    static readonly Func<DiskFaults, DiskFaults>[] OfDisk =
    [
        faults => faults with { StallProbability = GoodDisk.StallProbability, StallTime = GoodDisk.StallTime },
        faults => faults with { FailProbability = GoodDisk.FailProbability, FailedButStored = GoodDisk.FailedButStored },
        faults => faults with { RejectProbability = GoodDisk.RejectProbability },
        faults => faults with { ReadErrorProbability = GoodDisk.ReadErrorProbability },
        faults => faults with { SlowProbability = GoodDisk.SlowProbability, SlowMin = GoodDisk.SlowMin, SlowMax = GoodDisk.SlowMax },
        faults => faults with { LatencyMin = GoodDisk.LatencyMin, LatencyMax = GoodDisk.LatencyMax },
        faults => faults with { CrashKeepsWhole = GoodDisk.CrashKeepsWhole, CrashKeepsPrefix = GoodDisk.CrashKeepsPrefix },
    ];

    public static IEnumerable<NetworkFaults> Of(NetworkFaults faults) => OfNetwork.Select(reduce => reduce(faults)).Where(reduced => reduced != faults);

    public static IEnumerable<DiskFaults> Of(DiskFaults faults) => OfDisk.Select(reduce => reduce(faults)).Where(reduced => reduced != faults);
}
