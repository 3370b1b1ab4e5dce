namespace AkkaRaft;

/// <summary>What a Raft node is at the moment (Raft 5.1): the states of its FSM.</summary>
public enum RaftRole
{
    /// <summary>Reads its journals, or waits until a failed journal can be opened again; it takes no part in the protocol.</summary>
    Recovering,

    /// <summary>Follows a leader, or waits for one (Raft 5.2).</summary>
    Follower,

    /// <summary>Asks whether it could win an election, without disturbing anyone (thesis 9.6).</summary>
    PreCandidate,

    /// <summary>Stands for election in a term of its own (Raft 5.2).</summary>
    Candidate,

    /// <summary>Takes proposals and replicates them (Raft 5.3).</summary>
    Leader,

    /// <summary>Finishes the journal writes under way before it stops; it takes no part in the protocol.</summary>
    Stopping,

    /// <summary>Follows a leader that sends it a snapshot, or restores its state machine from one (Raft 7); it does not stand for election meanwhile.</summary>
    InstallingSnapshot,
}
