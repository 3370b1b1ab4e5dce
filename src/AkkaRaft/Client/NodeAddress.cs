using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Akka.Actor;
using AkkaRaft.Node;

namespace AkkaRaft.Client;

/// <summary>Where a node is, letter for letter as it calls itself: Akka.Remote drops what is sent to another name of the same place.</summary>
/// <param name="Host">Host name or IP address; an IPv6 address in brackets.</param>
/// <param name="Port">1 to 65535.</param>
internal sealed record NodeAddress(string Host, int Port)
{
    public static bool TryParse(string? text, [NotNullWhen(true)] out NodeAddress? address)
    {
        address = null;
        if (!RaftMember.IsAddress(text)) return false;

        var colon = text!.LastIndexOf(':');
        address = new NodeAddress(text[..colon], int.Parse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture));
        return true;
    }

    public static NodeAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"\"{text}\" is no address; an address is host:port.");

    /// <summary>Whether Akka.Remote means this node's ActorSystem.</summary>
    public bool IsOf(Address remote, string systemName) =>
        remote.Port == Port && remote.System == systemName && string.Equals(remote.Host, Host, StringComparison.OrdinalIgnoreCase);

    /// <summary>The path of a group's node there.</summary>
    public string PathOf(string protocol, string systemName, GroupId group) => NodePath.Of(protocol, systemName, ToString(), group);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
