using System.Globalization;

namespace AkkaRaft.TestKit.Planning;

/// <summary>Draws settings at which limits are met often: small batches, short queues, few messages under way.</summary>
internal static class SettingsPlanner
{
    public static IReadOnlyList<PlannedSetting> Plan(ulong seed)
    {
        var random = new SimulationRandom(seed, "settings");
        var settings = new List<PlannedSetting>();
        if (SnapshotDraw.Of(seed) is { } snapshots) settings.Add(snapshots.ToSetting());
        // The fastest clock of FaultPlanner runs at 1.25 of true time, the slowest at 0.8: one is faster than the other by 0.5625 of its rate.
        if (new SimulationRandom(seed, "lease settings").Chance(0.35))
            settings.Add(new PlannedSetting("WithLeaseReads(true).WithClockDriftBound(0.6)", s => s.WithLeaseReads(true).WithClockDriftBound(0.6)));
        if (random.Chance(0.3)) return settings;

        if (random.Chance(0.3)) Set(s => s.WithApplyMaxEntries, nameof(RaftSettings.WithApplyMaxEntries), random.Pick(1, 2, 7, 64));
        if (random.Chance(0.3)) Set(s => s.WithAppendMaxEntries, nameof(RaftSettings.WithAppendMaxEntries), random.Pick(1, 2, 5, 50));
        if (random.Chance(0.3)) Set(s => s.WithMaxInflightAppends, nameof(RaftSettings.WithMaxInflightAppends), random.Pick(1, 2, 4));
        if (random.Chance(0.2)) Set(s => s.WithMaxDeferredMessages, nameof(RaftSettings.WithMaxDeferredMessages), random.Pick(1, 3, 16));
        if (random.Chance(0.2)) Set(s => s.WithMaxPendingProposals, nameof(RaftSettings.WithMaxPendingProposals), random.Pick(2, 5, 50));
        if (random.Chance(0.2)) Set(s => s.WithMaxPendingReads, nameof(RaftSettings.WithMaxPendingReads), random.Pick(1, 3, 20));
        if (random.Chance(0.3)) AddSessions(random);
        if (random.Chance(0.3)) AddTimes(random.Pick(20, 50, 200), random);
        return settings;

        void Set(Func<RaftSettings, Func<int, RaftSettings>> with, string name, int value) =>
            settings.Add(new PlannedSetting(string.Create(CultureInfo.InvariantCulture, $"{name}({value})"), s => with(s)(value)));

        void AddSessions(SimulationRandom draw)
        {
            var (seconds, results, bytes) = (draw.Pick(1, 2, 5), draw.Pick(1, 2, 100), draw.Pick(1, 100, 10_000));
            settings.Add(new PlannedSetting(
                $"WithSessionTimeout({seconds}.Seconds()).WithMaxSessionResults({results}).WithMaxSessionResultBytes({bytes})",
                s => s.WithSessionTimeout(seconds.Seconds()).WithMaxSessionResults(results).WithMaxSessionResultBytes(bytes)));
        }

        void AddTimes(int heartbeat, SimulationRandom draw)
        {
            var (min, max) = (heartbeat * draw.Between(4, 8), 0);
            max = min * 3 / 2 + draw.Between(0, min);
            settings.Add(new PlannedSetting(
                $"WithTickInterval(10.Milliseconds()).WithHeartbeatInterval({heartbeat}.Milliseconds()).WithElectionTimeoutMin({min}.Milliseconds()).WithElectionTimeoutMax({max}.Milliseconds())",
                s => s.WithTickInterval(10.Milliseconds()).WithHeartbeatInterval(heartbeat.Milliseconds()).WithElectionTimeoutMin(min.Milliseconds())
                    .WithElectionTimeoutMax(max.Milliseconds())));
        }
    }
}
