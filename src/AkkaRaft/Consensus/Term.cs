namespace AkkaRaft;

/// <summary>A term: a period of time with at most one leader (Raft 5.1). 0 is before the first election; it only grows.</summary>
/// <param name="Value">The term's number, 0 or higher.</param>
public readonly record struct Term(long Value) : IComparable<Term>
{
    /// <summary>The term before the first election.</summary>
    public static readonly Term Zero = default;

    /// <summary>The term after this one.</summary>
    public Term Next => new(Value + 1);

    /// <inheritdoc />
    public int CompareTo(Term other) => Value.CompareTo(other.Value);

    /// <summary>Whether <paramref name="left"/> is an earlier term.</summary>
    public static bool operator <(Term left, Term right) => left.Value < right.Value;

    /// <summary>Whether <paramref name="left"/> is a later term.</summary>
    public static bool operator >(Term left, Term right) => left.Value > right.Value;

    /// <summary>Whether <paramref name="left"/> is the same or an earlier term.</summary>
    public static bool operator <=(Term left, Term right) => left.Value <= right.Value;

    /// <summary>Whether <paramref name="left"/> is the same or a later term.</summary>
    public static bool operator >=(Term left, Term right) => left.Value >= right.Value;

    /// <summary>The bare number.</summary>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
