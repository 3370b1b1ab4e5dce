using System.Globalization;

namespace AkkaRaft;

/// <summary>A node of the first configuration: who it is, and where it is reached.</summary>
/// <param name="Id">Its stable name.</param>
/// <param name="Address">Its canonical <c>host:port</c>, letter for letter what the node's own Akka.Remote calls it (public-hostname, public-port).</param>
public sealed record RaftMember(NodeId Id, string Address)
{
    // A host name of DNS, a colon and a port: what raft.proto carries.
    const int MaxAddressLength = 262;

    /// <summary>Reads <c>id=host:port</c>.</summary>
    /// <exception cref="FormatException">It is not of that form, the id has characters that are not allowed, or the port is not 1 to 65535.</exception>
    public static RaftMember Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var equals = text.IndexOf('=');
        if (equals < 0) throw new FormatException($"\"{text}\" is no member. A member is id=host:port, such as 1=10.0.0.1:4051.");

        var address = text[(equals + 1)..];
        if (!IsAddress(address))
            throw new FormatException($"\"{address}\" is no address of a member. An address is host:port with a port from 1 to 65535, such as 10.0.0.1:4051.");
        return new RaftMember(NodeId.Parse(text[..equals]), address);
    }

    /// <summary><c>id=host:port</c>.</summary>
    public override string ToString() => $"{Id}={Address}";

    /// <summary>Whether the text can be compared letter for letter with an address of Akka.Remote: no blanks, no "04051", no path; only ASCII, as on the wire.</summary>
    internal static bool IsAddress(string? text)
    {
        if (text is null) return false;
        var colon = text.LastIndexOf(':');
        if (colon <= 0) return false;
        var port = text[(colon + 1)..];
        return text.Length <= MaxAddressLength
            && text[..colon].All(c => c is > ' ' and < '\x7f' and not ('@' or '/' or '=' or ',' or '#' or '?'))
            && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is >= 1 and <= 65535
            && port[0] != '0';
    }
}
