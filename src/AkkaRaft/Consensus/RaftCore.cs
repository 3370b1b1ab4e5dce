namespace AkkaRaft.Consensus;

/// <summary>
/// The rules of Raft as one synchronous, deterministic machine: an input and the time go in, effects come out. It knows no actor, no clock and no
/// disk. Read it from <see cref="Step"/>.
/// </summary>
internal sealed class RaftCore
{
    readonly NodeState _node;

    /// <param name="self">This node.</param>
    /// <param name="options">Limits and times.</param>
    /// <param name="recovered">What the journals hold.</param>
    /// <param name="seed">Decides the election timeouts.</param>
    /// <param name="now">The time.</param>
    public RaftCore(NodeId self, CoreOptions options, RecoveredState recovered, ulong seed, Instant now) =>
        _node = new NodeState(self, options, recovered, seed, now);

    /// <summary>The state, to be looked at; only the rules change it.</summary>
    public NodeState State => _node;

    /// <summary>Handles one input.</summary>
    /// <param name="now">The time; the monotonic part never goes back.</param>
    /// <param name="input">What happened.</param>
    /// <param name="effects">Receives what is to be done, in order.</param>
    public void Step(Instant now, Input input, Effects effects)
    {
        _node.Now = now;
        if (input is not Tick) Clock.OnInput(_node, effects);
        switch (input)
        {
            case RaftMessage message:
                Receive(message, effects);
                break;
            case Tick:
                Clock.OnTick(_node, effects);
                break;
            case EntriesPersisted write:
                OnEntriesPersisted(write, effects);
                break;
            case TermPersisted written:
                OnTermPersisted(written, effects);
                break;
            case Propose propose:
                Proposals.OnPropose(_node, propose, effects);
                break;
            case Read read:
                ReadIndex.OnRead(_node, read, effects);
                break;
            case Applied applied:
                MachineFeed.OnApplied(_node, applied, effects);
                break;
            case SnapshotTaken taken:
                SnapshotTaking.OnTaken(_node, taken.Snapshot, effects);
                break;
            case SnapshotFailed failed:
                SnapshotTaking.OnFailed(_node, failed.At, effects);
                break;
            case RequestSnapshot request:
                SnapshotTaking.OnRequest(_node, request, effects);
                break;
            case SnapshotGone gone:
                SnapshotSending.OnGone(_node, gone, effects);
                break;
            case SnapshotChunkStored stored:
                SnapshotReceiving.OnStored(_node, stored, effects);
                break;
            case SnapshotReceived received:
                SnapshotReceiving.OnReceived(_node, received, effects);
                break;
            case SnapshotNotReceived failed:
                SnapshotReceiving.OnNotReceived(_node, failed);
                break;
            case MachineRestored restored:
                SnapshotReceiving.OnRestored(_node, restored, effects);
                break;
            case Campaign:
                Election.OnElectionTimeout(_node, effects);
                break;
            case ReadLocal read:
                LocalReads.OnRead(_node, read, effects);
                break;
            case TransferLeadership transfer:
                LeadershipTransfer.OnRequest(_node, transfer, effects);
                break;
            case ChangeMembership change:
                Membership.OnRequest(_node, change, effects);
                break;
            case Met met:
                Identities.OnMet(_node, met);
                break;
            case Look:
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(input), input, "The core does not know this input.");
        }

        if (_node.Vote.NextWrite() is { } changed) effects.Add(changed);
    }

    /// <summary>The one place that compares terms (Raft 5.1).</summary>
    void Receive(RaftMessage message, Effects effects)
    {
        // A rehearsal changes nothing at the voter, whatever its term (thesis 9.6; B17), and under a living leader neither does an election
        // (thesis 4.2.3): a node that comes back with a high term must not depose it (B23). Unless the leader asked for it (thesis 3.10).
        var mayRaise = message is not VoteRequest election || (election.Kind == ElectionKind.Vote && (election.IsTransfer || !_node.LeaderIsAlive));
        if (message.Term > _node.Term && mayRaise)
            RoleChanges.BecomeFollower(_node, message.Term, $"node {message.From} is in term {message.Term}", effects);

        // Everything that we could answer carries our term, and that may be announced only once it is durable. Until then messages wait, as if
        // the network were slow; what waits too long is dropped, as a network may.
        if (_node.Vote.IsTermDurable) Dispatch(message, effects);
        else if (message is VoteRequest request && Election.TryGrantInNewTerm(_node, request, effects)) return;
        else if (_node.Deferred.Count < _node.Options.MaxDeferredMessages) _node.Deferred.Enqueue(message);
    }

    void Dispatch(RaftMessage message, Effects effects)
    {
        switch (message)
        {
            case VoteRequest request:
                Election.OnVoteRequest(_node, request, effects);
                break;
            case VoteReply reply:
                Election.OnVoteReply(_node, reply, effects);
                break;
            case AppendEntries append:
                FollowerReplication.OnAppendEntries(_node, append, effects);
                break;
            case AppendEntriesReply reply:
                LeaderReplication.OnReply(_node, reply, effects);
                break;
            case InstallSnapshot install:
                SnapshotReceiving.OnInstallSnapshot(_node, install, effects);
                break;
            case InstallSnapshotReply reply:
                SnapshotSending.OnReply(_node, reply, effects);
                break;
            case ReadIndexRequest request:
                ReadIndex.OnRequest(_node, request, effects);
                break;
            case ReadIndexReply reply:
                FollowerReads.OnReply(_node, reply, effects);
                break;
            case TimeoutNow call:
                LeadershipTransfer.OnTimeoutNow(_node, call, effects);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(message), message, "The core does not know this message.");
        }
    }

    void OnTermPersisted(TermPersisted written, Effects effects)
    {
        _node.Vote.Confirm(written);
        if (!_node.Vote.IsTermDurable) return;
        Election.OnVoteDurable(_node, effects);

        for (var waiting = _node.Deferred.Count; waiting > 0; waiting--) Receive(_node.Deferred.Dequeue(), effects);
    }

    void OnEntriesPersisted(EntriesPersisted write, Effects effects)
    {
        if (!_node.Log.Confirm(write)) return;
        _node.Leadership?.Settle(_node);
        if (_node.Role == RaftRole.Leader) LeaderReplication.OnDurable(_node, effects);
        else FollowerReplication.OnDurable(_node, effects);
        SnapshotTaking.OnDurable(_node, effects);
    }
}
