using System.Globalization;

namespace AkkaRaft.Samples.Common;

/// <summary>Lists of nodes as the command line has them: <c>2</c>, on this machine at base port + 2, or <c>2=host:port</c>.</summary>
public static class PeerList
{
    const string Host = "127.0.0.1";
    const int MaxPort = 65535;

    /// <summary>The nodes 1, 2 and 3 on this machine.</summary>
    public static IReadOnlyList<RaftMember> Default(int basePort) => Parse(["1", "2", "3"], basePort);

    /// <summary>Reads nodes; each item is a node or several with commas between them.</summary>
    /// <exception cref="FormatException">One of them is no node, or one is there twice; the message says which and why.</exception>
    public static IReadOnlyList<RaftMember> Parse(IEnumerable<string> items, int basePort)
    {
        ArgumentNullException.ThrowIfNull(items);
        var members = items.SelectMany(item => item.Split(',')).Select(item => ParseOne(item.Trim(), basePort)).ToList();
        if (members.Count == 0) throw new FormatException("The list of nodes is empty. Name at least one, such as 1 or 1=10.0.0.1:4051.");

        foreach (var (what, twice) in new[] { Twice(members, m => m.Id.Value), Twice(members, m => m.Address) }.Index())
        {
            if (twice is not null) throw new FormatException($"The list of nodes has {(what == 0 ? "node" : "address")} \"{twice}\" twice.");
        }

        return members;
    }

    static string? Twice(IEnumerable<RaftMember> members, Func<RaftMember, string> by) =>
        members.GroupBy(by).FirstOrDefault(group => group.Count() > 1)?.Key;

    static RaftMember ParseOne(string text, int basePort)
    {
        if (text.StartsWith('-')) throw new FormatException($"Unknown option \"{text}\".");
        if (text.Contains('=', StringComparison.Ordinal)) return RaftMember.Parse(text);

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1 || number > MaxPort - basePort || text[0] == '0')
        {
            throw new FormatException(
                $"\"{text}\" is no node. A node is a number from 1 to {MaxPort - basePort}, then it "
                + $"is at {Host} and port {basePort} + number, or id=host:port.");
        }

        return RaftMember.Parse(string.Create(CultureInfo.InvariantCulture, $"{text}={Host}:{basePort + number}"));
    }
}
