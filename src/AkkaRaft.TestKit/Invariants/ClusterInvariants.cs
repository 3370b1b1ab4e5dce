namespace AkkaRaft.TestKit.Invariants;

internal static class ClusterInvariants
{
    public static IReadOnlyList<ClusterInvariant> All() => [];
}
