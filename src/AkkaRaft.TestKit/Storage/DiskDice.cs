namespace AkkaRaft.TestKit.Storage;

/// <summary>
/// Draws what becomes of each operation. Always as many numbers for the same request, whatever the faults are: weakening one fault then leaves the others of a
/// seed as they were, and a failing run can be made smaller.
/// </summary>
internal sealed class DiskDice(SimulationRandom random)
{
    /// <summary>How long it takes, and whether that is unusual.</summary>
    public (TimeSpan Time, bool IsSlow) Latency(DiskFaults faults)
    {
        var time = random.Between(faults.LatencyMin, faults.LatencyMax);
        var isSlow = random.Chance(faults.SlowProbability);
        var slow = random.Between(faults.SlowMin, faults.SlowMax);
        var stalls = random.Chance(faults.StallProbability);
        if (isSlow) time += slow;
        if (stalls) time += faults.StallTime;
        return (time, isSlow || stalls);
    }

    /// <summary>Whether it fails, and how many of its parts are stored all the same, from the first on.</summary>
    public (bool Fails, int Stored) Failure(DiskFaults faults, int parts)
    {
        var fails = random.Chance(faults.FailProbability);
        var isStored = random.Chance(faults.FailedButStored);
        var stored = parts == 0 ? 0 : random.Between(1, parts);
        return (fails, isStored ? stored : 0);
    }

    public bool IsRejected(DiskFaults faults) => random.Chance(faults.RejectProbability);

    /// <summary>Whether a recovery's read fails, and after which share of its events.</summary>
    public (bool Fails, double After) ReadError(DiskFaults faults)
    {
        var fails = random.Chance(faults.ReadErrorProbability);
        return (fails, random.Fraction());
    }

    /// <summary>How many of a write's parts a crash leaves, from the first on.</summary>
    public int KeptByCrash(DiskFaults faults, int parts)
    {
        var fate = random.Fraction();
        var prefix = parts < 2 ? 0 : random.Between(1, parts - 1);
        if (fate < faults.CrashKeepsWhole) return parts;
        return fate < faults.CrashKeepsWhole + faults.CrashKeepsPrefix ? prefix : 0;
    }
}
