using AkkaRaft.Protocol;
using Google.Protobuf;

namespace AkkaRaft.Serialization;

/// <summary>A node's account of itself, as raft.proto has it. What an older node left out is absent, and reads as its default.</summary>
internal static class StatusFormat
{
    public static Proto.StatusReply Write(StatusReply m)
    {
        var status = m.Status;
        var written = new Proto.StatusReply
        {
            Version = Checked.FormatVersion,
            Node = Checked.Node(status.Node.Value).Value,
            Role = Write(status.Role),
            Term = Checked.Term(status.Term.Value).Value,
            LastEntry = EntryFormat.Write(status.LastEntry),
            DurableIndex = Checked.Index(status.DurableIndex.Value, "durable index").Value,
            CommitIndex = Checked.Index(status.CommitIndex.Value, "commit index").Value,
            AppliedIndex = Checked.Index(status.AppliedIndex.Value, "applied index").Value,
            BaseIndex = Checked.Index(status.BaseIndex.Value, "base index").Value,
            IsRemoved = status.IsRemoved,
            Peers = { status.Peers.Select(Write) },
            Dropped = { status.Dropped.Select(d => new Proto.DroppedMessages { Reason = d.Reason, Count = Count(d.Count) }) },
        };
        if (status.Leader is { } leader) written.Leader = Checked.Node(leader.Value).Value;
        if (status.Cluster is { } cluster) written.Cluster = Checked.Cluster(cluster.Value).Value;
        if (status.Group is { } group) written.Group = Checked.Group(group.Value).Value;
        if (status.Address is { } address) written.Address = Checked.Address(address);
        if (status.StartedAt is { } started) written.StartedMs = started.ToUnixTimeMilliseconds();
        if (status.Uptime is { } uptime) written.UptimeUs = Micros(uptime);
        if (status.LeaderHeardAgo is { } heard) written.LeaderHeardUs = Micros(heard);
        if (status.Configuration is { } configuration) written.Configuration = MembershipFormat.Write(configuration);
        if (status.Snapshot != RaftSnapshotStatus.None) written.Snapshot = Write(status.Snapshot);
        if (status.Pending != RaftPendingStatus.None) written.Pending = Write(status.Pending);
        if (status.Journal != RaftJournalStatus.None) written.Journal = Write(status.Journal);
        return written;
    }

    public static StatusReply Read(Proto.StatusReply m)
    {
        Checked.Version(m.Version);
        return new StatusReply(new RaftStatus(
            Checked.Node(m.Node), Read(m.Role), Checked.Term(m.Term), m.HasLeader ? Checked.Node(m.Leader) : null,
            EntryFormat.Read(m.LastEntry, "last entry"), Checked.Index(m.DurableIndex, "durable index"),
            Checked.Index(m.CommitIndex, "commit index"), Checked.Index(m.AppliedIndex, "applied index"))
        {
            Cluster = m.HasCluster ? Checked.Cluster(m.Cluster) : null,
            Group = m.HasGroup ? Checked.Group(m.Group) : null,
            Address = m.HasAddress ? Checked.Address(m.Address) : null,
            StartedAt = m.HasStartedMs ? DateTimeOffset.FromUnixTimeMilliseconds(m.StartedMs) : null,
            Uptime = m.HasUptimeUs ? Time(m.UptimeUs) : null,
            BaseIndex = Checked.Index(m.BaseIndex, "base index"),
            Configuration = m.Configuration is { } configuration ? MembershipFormat.Read(configuration) : null,
            IsRemoved = m.IsRemoved,
            LeaderHeardAgo = m.HasLeaderHeardUs ? Time(m.LeaderHeardUs) : null,
            Peers = [.. m.Peers.Select(Read)],
            Snapshot = m.Snapshot is { } snapshot ? Read(snapshot) : RaftSnapshotStatus.None,
            Pending = m.Pending is { } pending ? Read(pending) : RaftPendingStatus.None,
            Journal = m.Journal is { } journal ? Read(journal) : RaftJournalStatus.None,
            Dropped = [.. m.Dropped.Select(d => new RaftDroppedMessages(d.Reason, Count(d.Count)))],
        });
    }

    /// <summary>A duration, in whole microseconds.</summary>
    public static long Micros(TimeSpan time) => Count(time.Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>A duration of so many microseconds.</summary>
    public static TimeSpan Time(long micros) => micros is >= 0 and <= long.MaxValue / TimeSpan.TicksPerMicrosecond
        ? new TimeSpan(micros * TimeSpan.TicksPerMicrosecond)
        : throw Checked.Bad($"its duration of {micros} microseconds is none");

    public static long Count(long count) => count >= 0 ? count : throw Checked.Bad($"its count {count} is negative");

    static Proto.PeerStatus Write(RaftPeerStatus peer)
    {
        var written = new Proto.PeerStatus
        {
            Node = Checked.Node(peer.Node.Value).Value,
            Address = Checked.Address(peer.Address),
            State = peer.State switch
            {
                null => Proto.PeerState.Unspecified,
                RaftPeerState.Probe => Proto.PeerState.Probe,
                RaftPeerState.Replicate => Proto.PeerState.Replicate,
                RaftPeerState.Snapshot => Proto.PeerState.Snapshot,
                _ => throw Checked.Bad($"there is no peer state {peer.State}"),
            },
            Match = Checked.Index(peer.Match.Value, "match index").Value,
            Next = Checked.Index(peer.Next.Value, "next index").Value,
            Lag = Count(peer.Lag),
            InflightAppends = (int)Count(peer.InflightAppends),
            InflightBytes = Count(peer.InflightBytes),
        };
        if (peer.HeardAgo is { } heard) written.HeardUs = Micros(heard);
        if (peer.Transfer is { } transfer) written.Transfer = Write(transfer);
        return written;
    }

    static RaftPeerStatus Read(Proto.PeerStatus peer) => new(Checked.Node(peer.Node), Checked.Address(peer.Address))
    {
        HeardAgo = peer.HasHeardUs ? Time(peer.HeardUs) : null,
        State = peer.State switch
        {
            Proto.PeerState.Unspecified => null,
            Proto.PeerState.Probe => RaftPeerState.Probe,
            Proto.PeerState.Replicate => RaftPeerState.Replicate,
            Proto.PeerState.Snapshot => RaftPeerState.Snapshot,
            _ => throw Checked.Bad($"there is no peer state {(int)peer.State}"),
        },
        Match = Checked.Index(peer.Match, "match index"),
        Next = Checked.Index(peer.Next, "next index"),
        Lag = Count(peer.Lag),
        InflightAppends = (int)Count(peer.InflightAppends),
        InflightBytes = Count(peer.InflightBytes),
        Transfer = peer.Transfer is { } transfer ? Read(transfer) : null,
    };

    static Proto.SnapshotTransfer Write(RaftSnapshotTransfer transfer) => new()
    {
        Peer = Checked.Node(transfer.Peer.Value).Value,
        Last = EntryFormat.Write(transfer.Last),
        Moved = Count(transfer.Moved),
        Stored = Count(transfer.Stored),
        Total = Count(transfer.Total),
    };

    static RaftSnapshotTransfer Read(Proto.SnapshotTransfer transfer) => new(
        Checked.Node(transfer.Peer), EntryFormat.Read(transfer.Last, "last entry"), Count(transfer.Moved), Count(transfer.Stored), Count(transfer.Total));

    static Proto.SnapshotStatus Write(RaftSnapshotStatus snapshot) => new()
    {
        Last = snapshot.Last is { } last ? EntryFormat.Write(last) : null,
        Bytes = Count(snapshot.Bytes),
        Taking = snapshot.Taking is { } taking ? EntryFormat.Write(taking) : null,
        Receiving = snapshot.Receiving is { } receiving ? Write(receiving) : null,
        Restoring = snapshot.IsRestoring,
    };

    static RaftSnapshotStatus Read(Proto.SnapshotStatus snapshot) => new()
    {
        Last = snapshot.Last is { } last ? EntryFormat.Read(last, "last entry") : null,
        Bytes = Count(snapshot.Bytes),
        Taking = snapshot.Taking is { } taking ? EntryFormat.Read(taking, "last entry") : null,
        Receiving = snapshot.Receiving is { } receiving ? Read(receiving) : null,
        IsRestoring = snapshot.Restoring,
    };

    static Proto.PendingStatus Write(RaftPendingStatus pending) => new()
    {
        Proposals = Count(pending.Proposals),
        ProposalBytes = Count(pending.ProposalBytes),
        Reads = Count(pending.Reads),
        Unapplied = Count(pending.Unapplied),
    };

    static RaftPendingStatus Read(Proto.PendingStatus pending) => new()
    {
        Proposals = Count(pending.Proposals),
        ProposalBytes = Count(pending.ProposalBytes),
        Reads = Count(pending.Reads),
        Unapplied = Count(pending.Unapplied),
    };

    static Proto.JournalStatus Write(RaftJournalStatus journal)
    {
        var written = new Proto.JournalStatus
        {
            Writes = Count(journal.Writes),
            MeanUs = Micros(journal.Mean),
            MaxUs = Micros(journal.Max),
            Failures = (int)Count(journal.Failures),
        };
        if (journal.WritingFor is { } writing) written.WritingUs = Micros(writing);
        return written;
    }

    static RaftJournalStatus Read(Proto.JournalStatus journal) => new()
    {
        Writes = Count(journal.Writes),
        Mean = Time(journal.MeanUs),
        Max = Time(journal.MaxUs),
        WritingFor = journal.HasWritingUs ? Time(journal.WritingUs) : null,
        Failures = (int)Count(journal.Failures),
    };

    static Proto.Role Write(RaftRole role) => role switch
    {
        RaftRole.Recovering => Proto.Role.Recovering,
        RaftRole.Follower => Proto.Role.Follower,
        RaftRole.PreCandidate => Proto.Role.PreCandidate,
        RaftRole.Candidate => Proto.Role.Candidate,
        RaftRole.Leader => Proto.Role.Leader,
        RaftRole.Stopping => Proto.Role.Stopping,
        RaftRole.InstallingSnapshot => Proto.Role.InstallingSnapshot,
        _ => throw Checked.Bad($"there is no role {role}"),
    };

    static RaftRole Read(Proto.Role role) => role switch
    {
        Proto.Role.Recovering => RaftRole.Recovering,
        Proto.Role.Follower => RaftRole.Follower,
        Proto.Role.PreCandidate => RaftRole.PreCandidate,
        Proto.Role.Candidate => RaftRole.Candidate,
        Proto.Role.Leader => RaftRole.Leader,
        Proto.Role.Stopping => RaftRole.Stopping,
        Proto.Role.InstallingSnapshot => RaftRole.InstallingSnapshot,
        _ => throw Checked.Bad($"there is no role {(int)role}"),
    };
}
