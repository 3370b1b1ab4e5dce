using AkkaRaft.Events;

namespace AkkaRaft.Cluster.Events;

/// <summary>What is wrong with the roles of cluster members has changed: see <see cref="RaftClusterStatus.Problems"/>.</summary>
/// <param name="Problems">All that is wrong now; empty when it is put right.</param>
public sealed record ClusterProblemsChanged(IReadOnlyList<string> Problems) : RaftEvent;

/// <summary>The autopilot of this node, which leads, asks for a change of the members.</summary>
/// <param name="Action">What it asks for.</param>
/// <param name="Reason">Why.</param>
public sealed record AutopilotActs(RaftAutopilotAction Action, string Reason) : RaftEvent;

/// <summary>A change that the autopilot asked for is committed.</summary>
/// <param name="Action">What it asked for.</param>
/// <param name="Configuration">Who belongs to the group now.</param>
public sealed record AutopilotActed(RaftAutopilotAction Action, RaftConfiguration Configuration) : RaftEvent;

/// <summary>A change that the autopilot asked for was not made, or is not known to be. It looks again.</summary>
/// <param name="Action">What it asked for.</param>
/// <param name="Cause">Why.</param>
public sealed record AutopilotFailed(RaftAutopilotAction Action, Exception Cause) : RaftEvent;
