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

    /// <summary>The longest value, in bytes of UTF-8 and without blanks. With its key it fits into a command of 64 KiB, and so into the answer to a get.</summary>
    public const int MaxValueBytes = 60 * 1024;

    // A character takes up to 3 bytes, and the last key up to 6 KiB when all of it is escaped: with both, a page stays below 64 KiB.
    const int MaxPageChars = 16 * 1024;

    readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);

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
            Get get => RefusalOf(get.Key)?.Refusal,
            _ => null,
        };
    }

    /// <summary>Stores a value.</summary>
    public MapResult Put(Put command) =>
        RefusalOf(command.Key) ?? Readable(command.Value, out var value) ?? RefusalOfStoring(value) ?? Store(command.Key, value, new MapResult(true));

    /// <summary>Stores a value if the expected one is there.</summary>
    public MapResult Cas(Cas command)
    {
        if ((RefusalOf(command.Key) ?? Readable(command.Expected ?? JsonValue.Null, out var expected) ?? Readable(command.New, out var next)
            ?? RefusalOfStoring(next)) is { } refusal) return refusal;

        var matches = _values.TryGetValue(command.Key, out var current) ? JsonValue.Same(current, expected) : expected == JsonValue.Null;
        var answer = new MapResult(matches, JsonValue.Of(matches));
        return matches ? Store(command.Key, next, answer) : answer;
    }

    /// <summary>Removes a key.</summary>
    public MapResult Delete(Delete command) => RefusalOf(command.Key) ?? new MapResult(_values.Remove(command.Key));

    /// <summary>Adds to a number.</summary>
    public MapResult Add(Add command)
    {
        if ((RefusalOf(command.Key) ?? Readable(command.Amount, out var amount)) is { } refusal) return refusal;
        if (!JsonNumber.IsNumber(amount)) return Refused($"{Shortened(amount)} is no number of at most {JsonNumber.MaxDigits} digits.");

        var current = _values.GetValueOrDefault(command.Key, "0");
        if (!JsonNumber.IsNumber(current)) return new MapResult(false, Error: $"The value is no number of at most {JsonNumber.MaxDigits} digits: {Shortened(current)}.");
        return JsonNumber.TryAdd(current, amount, out var sum)
            ? Store(command.Key, sum, new MapResult(true, sum))
            : new MapResult(false, Error: $"The sum would have more than {JsonNumber.MaxDigits} digits.");
    }

    /// <summary>Reads a value.</summary>
    public MapResult Get(Get query) => _values.TryGetValue(query.Key, out var value) ? new MapResult(true, value) : new MapResult(false);

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

    MapResult Store(string key, string value, MapResult answer)
    {
        _values[key] = value;
        return answer;
    }

    static MapResult? RefusalOf(string? key) =>
        key is null ? Refused("There is no key.")
        : Encoding.UTF8.GetByteCount(key) > MaxKeyBytes ? Refused($"The key is longer than {MaxKeyBytes} bytes.")
        : null;

    static MapResult? Readable(string? text, out string value)
    {
        value = JsonValue.Null;
        if (!JsonValue.TryParse(text ?? "", out var read, out var error)) return Refused(error);
        value = read;
        return null;
    }

    static MapResult? RefusalOfStoring(string value) =>
        value == JsonValue.Null ? Refused("JSON null cannot be stored: it stands for a key that is absent. Use delete to remove a key.")
        : Encoding.UTF8.GetByteCount(value) > MaxValueBytes ? Refused($"The value is longer than {MaxValueBytes} bytes.")
        : null;

    static MapResult Refused(string why) => new(false, Refusal: why);

    static string Shortened(string text) => text.Length <= 80 ? text : text[..80] + "...";
}
