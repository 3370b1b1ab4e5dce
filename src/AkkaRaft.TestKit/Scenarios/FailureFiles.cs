using System.Text;

namespace AkkaRaft.TestKit.Scenarios;

/// <summary>Where failures are written: files named after test and seed, so that the same failure has the same files.</summary>
internal sealed class FailureFiles(string folder, string test, ulong seed)
{
    readonly List<string> _written = [];

    /// <summary>Beside the test assembly.</summary>
    public static string DefaultFolder => Path.Combine(AppContext.BaseDirectory, "akkaraft-failures");

    /// <summary>Full paths, in the order of writing.</summary>
    public IReadOnlyList<string> Written => _written;

    /// <summary>Why a file could not be written; null if all could.</summary>
    public string? Problem { get; private set; }

    /// <summary>Writes a file anew. That it cannot is told in the report, which is more important than the file.</summary>
    public void Write(string extension, string text)
    {
        var path = Path.Combine(folder, $"{FileName(test)}-{seed}{extension}");
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(path, text, Encoding.UTF8);
            _written.Add(path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            Problem ??= $"{path} could not be written: {failed.Message}";
        }
    }

    static string FileName(string test) => string.Concat(test.Select(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '_'));
}
