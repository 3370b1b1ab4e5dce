using System.Globalization;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>What <c>./build.sh soak</c> makes larger.</summary>
internal static class Soak
{
    /// <summary>How often the leader is killed in a row: AKKARAFT_KILL_ROUNDS, 20 unless told.</summary>
    public static int KillRounds
    {
        get
        {
            var text = Environment.GetEnvironmentVariable("AKKARAFT_KILL_ROUNDS");
            if (string.IsNullOrEmpty(text)) return 20;
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) && rounds > 0
                ? rounds
                : throw new InvalidOperationException($"AKKARAFT_KILL_ROUNDS = {text}: must be a number of 1 or more.");
        }
    }
}
