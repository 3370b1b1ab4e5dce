using Akka.Cluster;

namespace AkkaRaft.Cluster;

/// <summary>A member of Akka.Cluster that runs a node of the group, by its roles.</summary>
/// <param name="Id">The node that it says it runs.</param>
/// <param name="Address">Its canonical address, <c>host:port</c>.</param>
/// <param name="Status">How far it has come in the cluster.</param>
/// <param name="IsReachable">Whether this node's cluster takes it for reachable.</param>
/// <param name="IsLearner">Whether it is to stay a learner (<see cref="RaftClusterSettings.LearnerRole"/>).</param>
public sealed record RaftClusterMember(NodeId Id, string Address, MemberStatus Status, bool IsReachable, bool IsLearner);

/// <summary>What Akka.Cluster says of a group at one moment, as this node sees it, and what was made of it.</summary>
public sealed record RaftClusterStatus
{
    internal static readonly RaftClusterStatus Nothing = new();

    /// <summary>The address book: the cluster members that run a node, ordered by id. Ids that two members claim are not in it.</summary>
    public IReadOnlyList<RaftClusterMember> Members { get; init; } = [];

    /// <summary>What is wrong with members' roles, for people: ids claimed twice, members of the role without an id.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>Whether this node's own cluster member is leaving.</summary>
    public bool IsLeaving { get; init; }

    /// <summary>What the autopilot decided when it looked last; null if it is off or has not looked yet.</summary>
    public RaftAutopilotDecision? LastDecision { get; init; }

    /// <summary>When that was, by the node's wall clock.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>The last change that this node's autopilot asked for, and what became of it; null if it asked for none.</summary>
    public RaftAutopilotResult? LastAction { get; init; }
}

/// <summary>What an autopilot does.</summary>
public enum RaftAutopilotActionKind
{
    /// <summary>It tells the configuration a member's new address.</summary>
    Move,

    /// <summary>It puts a learner in the place of a dead voter.</summary>
    Replace,

    /// <summary>It makes learners voters.</summary>
    Promote,

    /// <summary>It adds a node as a learner.</summary>
    Add,

    /// <summary>It removes a dead member.</summary>
    Remove,
}

/// <summary>One change of the members.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="What">The same in words.</param>
/// <param name="Change">All members that there shall be, and the configuration that was looked at: if another one is in force by then nothing happens.</param>
public sealed record RaftAutopilotAction(RaftAutopilotActionKind Kind, string What, RaftMembershipChange Change);

/// <summary>What an autopilot decided.</summary>
/// <param name="Action">What is to be done now; null for nothing.</param>
/// <param name="Reason">Why, or what it waits for, for people.</param>
public sealed record RaftAutopilotDecision(RaftAutopilotAction? Action, string Reason);

/// <summary>What became of a change.</summary>
/// <param name="Action">The change.</param>
/// <param name="Reason">Why it was asked for.</param>
/// <param name="IsOver">Whether it has ended.</param>
/// <param name="Failure">Why it was not made, or is not known to be; null if it was made, or is under way.</param>
public sealed record RaftAutopilotResult(RaftAutopilotAction Action, string Reason, bool IsOver, Exception? Failure);
