using System.Collections.Immutable;
using Akka.Configuration;

namespace AkkaRaft.Client;

/// <summary>Reads a block of HOCON: a missing or empty key has its default, an unreadable one too, and is remembered with its value.</summary>
internal sealed class HoconReader(Config? block, string path)
{
    readonly List<string> _errors = [];
    readonly List<string> _keys = [];

    public IReadOnlyList<string> Errors => _errors;

    public T Text<T>(string key, Func<string, T> parse, T fallback) =>
        Read(key, fallback, config => config.GetString(key) is { Length: > 0 } text ? parse(text) : fallback);

    public ImmutableArray<RaftMember> Members(string key, ImmutableArray<RaftMember> fallback) =>
        Read(key, fallback, config => config.GetStringList(key) is { Count: > 0 } list ? [.. list.Select(RaftMember.Parse)] : fallback);

    public TimeSpan Time(string key, TimeSpan fallback) => Read(key, fallback, config => config.GetTimeSpan(key, allowInfinite: false));

    public int Int(string key, int fallback) => Read(key, fallback, config => config.GetInt(key));

    public long Bytes(string key, long fallback) =>
        Read(key, fallback, config => config.GetByteSize(key) ?? throw new FormatException("It is no size, such as 96KiB."));

    /// <summary>A misspelt key would otherwise silently leave the default in force.</summary>
    public void RefuseUnknownKeys()
    {
        if (block is null || block.IsEmpty) return;

        foreach (var key in block.AsEnumerable().Select(pair => pair.Key).Where(key => !_keys.Contains(key)).Order(StringComparer.Ordinal))
            _errors.Add($"{path}.{key}: there is no such key. The keys are {string.Join(", ", _keys)}.");
    }

    T Read<T>(string key, T fallback, Func<Config, T> read)
    {
        _keys.Add(key);
        if (block is null || !block.HasPath(key)) return fallback;

        try
        {
            return read(block);
        }
        catch (Exception problem)
        {
            _errors.Add($"{path}.{key} = {block.GetValue(key)}: {problem.Message}");
            return fallback;
        }
    }
}
