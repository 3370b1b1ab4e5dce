using System.Globalization;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>What <c>./build.sh soak</c> makes larger.</summary>
internal static class Soak
{
    /// <summary>How often the leader is killed in a row: AKKARAFT_KILL_ROUNDS, 10 unless told.</summary>
    public static int KillRounds => Number("AKKARAFT_KILL_ROUNDS", 10);

    /// <summary>How many operations a chaotic cluster gets: AKKARAFT_CHAOS_OPERATIONS, 4,000 unless told.</summary>
    public static int ChaosOperations => Number("AKKARAFT_CHAOS_OPERATIONS", 4_000);

    /// <summary>What faults and operations are drawn from: AKKARAFT_CHAOS_SEED.</summary>
    public static int ChaosSeed => Number("AKKARAFT_CHAOS_SEED", 20_261_123);

    /// <summary>Where that run tells how it goes: AKKARAFT_CHAOS_LOG; null unless told.</summary>
    public static string? ChaosLog => Environment.GetEnvironmentVariable("AKKARAFT_CHAOS_LOG") is { Length: > 0 } file ? file : null;

    static int Number(string variable, int unlessTold)
    {
        var text = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(text)) return unlessTold;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new InvalidOperationException($"{variable} = {text}: must be a number of 1 or more.");
    }
}
