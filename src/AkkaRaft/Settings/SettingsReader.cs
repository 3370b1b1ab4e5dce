using System.Collections.Immutable;
using System.Globalization;
using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace AkkaRaft.Settings;

/// <summary>
/// Reads the values of a block of HOCON over the defaults of reference.conf. What cannot be read takes its default and is remembered as an error, so
/// that all errors are told at once.
/// </summary>
internal sealed class SettingsReader
{
    readonly Config _own;
    readonly Config _defaults;
    readonly Func<string, string> _pathOf;
    readonly ImmutableDictionary<string, string>.Builder _errors = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
    readonly List<string> _keys = [];
    readonly string _listedIn;

    /// <param name="own">What the user says; empty for nothing.</param>
    /// <param name="defaults">The same block of reference.conf.</param>
    /// <param name="pathOf">From a key of the block to what the user would look for, such as <c>akka.raft.data-dir</c>.</param>
    /// <param name="listedIn">The file with all settings, for people.</param>
    public SettingsReader(Config own, Config defaults, Func<string, string> pathOf, string listedIn = "hocon/raft.conf")
    {
        _listedIn = listedIn;
        _own = own;
        _defaults = defaults;
        _pathOf = pathOf;
    }

    /// <summary>By key, what could not be read.</summary>
    public ImmutableDictionary<string, string> Errors => _errors.ToImmutable();

    /// <summary>The keys that were asked for.</summary>
    public IReadOnlyList<string> Keys => _keys;

    /// <summary>The text, such as a name; empty when it is not set.</summary>
    public string Text(string key) => Read(key, "a text", (config, k) => config.GetString(k, "") ?? "");

    public TimeSpan Time(string key) => Read(key, "a time, such as 100ms, 5s or 1m", (config, k) => config.GetTimeSpan(k, null, allowInfinite: false));

    public int Count(string key) => Read(key, "a whole number, such as 1000", (config, k) =>
        int.Parse(config.GetString(k, ""), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));

    public double Share(string key) => Read(key, "a number, such as 0.1", (config, k) =>
        double.Parse(config.GetString(k, ""), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture));

    public int Bytes(string key) => checked((int)Read(key, "a size of less than 2GiB, such as 64KiB or 1MiB", (config, k) =>
        config.GetByteSize(k) is { } size and >= int.MinValue and <= int.MaxValue ? size : throw new FormatException()));

    public long LongBytes(string key) => Read(key, "a size, such as 64KiB or 32MiB", (config, k) => config.GetByteSize(k) ?? throw new FormatException());

    public bool Switch(string key) => Read(key, "on or off", (config, k) => config.GetBoolean(k, false));

    public ImmutableArray<string> Texts(string key) => Read<ImmutableArray<string>>(key, "a list of texts, such as [\"a\", \"b\"]", (config, k) =>
        config.GetValue(k).IsArray() ? [.. config.GetStringList(k)]
        : string.IsNullOrEmpty(config.GetString(k)) ? []   // Akka's parser makes an empty value of an empty list
        : throw new FormatException());

    /// <summary>A text with a form of its own.</summary>
    /// <param name="key">The key.</param>
    /// <param name="parse">Throws <see cref="FormatException"/>, whose message says what is right.</param>
    /// <param name="otherwise">The value when it is not set or cannot be read.</param>
    public T Parsed<T>(string key, Func<string, T> parse, T otherwise)
    {
        var text = Text(key);
        if (text.Length == 0) return otherwise;
        try
        {
            return parse(text);
        }
        catch (FormatException wrong)
        {
            Add(key, wrong.Message);
            return otherwise;
        }
    }

    /// <summary>A list of texts with a form of their own.</summary>
    /// <param name="key">The key.</param>
    /// <param name="parse">Throws <see cref="FormatException"/>, whose message says what is right.</param>
    public IReadOnlyList<T> ParsedList<T>(string key, Func<string, T> parse)
    {
        var values = new List<T>();
        foreach (var text in Texts(key))
        {
            try
            {
                values.Add(parse(text));
            }
            catch (FormatException wrong)
            {
                Add(key, wrong.Message);
            }
        }

        return values.AsReadOnly();
    }

    /// <summary>Remembers that the value of a key is wrong; the first thing that is wrong with it is told.</summary>
    public void Add(string key, string message)
    {
        if (!_errors.ContainsKey(key)) _errors[key] = $"{_pathOf(key)} = {Shown(key)}: {message}";
    }

    /// <summary>Finds keys that no setting has: a mistyped one would silently leave its setting at the default.</summary>
    /// <param name="block">A block that the user wrote.</param>
    /// <param name="path">Where it stands, such as <c>akka.raft</c>.</param>
    /// <param name="apart">Keys at the top of the block that others read.</param>
    public void RefuseUnknownKeys(Config? block, string path, params string[] apart)
    {
        if (block is null || block.IsEmpty) return;
        foreach (var (key, value) in block.AsEnumerable().OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!apart.Contains(key)) RefuseUnknown(key, value, path);
        }
    }

    void RefuseUnknown(string key, HoconValue value, string path)
    {
        if (_keys.Contains(key)) return;
        if (value.IsObject() && _keys.Any(known => known.StartsWith(key + ".", StringComparison.Ordinal)))
        {
            foreach (var (inner, innerValue) in value.GetObject().Items.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                RefuseUnknown($"{key}.{inner}", innerValue, path);
            return;
        }

        _errors[$"{path}.{key}"] = $"{path}.{key} = {Squeezed(value.ToString())}: there is no such setting. {_listedIn} lists all of them.";
    }

    T Read<T>(string key, string expected, Func<Config, string, T> read)
    {
        _keys.Add(key);
        if (_own.HasPath(key))
        {
            try
            {
                // A block where a single value belongs would read as empty.
                if (!_own.GetValue(key).IsObject()) return read(_own, key);
            }
            catch (Exception wrong) when (wrong is FormatException or OverflowException or NotSupportedException or ArgumentException or InvalidCastException)
            {
                // Told below; HOCON's own messages name neither key nor form.
            }

            Add(key, $"it must be {expected}.");
        }

        return read(_defaults, key);
    }

    string Shown(string key) => Squeezed((_own.HasPath(key) ? _own : _defaults).GetValue(key)?.ToString());

    static string Squeezed(string? hocon)
    {
        var text = string.Join(' ', (hocon ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text.Length == 0 ? "\"\"" : text;
    }
}
