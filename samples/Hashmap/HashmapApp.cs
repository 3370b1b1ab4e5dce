using Akka.Actor;
using AkkaRaft.Samples.Common;

namespace AkkaRaft.Samples.Hashmap;

/// <summary>The hashmap as a sample program.</summary>
public static class HashmapApp
{
    /// <summary>Node n is at 127.0.0.1 and this port + n unless its address is given.</summary>
    public const int BasePort = 4050;

    /// <summary>Its name, ports and state machine.</summary>
    public static readonly SampleApp App = new(
        "hashmap", BasePort, Props.Create(() => new MapMachine()), operation => operation is Get or ListKeys, MapState.RefusalOf);
}
