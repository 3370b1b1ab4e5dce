namespace AkkaRaft;

/// <summary>The stable name of a Raft node, unique in its cluster for ever; a restart, another address or another process does not change it.</summary>
/// <param name="Value">1 to 64 characters of <c>A-Z a-z 0-9 - _ .</c>; <see cref="Parse"/> checks it.</param>
public readonly record struct NodeId(string Value) : IComparable<NodeId>
{
    /// <summary>Checks the text and makes an id of it.</summary>
    /// <exception cref="FormatException">The text is empty, too long, or has a character that is not allowed.</exception>
    public static NodeId Parse(string text) => new(Name.Checked(text, "node id"));

    /// <summary>Ordinal order of the text, the same on every machine.</summary>
    public int CompareTo(NodeId other) => string.CompareOrdinal(Value, other.Value);

    /// <summary>The bare text.</summary>
    public override string ToString() => Value;
}

/// <summary>The name of one replicated state machine of a cluster; an application may run several groups on the same nodes.</summary>
/// <param name="Value">1 to 64 characters of <c>A-Z a-z 0-9 - _ .</c>; <see cref="Parse"/> checks it.</param>
public readonly record struct GroupId(string Value)
{
    /// <summary>Checks the text and makes an id of it.</summary>
    /// <exception cref="FormatException">The text is empty, too long, or has a character that is not allowed.</exception>
    public static GroupId Parse(string text) => new(Name.Checked(text, "group id"));

    /// <summary>The bare text.</summary>
    public override string ToString() => Value;
}

/// <summary>The name of a cluster. It is in every message and in every data folder, so that two clusters never mix.</summary>
/// <param name="Value">1 to 64 characters of <c>A-Z a-z 0-9 - _ .</c>; <see cref="Parse"/> checks it.</param>
public readonly record struct ClusterId(string Value)
{
    /// <summary>Checks the text and makes an id of it.</summary>
    /// <exception cref="FormatException">The text is empty, too long, or has a character that is not allowed.</exception>
    public static ClusterId Parse(string text) => new(Name.Checked(text, "cluster id"));

    /// <summary>The bare text.</summary>
    public override string ToString() => Value;
}

/// <summary>The name of one node's storage, drawn when the storage is first made: a node with a wiped disk has another one.</summary>
/// <param name="Value">32 lower-case hexadecimal digits.</param>
public readonly record struct StorageId(string Value)
{
    /// <summary>The bare text.</summary>
    public override string ToString() => Value;
}

file static class Name
{
    const int MaxLength = 64;

    public static string Checked(string text, string what)
    {
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength || !text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new FormatException(
                $"\"{text}\" is no {what}. A {what} has 1 to {MaxLength} characters, each a letter or digit of ASCII, '-', '_' or '.'.");
        return text;
    }
}
