namespace AkkaRaft.Cluster;

/// <summary>A group that Akka.Cluster helps: what the cluster says of it, and what was made of it.</summary>
public sealed class RaftClusterGroup
{
    volatile RaftClusterStatus _status = RaftClusterStatus.Nothing;

    internal RaftClusterGroup(RaftGroup group, RaftClusterSettings settings)
    {
        Group = group;
        Settings = settings;
    }

    /// <summary>The group.</summary>
    public RaftGroup Group { get; }

    /// <summary>The settings that it was attached with.</summary>
    public RaftClusterSettings Settings { get; }

    /// <summary>How things are, as this node sees them: the address book, what is wrong with it, and what the autopilot decided last, with its reason.</summary>
    public RaftClusterStatus Status => _status;

    internal void Show(RaftClusterStatus status) => _status = status;
}
