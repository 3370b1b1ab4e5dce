using System.CommandLine;
using System.Text;
using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace AkkaRaft.Samples.Common;

/// <summary>
/// Reads the file of <c>--config</c>. Akka's reader takes everything for HOCON that it can, and of the rest does not say where it was; what is wrong is found
/// here, and named with its file.
/// </summary>
public static class ConfigFile
{
    const int MaxBytes = 1024 * 1024;
    const int MaxIncludes = 16;

    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // What the nodes and clients of a cluster must agree upon, and the command line says.
    static readonly (string Key, string Owner)[] Owned =
    [
        ("akka.raft.cluster-id", "--cluster"),
        ("akka.raft.node-id", "<id>"),
        ("akka.raft.members", "<peer>..."),
        ("akka.raft.join", "--join"),
        ("akka.remote.dot-netty.tcp.hostname", "--listen, or the node's own <peer>"),
        ("akka.remote.dot-netty.tcp.port", "--listen, or the node's own <peer>"),
        ("akka.remote.dot-netty.tcp.public-hostname", "the node's own <peer>"),
        ("akka.remote.dot-netty.tcp.public-port", "the node's own <peer>"),
    ];

    /// <summary><c>--config</c></summary>
    /// <param name="description">For the help.</param>
    public static Option<FileInfo> Option(string description)
    {
        var config = new Option<FileInfo>("--config") { Description = description, HelpName = "FILE" };
        config.Validators.Add(result => Parsed.Check(result, () =>
        {
            var path = result.Tokens.Count == 0 ? "" : result.Tokens[^1].Value;
            if (Directory.Exists(path)) throw new FormatException($"--config {path} is a folder, not a file.");
            if (!File.Exists(path)) throw new FormatException($"--config {path}: there is no such file.");
        }));
        return config;
    }

    /// <summary>What the file says, over the program's own settings; these alone if there is no file.</summary>
    /// <exception cref="FormatException">It cannot be used; the message names it, and says why.</exception>
    public static Config Over(Config ours, FileInfo? file)
    {
        ArgumentNullException.ThrowIfNull(ours);
        if (file is null) return ours;
        var raft = ConfigurationFactory.FromResource<Raft>("AkkaRaft.reference.conf");
        return Read(file.ToString(), ours.WithFallback(raft).WithFallback(ConfigurationFactory.Default())).WithFallback(ours);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is. What it includes is looked for next to it.</param>
    /// <param name="blocks">Settings as they should be, which tell what is a block of settings.</param>
    /// <exception cref="FormatException">It cannot be used; the message names it, and says why.</exception>
    public static Config Read(string path, Config blocks)
    {
        var text = TextOf(path);
        var includes = 0;
        try
        {
            var config = ConfigurationFactory.ParseString(text, Include);
            Check(path, config, blocks);
            return config;
        }
        catch (Exception problem) when (problem is not FormatException { Data.Count: > 0 })
        {
            throw Wrong(path, $"it is no HOCON: {Shown(problem.Message)}");
        }

        HoconRoot Include(string name)
        {
            if (++includes > MaxIncludes) throw Wrong(path, $"it includes more than {MaxIncludes} files, or itself");
            var other = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, name);
            return File.Exists(other)
                ? Parser.Parse(TextOf(other), Include)
                : throw Wrong(path, $"it includes \"{Shown(name)}\", and there is no file {Shown(other)}");
        }
    }

    static string TextOf(string path)
    {
        if (Directory.Exists(path)) throw Wrong(path, "it is a folder, not a file");
        try
        {
            var bytes = File.ReadAllBytes(path);
            if (bytes.Length > MaxBytes) throw Wrong(path, $"it is longer than {MaxBytes} bytes");
            var text = Utf8.GetString(bytes).TrimStart('\ufeff');
            return text.Any(c => char.IsControl(c) && c is not ('\t' or '\r' or '\n' or '\f'))
                ? throw Wrong(path, "it is no text: it has control characters")
                : text;
        }
        catch (DecoderFallbackException)
        {
            throw Wrong(path, "it is no text in UTF-8");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw Wrong(path, problem is UnauthorizedAccessException ? "this user may not read it" : problem.Message.TrimEnd('.'));
        }
    }

    static void Check(string path, Config config, Config blocks)
    {
        if (config.IsEmpty) return;
        CheckBlocks(config.Root.GetObject(), "");
        foreach (var (key, owner) in Owned)
        {
            if (config.HasPath(key)) throw Wrong(path, $"{key} is not for it to say, but for the command line ({owner}); take it out of the file");
        }

        void CheckBlocks(HoconObject given, string prefix)
        {
            foreach (var (name, value) in given.Items)
            {
                var key = prefix + name;
                // The parser takes any words for names without values.
                if (prefix.Length == 0 && value.Values.Count == 0) throw Wrong(path, $"\"{Shown(name)}\" has no value there; settings are key = value");
                if (key.Contains('"', StringComparison.Ordinal) || !blocks.HasPath(key) || !blocks.GetValue(key).IsObject()) continue;
                if (!value.IsObject()) throw Wrong(path, $"{key} is \"{Shown(value.ToString() ?? "")}\" there, but it is a block of settings: {key} {{ ... }}");
                CheckBlocks(value.GetObject(), key + ".");
            }
        }
    }

    static FormatException Wrong(string path, string why)
    {
        var problem = new FormatException($"--config {path} cannot be used: {why}.");
        // Tells ours from a FormatException of the parser.
        problem.Data[nameof(path)] = path;
        return problem;
    }

    static string Shown(string text) => JsonValue.Shortened(string.Concat(text.Where(c => !char.IsControl(c)))).TrimEnd('.');
}
