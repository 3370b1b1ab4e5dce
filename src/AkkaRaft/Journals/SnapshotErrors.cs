namespace AkkaRaft.Journals;

/// <summary>What people are told of snapshots that cannot be used.</summary>
internal static class SnapshotErrors
{
    /// <summary>The two ways out of a snapshot that cannot be read: nothing else has what it stands for.</summary>
    public const string WaysOut =
        "There are two ways out: put back a copy of this node's whole data folder that was made after it last ran; or remove the node from the " +
        "group, empty its data folder and add it again: then it gets everything from a peer.";
}
