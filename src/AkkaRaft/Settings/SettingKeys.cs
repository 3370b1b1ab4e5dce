namespace AkkaRaft.Settings;

/// <summary>The keys of <c>akka.raft</c> that RaftSettings reads, as reference.conf has them.</summary>
internal static class SettingKeys
{
    public const string ClusterId = "cluster-id";
    public const string GroupId = "group";
    public const string NodeId = "node-id";
    public const string Members = "members";
    public const string Join = "join";
    public const string DataDir = "data-dir";
    public const string HeartbeatInterval = "heartbeat-interval";
    public const string ElectionTimeoutMin = "election-timeout-min";
    public const string ElectionTimeoutMax = "election-timeout-max";
    public const string TickInterval = "tick-interval";
    public const string MaxCommandSize = "max-command-size";
    public const string AppendMaxEntries = "append-max-entries";
    public const string AppendMaxBytes = "append-max-bytes";
    public const string MaxInflightAppends = "max-inflight-appends";
    public const string MaxInflightAppendBytes = "max-inflight-append-bytes";
    public const string MaxPendingProposals = "max-pending-proposals";
    public const string MaxPendingProposalBytes = "max-pending-proposal-bytes";
    public const string MaxPendingReads = "max-pending-reads";
    public const string LeaseReads = "lease-reads";
    public const string ClockDriftBound = "clock-drift-bound";
    public const string ApplyMaxEntries = "apply-max-entries";
    public const string MaxDeferredMessages = "max-deferred-messages";
    public const string MaxBufferedRequests = "max-buffered-requests";
    public const string PeerUnreachableWarningAfter = "peer-unreachable-warning-after";
    public const string GreetingInterval = "greeting-interval";
    public const string StopTimeout = "stop-timeout";
    public const string ElectionPriority = "election-priority";
    public const string TransferOnStop = "transfer-on-stop";
    public const string TestingJournalBytesPerSecond = "testing.journal-bytes-per-second";
    public const string PayloadTypeNames = "payload-types";
    public const string RandomSeed = "random-seed";
    public const string TraceFile = "trace-file";
    public const string SessionTimeout = "sessions.timeout";
    public const string MaxSessions = "sessions.max-sessions";
    public const string MaxSessionResults = "sessions.max-results";
    public const string MaxSessionResultBytes = "sessions.max-result-bytes";
    public const string JournalPluginId = "journal.plugin-id";
    public const string AllowInMemoryJournal = "journal.allow-in-memory";
    public const string JournalMaxEventBytes = "journal.max-event-bytes";
    public const string JournalRestartBackoffMin = "journal.restart-backoff-min";
    public const string JournalRestartBackoffMax = "journal.restart-backoff-max";
    public const string JournalMaxRestarts = "journal.max-restarts";
    public const string JournalHealthyAfter = "journal.healthy-after";
    public const string SnapshotPluginId = "snapshot.plugin-id";
    public const string SnapshotEntries = "snapshot.entries";
    public const string SnapshotBytes = "snapshot.bytes";
    public const string SnapshotTrailingEntries = "snapshot.trailing-entries";
    public const string SnapshotTrailingBytes = "snapshot.trailing-bytes";
    public const string SnapshotChunkBytes = "snapshot.chunk-bytes";
    public const string SnapshotWindowBytes = "snapshot.window-bytes";
    public const string SnapshotStoreChunkBytes = "snapshot.store-chunk-bytes";
    public const string SnapshotWriteRate = "snapshot.write-rate";
}
