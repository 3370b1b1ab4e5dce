using AkkaRaft.TestKit.Kernel;
using AkkaRaft.TestKit.Network;

namespace AkkaRaft.TestKit.Cluster;

/// <summary>Looks on while a cluster runs, for whoever wants to show the run; it changes nothing, and draws no chance.</summary>
internal interface IClusterObserver
{
    /// <summary>A message leaves its host.</summary>
    void Sent(Parcel parcel);

    /// <summary>The network makes a second copy of what has just left.</summary>
    void Doubled(Parcel parcel);

    /// <summary>A message has arrived or is gone; told for each copy.</summary>
    void Ended(Parcel parcel, ParcelFate fate);

    /// <summary>A node has done something.</summary>
    void Stepped(SimulatedNode node);

    /// <summary>A node's process is about to start.</summary>
    void Starts(SimulatedNode node);

    /// <summary>A node's process has died.</summary>
    void Crashed(SimulatedNode node, string what);

    /// <summary>A node's process stands still.</summary>
    void Paused(SimulatedNode node);

    /// <summary>It goes on.</summary>
    void Resumed(SimulatedNode node);

    /// <summary>Links were cut or mended.</summary>
    void CutsChanged(string what);

    /// <summary>The network has other faults than before.</summary>
    void NetworkChanged();

    /// <summary>A disk has other faults than before.</summary>
    void DiskChanged(SimulatedNode node);

    /// <summary>A disk does nothing for so long.</summary>
    void DiskHangs(SimulatedNode node, TimeSpan duration);

    /// <summary>Links of a node to the others carry nothing for so long.</summary>
    void LinksHang(SimulatedNode node, TimeSpan duration, string what);

    /// <summary>A clock has another rate or skew than before.</summary>
    void ClockChanged(SimulatedNode node);

    /// <summary>All faults are about to be ended.</summary>
    void FaultsEnded();

    /// <summary>An ActorSystem wrote a line to its log.</summary>
    void Logged(TraceLine line);

    /// <summary>The run has failed.</summary>
    void Failed(string problem, string what);
}
