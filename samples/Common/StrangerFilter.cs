namespace AkkaRaft.Samples.Common;

/// <summary>
/// Akka.Remote logs an error for each message that is meant for an address that is not this node's. A client with a wrong address in its list sends many a
/// second, for as long as it lives: for each such address it is said once.
/// </summary>
public sealed class StrangerFilter
{
    /// <summary>How many addresses are remembered. Of others nothing is said at all, so that no client can fill the memory or the log.</summary>
    public const int MaxAddresses = 64;

    const string Before = "for non-local recipient [";

    readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>What is to be logged of a line.</summary>
    /// <returns>The line, with a word of explanation if it is the first of its address; null if it was said.</returns>
    public string? Filtered(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (AddressIn(line) is not { } address) return line;
        if (_told.Count >= MaxAddresses || !_told.Add(address)) return null;
        return _told.Count < MaxAddresses
            ? $"{line} Somebody knows this node by an address that is not its own; said once for {address}."
            : $"{line} Somebody knows this node by an address that is not its own. That was the {MaxAddresses}th such address; of others nothing is said.";
    }

    // The host part of "[akka.tcp://hashmap@localhost:4051/system/raft/...]".
    static string? AddressIn(string line)
    {
        if (!line.Contains("Dropping message [", StringComparison.Ordinal)) return null;
        var start = line.IndexOf(Before, StringComparison.Ordinal);
        if (start < 0) return null;

        var recipient = line[(start + Before.Length)..].TrimStart('[');
        var scheme = recipient.IndexOf("://", StringComparison.Ordinal);
        var end = recipient.AsSpan(Math.Max(0, scheme + 3)).IndexOfAny('/', ']', ' ');
        return end < 0 ? recipient : recipient[..(Math.Max(0, scheme + 3) + end)];
    }
}
