using AkkaRaft.Settings;

namespace AkkaRaft;

/// <content>Copies with one value changed.</content>
public sealed partial class RaftSettings
{
    /// <summary>A copy with another <see cref="ClusterId"/> (cluster-id).</summary>
    public RaftSettings WithClusterId(ClusterId value) => With(SettingKeys.ClusterId, copy => copy.ClusterId = value);

    /// <summary>A copy with another <see cref="GroupId"/> (group).</summary>
    public RaftSettings WithGroupId(GroupId value) => With(SettingKeys.GroupId, copy => copy.GroupId = value);

    /// <summary>A copy with another <see cref="NodeId"/> (node-id).</summary>
    public RaftSettings WithNodeId(NodeId value) => With(SettingKeys.NodeId, copy => copy.NodeId = value);

    /// <summary>A copy with other <see cref="Members"/> (members).</summary>
    public RaftSettings WithMembers(params IEnumerable<RaftMember> value) =>
        With(SettingKeys.Members, copy => copy.Members = value.ToList().AsReadOnly());

    /// <summary>A copy with another <see cref="Join"/> (join).</summary>
    public RaftSettings WithJoin(bool value) => With(SettingKeys.Join, copy => copy.Join = value);

    /// <summary>A copy with another <see cref="DataDir"/> (data-dir).</summary>
    public RaftSettings WithDataDir(string value) => With(SettingKeys.DataDir, copy => copy.DataDir = value);

    /// <summary>A copy with another <see cref="HeartbeatInterval"/> (heartbeat-interval).</summary>
    public RaftSettings WithHeartbeatInterval(TimeSpan value) => With(SettingKeys.HeartbeatInterval, copy => copy.HeartbeatInterval = value);

    /// <summary>A copy with another <see cref="ElectionTimeoutMin"/> (election-timeout-min).</summary>
    public RaftSettings WithElectionTimeoutMin(TimeSpan value) => With(SettingKeys.ElectionTimeoutMin, copy => copy.ElectionTimeoutMin = value);

    /// <summary>A copy with another <see cref="ElectionTimeoutMax"/> (election-timeout-max).</summary>
    public RaftSettings WithElectionTimeoutMax(TimeSpan value) => With(SettingKeys.ElectionTimeoutMax, copy => copy.ElectionTimeoutMax = value);

    /// <summary>A copy with another <see cref="TickInterval"/> (tick-interval).</summary>
    public RaftSettings WithTickInterval(TimeSpan value) => With(SettingKeys.TickInterval, copy => copy.TickInterval = value);

    /// <summary>A copy with another <see cref="MaxCommandSize"/> (max-command-size).</summary>
    public RaftSettings WithMaxCommandSize(int value) => With(SettingKeys.MaxCommandSize, copy => copy.MaxCommandSize = value);

    /// <summary>A copy with another <see cref="AppendMaxEntries"/> (append-max-entries).</summary>
    public RaftSettings WithAppendMaxEntries(int value) => With(SettingKeys.AppendMaxEntries, copy => copy.AppendMaxEntries = value);

    /// <summary>A copy with another <see cref="AppendMaxBytes"/> (append-max-bytes).</summary>
    public RaftSettings WithAppendMaxBytes(int value) => With(SettingKeys.AppendMaxBytes, copy => copy.AppendMaxBytes = value);

    /// <summary>A copy with another <see cref="MaxInflightAppends"/> (max-inflight-appends).</summary>
    public RaftSettings WithMaxInflightAppends(int value) => With(SettingKeys.MaxInflightAppends, copy => copy.MaxInflightAppends = value);

    /// <summary>A copy with another <see cref="MaxInflightAppendBytes"/> (max-inflight-append-bytes).</summary>
    public RaftSettings WithMaxInflightAppendBytes(int value) => With(SettingKeys.MaxInflightAppendBytes, copy => copy.MaxInflightAppendBytes = value);

    /// <summary>A copy with another <see cref="MaxPendingProposals"/> (max-pending-proposals).</summary>
    public RaftSettings WithMaxPendingProposals(int value) => With(SettingKeys.MaxPendingProposals, copy => copy.MaxPendingProposals = value);

    /// <summary>A copy with another <see cref="MaxPendingProposalBytes"/> (max-pending-proposal-bytes).</summary>
    public RaftSettings WithMaxPendingProposalBytes(long value) => With(SettingKeys.MaxPendingProposalBytes, copy => copy.MaxPendingProposalBytes = value);

    /// <summary>A copy with another <see cref="MaxPendingReads"/> (max-pending-reads).</summary>
    public RaftSettings WithMaxPendingReads(int value) => With(SettingKeys.MaxPendingReads, copy => copy.MaxPendingReads = value);

    /// <summary>A copy with another <see cref="LeaseReads"/> (lease-reads).</summary>
    public RaftSettings WithLeaseReads(bool value) => With(SettingKeys.LeaseReads, copy => copy.LeaseReads = value);

    /// <summary>A copy with another <see cref="ClockDriftBound"/> (clock-drift-bound).</summary>
    public RaftSettings WithClockDriftBound(double value) => With(SettingKeys.ClockDriftBound, copy => copy.ClockDriftBound = value);

    /// <summary>A copy with another <see cref="ApplyMaxEntries"/> (apply-max-entries).</summary>
    public RaftSettings WithApplyMaxEntries(int value) => With(SettingKeys.ApplyMaxEntries, copy => copy.ApplyMaxEntries = value);

    /// <summary>A copy with another <see cref="MaxDeferredMessages"/> (max-deferred-messages).</summary>
    public RaftSettings WithMaxDeferredMessages(int value) => With(SettingKeys.MaxDeferredMessages, copy => copy.MaxDeferredMessages = value);

    /// <summary>A copy with another <see cref="MaxBufferedRequests"/> (max-buffered-requests).</summary>
    public RaftSettings WithMaxBufferedRequests(int value) => With(SettingKeys.MaxBufferedRequests, copy => copy.MaxBufferedRequests = value);

    /// <summary>A copy with another <see cref="PeerUnreachableWarningAfter"/> (peer-unreachable-warning-after).</summary>
    public RaftSettings WithPeerUnreachableWarningAfter(TimeSpan value) =>
        With(SettingKeys.PeerUnreachableWarningAfter, copy => copy.PeerUnreachableWarningAfter = value);

    /// <summary>A copy with another <see cref="GreetingInterval"/> (greeting-interval).</summary>
    public RaftSettings WithGreetingInterval(TimeSpan value) => With(SettingKeys.GreetingInterval, copy => copy.GreetingInterval = value);

    /// <summary>A copy with another <see cref="ElectionPriority"/> (election-priority).</summary>
    public RaftSettings WithElectionPriority(int value) => With(SettingKeys.ElectionPriority, copy => copy.ElectionPriority = value);

    /// <summary>A copy with another <see cref="TransferOnStop"/> (transfer-on-stop).</summary>
    public RaftSettings WithTransferOnStop(bool value) => With(SettingKeys.TransferOnStop, copy => copy.TransferOnStop = value);

    /// <summary>A copy with another <see cref="TestingJournalBytesPerSecond"/> (testing.journal-bytes-per-second).</summary>
    public RaftSettings WithTestingJournalBytesPerSecond(long value) =>
        With(SettingKeys.TestingJournalBytesPerSecond, copy => copy.TestingJournalBytesPerSecond = value);

    /// <summary>A copy with another <see cref="StopTimeout"/> (stop-timeout).</summary>
    public RaftSettings WithStopTimeout(TimeSpan value) => With(SettingKeys.StopTimeout, copy => copy.StopTimeout = value);

    /// <summary>A copy with other <see cref="PayloadTypeNames"/> (payload-types).</summary>
    public RaftSettings WithPayloadTypeNames(params IEnumerable<string> value) =>
        With(SettingKeys.PayloadTypeNames, copy => copy.PayloadTypeNames = value.ToList().AsReadOnly());

    /// <summary>A copy with another <see cref="RandomSeed"/> (random-seed).</summary>
    public RaftSettings WithRandomSeed(ulong? value) => With(SettingKeys.RandomSeed, copy => copy.RandomSeed = value);

    /// <summary>A copy with another <see cref="TraceFile"/> (trace-file).</summary>
    public RaftSettings WithTraceFile(string value) => With(SettingKeys.TraceFile, copy => copy.TraceFile = value);

    /// <summary>A copy with another <see cref="SessionTimeout"/> (sessions.timeout).</summary>
    public RaftSettings WithSessionTimeout(TimeSpan value) => With(SettingKeys.SessionTimeout, copy => copy.SessionTimeout = value);

    /// <summary>A copy with another <see cref="MaxSessions"/> (sessions.max-sessions).</summary>
    public RaftSettings WithMaxSessions(int value) => With(SettingKeys.MaxSessions, copy => copy.MaxSessions = value);

    /// <summary>A copy with another <see cref="MaxSessionResults"/> (sessions.max-results).</summary>
    public RaftSettings WithMaxSessionResults(int value) => With(SettingKeys.MaxSessionResults, copy => copy.MaxSessionResults = value);

    /// <summary>A copy with another <see cref="MaxSessionResultBytes"/> (sessions.max-result-bytes).</summary>
    public RaftSettings WithMaxSessionResultBytes(int value) => With(SettingKeys.MaxSessionResultBytes, copy => copy.MaxSessionResultBytes = value);

    /// <summary>A copy with another <see cref="JournalPluginId"/> (journal.plugin-id).</summary>
    public RaftSettings WithJournalPluginId(string value) => With(SettingKeys.JournalPluginId, copy => copy.JournalPluginId = value);

    /// <summary>A copy with another <see cref="AllowInMemoryJournal"/> (journal.allow-in-memory).</summary>
    public RaftSettings WithAllowInMemoryJournal(bool value) => With(SettingKeys.AllowInMemoryJournal, copy => copy.AllowInMemoryJournal = value);

    /// <summary>A copy with another <see cref="JournalMaxEventBytes"/> (journal.max-event-bytes).</summary>
    public RaftSettings WithJournalMaxEventBytes(int value) => With(SettingKeys.JournalMaxEventBytes, copy => copy.JournalMaxEventBytes = value);

    /// <summary>A copy with another <see cref="JournalRestartBackoffMin"/> (journal.restart-backoff-min).</summary>
    public RaftSettings WithJournalRestartBackoffMin(TimeSpan value) =>
        With(SettingKeys.JournalRestartBackoffMin, copy => copy.JournalRestartBackoffMin = value);

    /// <summary>A copy with another <see cref="JournalRestartBackoffMax"/> (journal.restart-backoff-max).</summary>
    public RaftSettings WithJournalRestartBackoffMax(TimeSpan value) =>
        With(SettingKeys.JournalRestartBackoffMax, copy => copy.JournalRestartBackoffMax = value);

    /// <summary>A copy with another <see cref="JournalMaxRestarts"/> (journal.max-restarts).</summary>
    public RaftSettings WithJournalMaxRestarts(int value) => With(SettingKeys.JournalMaxRestarts, copy => copy.JournalMaxRestarts = value);

    /// <summary>A copy with another <see cref="JournalHealthyAfter"/> (journal.healthy-after).</summary>
    public RaftSettings WithJournalHealthyAfter(TimeSpan value) => With(SettingKeys.JournalHealthyAfter, copy => copy.JournalHealthyAfter = value);

    /// <summary>A copy with another <see cref="SnapshotPluginId"/> (snapshot.plugin-id).</summary>
    public RaftSettings WithSnapshotPluginId(string value) => With(SettingKeys.SnapshotPluginId, copy => copy.SnapshotPluginId = value);

    /// <summary>A copy with another <see cref="SnapshotEntries"/> (snapshot.entries).</summary>
    public RaftSettings WithSnapshotEntries(int value) => With(SettingKeys.SnapshotEntries, copy => copy.SnapshotEntries = value);

    /// <summary>A copy with another <see cref="SnapshotBytes"/> (snapshot.bytes).</summary>
    public RaftSettings WithSnapshotBytes(long value) => With(SettingKeys.SnapshotBytes, copy => copy.SnapshotBytes = value);

    /// <summary>A copy with another <see cref="SnapshotTrailingEntries"/> (snapshot.trailing-entries).</summary>
    public RaftSettings WithSnapshotTrailingEntries(int value) => With(SettingKeys.SnapshotTrailingEntries, copy => copy.SnapshotTrailingEntries = value);

    /// <summary>A copy with another <see cref="SnapshotTrailingBytes"/> (snapshot.trailing-bytes).</summary>
    public RaftSettings WithSnapshotTrailingBytes(long value) => With(SettingKeys.SnapshotTrailingBytes, copy => copy.SnapshotTrailingBytes = value);

    /// <summary>A copy with another <see cref="SnapshotChunkBytes"/> (snapshot.chunk-bytes).</summary>
    public RaftSettings WithSnapshotChunkBytes(int value) => With(SettingKeys.SnapshotChunkBytes, copy => copy.SnapshotChunkBytes = value);

    /// <summary>A copy with another <see cref="SnapshotWindowBytes"/> (snapshot.window-bytes).</summary>
    public RaftSettings WithSnapshotWindowBytes(int value) => With(SettingKeys.SnapshotWindowBytes, copy => copy.SnapshotWindowBytes = value);

    /// <summary>A copy with another <see cref="SnapshotStoreChunkBytes"/> (snapshot.store-chunk-bytes).</summary>
    public RaftSettings WithSnapshotStoreChunkBytes(int value) => With(SettingKeys.SnapshotStoreChunkBytes, copy => copy.SnapshotStoreChunkBytes = value);

    /// <summary>A copy with another <see cref="SnapshotWriteRate"/> (snapshot.write-rate).</summary>
    public RaftSettings WithSnapshotWriteRate(long value) => With(SettingKeys.SnapshotWriteRate, copy => copy.SnapshotWriteRate = value);

    // What could not be read is forgotten once it is set.
    RaftSettings With(string key, Action<RaftSettings> change)
    {
        var copy = (RaftSettings)MemberwiseClone();
        change(copy);
        copy._unread = _unread.Remove(key);
        return copy;
    }
}
