using Akka.Cluster;

namespace AkkaRaft.Cluster.Claims;

/// <summary>A member of Akka.Cluster, as far as it matters here.</summary>
/// <param name="Address">Its canonical address, <c>host:port</c>.</param>
/// <param name="Status">How far it has come in the cluster.</param>
/// <param name="IsReachable">Whether this node's cluster takes it for reachable.</param>
/// <param name="Roles">Its roles.</param>
internal sealed record ClusterPeer(string Address, MemberStatus Status, bool IsReachable, IReadOnlyCollection<string> Roles);
