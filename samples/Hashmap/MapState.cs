using System.Collections.Immutable;
using System.Text;
using AkkaRaft.Samples.Common;

namespace AkkaRaft.Samples.Hashmap;

/// <summary>
/// The map itself: what each command does to it and says. The same commands in the same order give the same map and the same answers on every node,
/// and no command makes it throw.
/// </summary>
public sealed class MapState
{
    /// <summary>The longest key, in bytes of UTF-8.</summary>
    public const int MaxKeyBytes = 1024;

    // A character takes up to 3 bytes, and the last key up to 6 KiB when all of it is escaped: with both, a page stays below 64 KiB.
    const int MaxPageChars = 16 * 1024;

    static readonly ImmutableSortedDictionary<string, string> Empty = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    // Immutable: a snapshot of it costs nothing, and commands go on while it is written.
    ImmutableSortedDictionary<string, string> _values = Empty;

    /// <summary>
    /// Why an operation would be refused whatever the map has; null if it would not. A client asks before it sends: then nothing was surely applied.
    /// </summary>
    public static string? RefusalOf(object operation)
    {
        var empty = new MapState();
        return operation switch
        {
            Put put => empty.Put(put).Refusal,
            Cas cas => empty.Cas(cas).Refusal,
            Delete delete => empty.Delete(delete).Refusal,
            Add add => empty.Add(add).Refusal,
            Get get => RefusalOfKey(get.Key)?.Refusal,
            _ => null,
        };
    }

    /// <summary>Stores a value.</summary>
    public Answer Put(Put command)
    {
        if (RefusalOfKey(command.Key) is { } refusal) return refusal;
        if (StoredValue.ReadNew(command.Value, out var value) is { } unstorable) return unstorable;
        return Store(command.Key, value, new Answer(true));
    }

    /// <summary>Stores a value if the expected one is there.</summary>
    public Answer Cas(Cas command)
    {
        if (RefusalOfKey(command.Key) is { } refusal) return refusal;
        if (StoredValue.Read(command.Expected ?? JsonValue.Null, out var expected) is { } unreadable) return unreadable;
        if (StoredValue.ReadNew(command.New, out var next) is { } unstorable) return unstorable;

        var matches = _values.TryGetValue(command.Key, out var current) ? JsonValue.Same(current, expected) : expected == JsonValue.Null;
        var answer = new Answer(matches, JsonValue.Of(matches));
        return matches ? Store(command.Key, next, answer) : answer;
    }

    /// <summary>Removes a key.</summary>
    public Answer Delete(Delete command)
    {
        if (RefusalOfKey(command.Key) is { } refusal) return refusal;
        var before = _values;
        _values = before.Remove(command.Key);
        return new Answer(!ReferenceEquals(_values, before));
    }

    /// <summary>Adds to a number.</summary>
    public Answer Add(Add command)
    {
        if (RefusalOfKey(command.Key) is { } refusal) return refusal;
        if (StoredValue.Read(command.Amount, out var amount) is { } unreadable) return unreadable;
        if (!JsonNumber.IsNumber(amount)) return Answer.Refused($"{JsonValue.Shortened(amount)} is no number of at most {JsonNumber.MaxDigits} digits.");

        var current = (_values.TryGetValue(command.Key, out var stored) ? stored : "0");
        if (!JsonNumber.IsNumber(current))
            return new Answer(false, Error: $"The value is no number of at most {JsonNumber.MaxDigits} digits: {JsonValue.Shortened(current)}.");
        return JsonNumber.TryAdd(current, amount, out var sum)
            ? Store(command.Key, sum, new Answer(true, sum))
            : new Answer(false, Error: $"The sum would have more than {JsonNumber.MaxDigits} digits.");
    }

    /// <summary>Reads a value.</summary>
    public Answer Get(Get query) => _values.TryGetValue(query.Key, out var value) ? new Answer(true, value) : new Answer(false);

    /// <summary>Lists keys.</summary>
    public KeyPage Keys(ListKeys query)
    {
        var page = new StringBuilder();
        string? last = null;
        foreach (var key in _values.Keys)
        {
            if (query.After is not null && string.CompareOrdinal(key, query.After) <= 0) continue;
            if (page.Length >= MaxPageChars) return new KeyPage($"[{page}]", last);

            page.Append(last is null ? "" : ",").Append(JsonValue.OfText(key));
            last = key;
        }

        return new KeyPage($"[{page}]", null);
    }

    /// <summary>The map as it is now, as bytes: two lines for each key, both of JSON.</summary>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> Write() => MapLines.Write(_values);

    /// <summary>The map becomes what was written.</summary>
    /// <param name="pieces">Those bytes, cut anywhere.</param>
    public async Task Read(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        // The old map goes first: both at once may be more than the memory holds. If this fails the node stops, and nobody asks meanwhile.
        _values = Empty;
        var read = Empty.ToBuilder();
        await foreach (var (key, value) in MapLines.Read(pieces)) read.Add(key, value);
        _values = read.ToImmutable();
    }

    Answer Store(string key, string value, Answer answer)
    {
        _values = _values.SetItem(key, value);
        return answer;
    }

    static Answer? RefusalOfKey(string? key) =>
        key is null ? Answer.Refused("There is no key.")
        : Encoding.UTF8.GetByteCount(key) > MaxKeyBytes ? Answer.Refused($"The key is longer than {MaxKeyBytes} bytes.")
        : null;
}
