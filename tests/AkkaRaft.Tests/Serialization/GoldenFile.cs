using System.Text;
using Shouldly;

namespace AkkaRaft.Tests.Serialization;

/// <summary>
/// The bytes of the first release, in hexadecimal: they must be written the same for ever, and read for ever. AKKARAFT_REWRITE_GOLDEN=1 writes the
/// files anew; that is right for a new message only.
/// </summary>
internal static class GoldenFile
{
    static readonly string Folder = Path.Combine(Repository(), "tests", "AkkaRaft.Tests", "Serialization", "golden");

    public static IEnumerable<string> Names =>
        Directory.GetFiles(Folder, "*.hex").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal);

    public static (string Manifest, byte[] Bytes) Check(string name, string manifest, byte[] bytes)
    {
        var path = Path.Combine(Folder, name + ".hex");
        var text = Text(manifest, bytes);
        if (Environment.GetEnvironmentVariable("AKKARAFT_REWRITE_GOLDEN") == "1") File.WriteAllText(path, text);
        File.Exists(path).ShouldBeTrue($"{path} is missing. If the message is new, run this test once with AKKARAFT_REWRITE_GOLDEN=1.");
        var golden = File.ReadAllText(path);
        text.ShouldBe(golden, $"The bytes of {name} are not those of {path}: nodes and journals of other versions could not read them.");
        return Parse(golden);
    }

    static string Text(string manifest, byte[] bytes)
    {
        var text = new StringBuilder(manifest).Append('\n');
        foreach (var line in bytes.Chunk(32)) text.Append(Convert.ToHexStringLower(line)).Append('\n');
        return text.ToString();
    }

    static (string, byte[]) Parse(string text)
    {
        var lines = text.Split('\n');
        return (lines[0], Convert.FromHexString(string.Concat(lines.Skip(1))));
    }

    static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "AkkaRaft.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has AkkaRaft.sln.");
        return folder;
    }
}
