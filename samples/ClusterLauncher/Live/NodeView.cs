using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Samples.ClusterLauncher.Live;

/// <summary>What a node is to the cluster.</summary>
internal enum NodeMembership
{
    /// <summary>Nobody leads who could say.</summary>
    Unknown,

    /// <summary>No member: it waits to be added, or was removed.</summary>
    None,

    /// <summary>It gets everything and does not vote.</summary>
    Learner,

    /// <summary>It votes.</summary>
    Voter,
}

/// <summary>One line of the table.</summary>
/// <param name="Node">Its id.</param>
/// <param name="ProcessId">Its last process; null if there was none here.</param>
/// <param name="State">How the process is.</param>
/// <param name="Status">Its own account; null while it gives none.</param>
/// <param name="WritesPerSecond">While it leads: entries of its term that its state machine has applied in the last second; otherwise null.</param>
/// <param name="LastEvent">The latest that was done to it, or that it said.</param>
internal sealed record NodeView(string Node, int? ProcessId, NodeProcessState State, RaftStatus? Status, double? WritesPerSecond, string LastEvent)
{
    /// <summary>What it is to the cluster, as the leader says.</summary>
    public NodeMembership Membership { get; init; }

    /// <summary>What it does in the cluster, for people.</summary>
    public string Role => (Membership, Status) switch
    {
        (NodeMembership.None, not { Role: RaftRole.Leader }) => "no member",
        (_, null) => "?",
        (NodeMembership.Learner, { Role: RaftRole.Follower }) => "Learner",
        (_, { Role: var role }) => $"{role}",
    };
}
