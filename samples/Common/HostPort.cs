using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace AkkaRaft.Samples.Common;

/// <summary>A place that is listened at.</summary>
/// <param name="Host">Host name or IP address.</param>
/// <param name="Port">1 to 65535.</param>
public sealed record HostPort(string Host, int Port)
{
    /// <summary>Reads <c>host:port</c>.</summary>
    /// <exception cref="FormatException">It is not of that form.</exception>
    public static HostPort Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.LastIndexOf(':');
        if (colon <= 0
            || text.AsSpan(0, colon).ContainsAny(" \t@/=,\"")
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port is < 1 or > IPEndPoint.MaxPort)
            throw new FormatException($"\"{text}\" is no place to listen at. It is host:port, the port from 1 to {IPEndPoint.MaxPort}, such as 0.0.0.0:4051.");
        return new HostPort(text[..colon], port);
    }

    /// <summary>The address of this machine that a node sees when it is spoken to from here; nothing is sent.</summary>
    public static string LocalTowards(HostPort node)
    {
        try
        {
            using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(node.Host, node.Port);
            var address = ((IPEndPoint)socket.LocalEndPoint!).Address;
            return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
        }
        catch (SocketException)
        {
            // No way there now; once there is one, answers come back over the connection that the client opened.
            return IPAddress.Loopback.ToString();
        }
    }

    /// <summary><c>host:port</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
