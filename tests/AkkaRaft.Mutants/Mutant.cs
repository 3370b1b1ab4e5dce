using System.Security.Cryptography;

namespace AkkaRaft.Mutants;

/// <summary>One mutation of the source: a patch under tests/mutants, and what its header says of it.</summary>
/// <param name="Name">The file's name without its ending; begins with the id.</param>
/// <param name="Id">The row of known-raft-bugs.md, as in B01; N and a number for what is not in that table.</param>
/// <param name="Broken">What the mutant does.</param>
/// <param name="Rule">The rule that it breaks.</param>
/// <param name="File">The patch.</param>
/// <param name="Touches">The files that it changes, relative to the root of the repository, with '/'.</param>
/// <param name="Hash">Tells this patch from an earlier one of the same name.</param>
internal sealed record Mutant(string Name, string Id, string Broken, string Rule, string File, IReadOnlyList<string> Touches, string Hash)
{
    const string RuleMark = "# Rule: ";
    const string FileMark = "+++ b/";

    /// <summary>All patches of the folder, by name.</summary>
    /// <exception cref="MutantsException">A patch has no header.</exception>
    public static IReadOnlyList<Mutant> ReadAll(string folder) =>
        [.. Directory.GetFiles(folder, "*.patch").Order(StringComparer.Ordinal).Select(Read)];

    static Mutant Read(string file)
    {
        var text = System.IO.File.ReadAllText(file);
        var lines = text.Split('\n');
        var name = Path.GetFileNameWithoutExtension(file);
        var id = name.Split('-')[0];
        var mark = $"# {id}: ";
        if (lines.Length < 3 || !lines[0].StartsWith(mark, StringComparison.Ordinal) || !lines[1].StartsWith(RuleMark, StringComparison.Ordinal))
            throw new MutantsException(
                $"{file} does not begin with \"{mark}what is broken\" and \"{RuleMark}the rule\". Write these two lines above the diff.");
        return new Mutant(
            name, id, lines[0][mark.Length..].Trim(), lines[1][RuleMark.Length..].Trim(), file,
            [.. lines.Where(line => line.StartsWith(FileMark, StringComparison.Ordinal)).Select(line => line[FileMark.Length..].Trim())],
            Hashing.Of(text));
    }
}

/// <summary>The run cannot go on, for a reason that is none of the mutants'.</summary>
internal sealed class MutantsException(string message) : Exception(message);

/// <summary>Short names for contents.</summary>
internal static class Hashing
{
    const int Length = 16;

    public static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))[..Length];

    /// <summary>One hash of all these files, names and contents.</summary>
    public static string Of(string root, IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(file));
            hash.AppendData(System.IO.File.ReadAllBytes(Path.Combine(root, file)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..Length];
    }
}
