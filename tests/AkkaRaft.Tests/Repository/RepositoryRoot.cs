namespace AkkaRaft.Tests.Repository;

/// <summary>The checkout that the tests were built from.</summary>
internal static class RepositoryRoot
{
    public static string Folder { get; } = Find(AppContext.BaseDirectory);

    public static string PathOf(params string[] parts) => Path.Combine([Folder, .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(PathOf(parts));

    /// <summary>Files under a folder, without what builds leave there, as paths relative to the root with '/'.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern) =>
        !Directory.Exists(PathOf(folder))
            ? []
            :
            [
                .. Directory.EnumerateFiles(PathOf(folder), pattern, SearchOption.AllDirectories)
                    .Select(file => Path.GetRelativePath(Folder, file).Replace('\\', '/'))
                    .Where(file => !file.Split('/').Any(part => part is "bin" or "obj" or "artifacts"))
                    .Order(StringComparer.Ordinal),
            ];

    static string Find(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "AkkaRaft.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No AkkaRaft.sln above {from}: the tests run from within a checkout.");
    }
}
