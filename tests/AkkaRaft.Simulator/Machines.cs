using System.Buffers;
using System.Globalization;
using System.Text;

namespace AkkaRaft.Simulator;

/// <summary>Sets a key's value.</summary>
public sealed record Put(string Key, int Value);

/// <summary>Removes a key; answers whether it was there.</summary>
public sealed record Delete(string Key);

/// <summary>Sets a key's value if it has none; answers whether it did.</summary>
public sealed record Add(string Key, int Value);

/// <summary>Asks for a key's value; null if it has none.</summary>
public sealed record Get(string Key);

/// <summary>Sets the register.</summary>
public sealed record Set(int Value);

/// <summary>Asks for the register, or for the sum.</summary>
public sealed record Read;

/// <summary>Adds to the sum, and answers it.</summary>
public sealed record Increase(int Amount);

/// <summary>Keys and values.</summary>
public sealed class MapMachine : RaftStateMachine
{
    readonly SortedDictionary<string, int> _map = new(StringComparer.Ordinal);

    /// <summary>Makes an empty one.</summary>
    public MapMachine()
    {
        Command<Put>(put =>
        {
            _map[put.Key] = put.Value;
            return null;
        });
        Command<Delete, bool>(delete => _map.Remove(delete.Key));
        Command<Add, bool>(add => _map.TryAdd(add.Key, add.Value));
        Query<Get>(get => _map.TryGetValue(get.Key, out var value) ? value : null);
        Snapshot(() => Lines([.. _map]), Restore);
    }

    static async IAsyncEnumerable<ReadOnlyMemory<byte>> Lines(KeyValuePair<string, int>[] pairs)
    {
        foreach (var (key, value) in pairs)
        {
            await Task.CompletedTask;
            yield return Encoding.UTF8.GetBytes($"{key}={value}\n");
        }
    }

    async Task Restore(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        var all = new ArrayBufferWriter<byte>();
        await foreach (var piece in pieces) all.Write(piece.Span);
        _map.Clear();
        foreach (var line in Encoding.UTF8.GetString(all.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var end = line.LastIndexOf('=');
            _map.Add(line[..end], int.Parse(line[(end + 1)..], CultureInfo.InvariantCulture));
        }
    }

    /// <summary>All of it.</summary>
    public string State => string.Join(' ', _map.Select(pair => $"{pair.Key}={pair.Value}"));
}

/// <summary>One value.</summary>
public sealed class RegisterMachine : RaftStateMachine
{
    /// <summary>Makes one without a value.</summary>
    public RegisterMachine()
    {
        Command<Set>(set =>
        {
            Value = set.Value;
            return null;
        });
        Query<Read>(_ => Value);
        Snapshot(() => $"{Value}", text => Value = text.Length > 0 ? int.Parse(text, CultureInfo.InvariantCulture) : null);
    }

    /// <summary>The value; null for none.</summary>
    public int? Value { get; private set; }
}

/// <summary>A sum.</summary>
public sealed class CounterMachine : RaftStateMachine
{
    /// <summary>Makes one that is 0.</summary>
    public CounterMachine()
    {
        Command<Increase, long>(increase => Value += increase.Amount);
        Query<Read, long>(_ => Value);
        Snapshot(() => Value, value => Value = value);
    }

    /// <summary>The sum.</summary>
    public long Value { get; private set; }
}
