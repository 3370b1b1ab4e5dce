using AkkaRaft.Consensus;

namespace AkkaRaft.Node;

/// <summary>A node's account of itself, from what its rules know. Pure: the shell adds what only it knows.</summary>
internal static class StatusReport
{
    /// <param name="role">The state of the node's FSM.</param>
    /// <param name="state">What the rules know.</param>
    /// <param name="now">The monotonic time.</param>
    /// <param name="heardAt">When a message of a peer came last; null for never.</param>
    public static RaftStatus Of(RaftRole role, NodeState state, TimeSpan now, Func<NodeId, TimeSpan?> heardAt)
    {
        var follows = state.Role != RaftRole.Leader && state.Leader is not null;
        return new RaftStatus(
            state.Self, role, state.Vote.DurableTerm, state.Leader, state.Log.Last, state.Log.Durable, state.CommitIndex, state.Applied)
        {
            BaseIndex = state.Log.Base.Index,
            Configuration = RaftConfiguration.Of(state.Configurations.EffectiveIndex, state.Configuration, state.CommitIndex),
            IsRemoved = state.IsRemoved,
            LeaderHeardAgo = follows ? now - state.LeaderContact : null,
            Peers = [.. state.Configuration.Members.Where(member => member.Id != state.Self).Select(member => PeerOf(state, member, now, heardAt(member.Id)))],
            Snapshot = SnapshotOf(state),
            Pending = new RaftPendingStatus
            {
                Proposals = state.Role == RaftRole.Leader ? state.Log.Last.Index - state.CommitIndex : 0,
                ProposalBytes = state.Leadership?.UnsettledBytes ?? 0,
                Reads = state.PendingReads,
                Unapplied = Math.Max(0, state.CommitIndex - state.Applied),
            },
        };
    }

    static RaftPeerStatus PeerOf(NodeState state, Member member, TimeSpan now, TimeSpan? heardAt)
    {
        var peer = new RaftPeerStatus(member.Id, member.Address) { HeardAgo = now - heardAt };
        if (state.Leadership?.Peers.GetValueOrDefault(member.Id) is not { } progress) return peer;
        return peer with
        {
            State = progress.State switch
            {
                ProgressState.Probe => RaftPeerState.Probe,
                ProgressState.Replicate => RaftPeerState.Replicate,
                ProgressState.Snapshot => RaftPeerState.Snapshot,
                _ => throw new ArgumentOutOfRangeException(nameof(state), progress.State, "There is no such state of a peer."),
            },
            Match = progress.Match,
            Next = progress.Next,
            Lag = state.Log.Last.Index - progress.Match,
            InflightAppends = progress.InflightAppends,
            InflightBytes = progress.InflightBytes,
            Transfer = progress.Transfer is { } sent
                ? new RaftSnapshotTransfer(member.Id, sent.Snapshot.Last, sent.Sent, sent.Acknowledged, sent.Snapshot.Length)
                : null,
        };
    }

    static RaftSnapshotStatus SnapshotOf(NodeState state) => new()
    {
        Last = state.Snapshot?.Last,
        Bytes = state.Snapshot?.Length ?? 0,
        Taking = state.Taking?.Last,
        Receiving = state.Incoming is { } incoming
            ? new RaftSnapshotTransfer(incoming.From, incoming.Snapshot.Last, incoming.Next, incoming.Stored, incoming.Snapshot.Length)
            : null,
        IsRestoring = state.IsRestoring,
    };
}
