using System.Net;
using System.Net.Sockets;

namespace AkkaRaft.Samples.ClusterLauncher.Processes;

/// <summary>Ports of 127.0.0.1 for nodes.</summary>
internal static class FreePorts
{
    // Below the range from which Linux (32768) and the others take the ports of outgoing connections: a node that restarts finds its port free again.
    const int Lowest = 20_000;
    const int Highest = 32_000;

    /// <summary>So many ports in a row that nobody listens at; the first of them.</summary>
    public static int InARow(int count)
    {
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var first = Random.Shared.Next(Lowest, Highest - count);
            if (Enumerable.Range(first, count).All(IsFree)) return first;
        }

        throw new InvalidOperationException(
            $"No {count} free ports in a row were found on 127.0.0.1 between {Lowest} and {Highest}. Name some with --base-port.");
    }

    /// <summary>Whether a node could listen there now.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
