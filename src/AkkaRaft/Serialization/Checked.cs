using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.Serialization;

namespace AkkaRaft.Serialization;

/// <summary>
/// The values of a message, checked one by one. The same checks run before writing and after reading: what a node could not read again never leaves
/// it, and above all never reaches a journal.
/// </summary>
internal static class Checked
{
    /// <summary>The format of everything in raft.proto that this version of the library writes.</summary>
    public const uint FormatVersion = 1;

    // Terms and indexes take at most eight bytes on the wire, and adding to them never overflows. At a million entries a second it lasts for 2,000 years.
    const long MaxNumber = (1L << 56) - 1;
    const int MaxAddressLength = 262;
    const int MaxManifestLength = 4096;

    public static void Version(uint version, uint newest = FormatVersion)
    {
        if (version == 0) throw Bad("it has no format version");
        if (version > newest)
            throw Bad($"its format version is {version}, and this version of AkkaRaft reads up to {newest}; update this node");
    }

    public static Term Term(long value, string what = "term") => new(Number(value, what));

    public static LogIndex Index(long value, string what) => new(Number(value, what));

    /// <summary>A number of a session's commands, from 1.</summary>
    public static long Sequence(long value, string what = "sequence") =>
        value is > 0 and <= MaxNumber ? value : throw Bad($"its {what} {value} is not between 1 and {MaxNumber}");

    public static long Round(long value) => value >= 0 ? value : throw Bad($"its round {value} is negative");

    /// <summary>An election priority: 0 to 100.</summary>
    public static int Priority(long value) => value is >= Consensus.ElectionPriority.Lowest and <= Consensus.ElectionPriority.Highest
        ? (int)value
        : throw Bad($"its election priority {value} is not between {Consensus.ElectionPriority.Lowest} and {Consensus.ElectionPriority.Highest}");

    /// <summary>A wait, in whole milliseconds, at least 1.</summary>
    public static uint Milliseconds(TimeSpan wait) => wait > TimeSpan.Zero && wait <= TimeSpan.FromDays(1)
        ? (uint)Math.Max(1, wait.TotalMilliseconds)
        : throw Bad($"a wait of {wait} is not between 1 ms and 1 day");

    public static ClusterId Cluster(string? text) => AkkaRaft.ClusterId.Parse(Name(text, "cluster id"));

    public static GroupId Group(string? text) => AkkaRaft.GroupId.Parse(Name(text, "group id"));

    public static NodeId Node(string? text) => NodeId.Parse(Name(text, "node id"));

    public static StorageId Storage(string? text)
    {
        if (text is not { Length: 32 } || !text.All(char.IsAsciiHexDigitLower)) throw Bad("its storage id is not 32 lower-case hexadecimal digits");
        return new StorageId(text);
    }

    /// <summary>host:port. It becomes part of an actor's path, so nothing may be in it that has a meaning there.</summary>
    public static string Address(string? text)
    {
        if (text is null or { Length: 0 or > MaxAddressLength } || !text.All(c => c is > ' ' and < '\x7f' and not ('/' or '@' or '#' or '?')))
            throw Bad("it has an address that is not host:port");
        var colon = text.LastIndexOf(':');
        if (colon < 1 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            throw Bad("it has an address that is not host:port");
        return text;
    }

    public static string Manifest(string? text) =>
        text is { Length: <= MaxManifestLength } ? text : throw Bad($"a payload's manifest is longer than {MaxManifestLength} characters");

    public static T Present<T>([NotNull] T? part, string what) where T : class => part ?? throw Bad($"it has no {what}");

    public static SerializationException Bad(string what) => new(what);

    static long Number(long value, string what) =>
        value is >= 0 and <= MaxNumber ? value : throw Bad($"its {what} {value} is not between 0 and {MaxNumber}");

    // The length first: an error text never repeats more than what a name may be long.
    static string Name(string? text, string what) =>
        text is { Length: > 0 and <= 64 } ? text : throw Bad($"its {what} is empty or longer than 64 characters");
}
