using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Samples.ClusterLauncher.Live;

/// <summary>One line of the table.</summary>
/// <param name="Node">Its id.</param>
/// <param name="ProcessId">Its last process; null if there was none.</param>
/// <param name="State">How the process is.</param>
/// <param name="Status">Its own account; null while it gives none.</param>
/// <param name="WritesPerSecond">While it leads: entries of its term that its state machine has applied in the last second; otherwise null.</param>
/// <param name="LastEvent">The latest that was done to it, or that it said.</param>
internal sealed record NodeView(string Node, int? ProcessId, NodeProcessState State, RaftStatus? Status, double? WritesPerSecond, string LastEvent);
