namespace AkkaRaft;

/// <summary>The position of an entry in the replicated log (Raft 5.3). The first entry has index 1; 0 is the place before it.</summary>
/// <param name="Value">The position, 0 or higher.</param>
public readonly record struct LogIndex(long Value) : IComparable<LogIndex>
{
    /// <summary>The place before the first entry.</summary>
    public static readonly LogIndex Zero = default;

    /// <summary>The place after this one.</summary>
    public LogIndex Next => new(Value + 1);

    /// <summary>The place before this one; callers ask only for indexes above 0.</summary>
    public LogIndex Previous => new(Value - 1);

    /// <inheritdoc />
    public int CompareTo(LogIndex other) => Value.CompareTo(other.Value);

    /// <summary>The smaller of the two.</summary>
    public static LogIndex Min(LogIndex left, LogIndex right) => left <= right ? left : right;

    /// <summary>The larger of the two.</summary>
    public static LogIndex Max(LogIndex left, LogIndex right) => left >= right ? left : right;

    /// <summary>The index <paramref name="count"/> places further on.</summary>
    public static LogIndex operator +(LogIndex index, long count) => new(index.Value + count);

    /// <summary>How many places <paramref name="left"/> lies after <paramref name="right"/>.</summary>
    public static long operator -(LogIndex left, LogIndex right) => left.Value - right.Value;

    /// <summary>Whether <paramref name="left"/> lies before.</summary>
    public static bool operator <(LogIndex left, LogIndex right) => left.Value < right.Value;

    /// <summary>Whether <paramref name="left"/> lies after.</summary>
    public static bool operator >(LogIndex left, LogIndex right) => left.Value > right.Value;

    /// <summary>Whether <paramref name="left"/> is the same place or lies before.</summary>
    public static bool operator <=(LogIndex left, LogIndex right) => left.Value <= right.Value;

    /// <summary>Whether <paramref name="left"/> is the same place or lies after.</summary>
    public static bool operator >=(LogIndex left, LogIndex right) => left.Value >= right.Value;

    /// <summary>The bare number.</summary>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
