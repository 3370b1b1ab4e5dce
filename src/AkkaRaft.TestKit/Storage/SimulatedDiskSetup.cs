using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;

namespace AkkaRaft.TestKit.Storage;

/// <summary>Gives the plug-ins of a node's actor system their disk.</summary>
internal sealed class SimulatedDiskSetup(SimulatedDisk disk) : Setup
{
    public SimulatedDisk Disk { get; } = disk;

    public static SimulatedDisk DiskOf(ActorSystem system)
    {
        var setup = system.Settings.Setup.Get<SimulatedDiskSetup>();
        if (setup.HasValue) return setup.Value.Disk;
        throw new ConfigurationException(
            $"Actor system \"{system.Name}\" uses a simulated journal or snapshot store, but was created without a disk. These plug-ins work only in a simulated "
            + "cluster, which adds the disk itself; elsewhere name another plug-in.");
    }
}
