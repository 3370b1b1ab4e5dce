namespace AkkaRaft.TestKit.Invariants;

/// <summary>All of them; README.md of the kit has the table.</summary>
internal static class ClusterInvariants
{
    /// <summary>A new set, for one run.</summary>
    public static IReadOnlyList<ClusterInvariant> All()
    {
        var committed = new CommittedLog();
        return
        [
            new ElectionSafety(),
            new LogMatching(),
            new LeaderAppendOnly(),
            new LeaderCompleteness(committed),
            new StateMachineSafety(committed),
            new CommittedNeverChanges(committed),
            new CommittedOnQuorum(committed),
            new MonotonicState(),
            new JournalOrder(),
            new ConfigurationSafety(committed),
            new ClientOracle(committed),
            new SnapshotOfCommitted(committed),
            new SnapshotOnDisk(),
            new SnapshotEqualsLog(),
            new AppliedAtMostOnce(),
        ];
    }
}
