namespace AkkaRaft.Mutants;

/// <summary>A checkout, or a copy of one.</summary>
internal sealed class Tree(string root)
{
    const string Library = "src/AkkaRaft";
    const string Output = "bin/Release/net10.0";

    public string Root { get; } = root;

    public string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>The built assembly of a test project.</summary>
    public string TestsOf(string project) => PathOf($"tests/{project}/{Output}/{project}.dll");

    /// <summary>What other projects see of the library: while it is the same, they need not be built again.</summary>
    public byte[] Surface => LibrarySurface.Read(PathOf($"{Library}/obj/Release/net10.0/ref/AkkaRaft.dll"));

    public bool IsBuilt(string project) => File.Exists(TestsOf(project)) && File.Exists(PathOf($"{Library}/obj/Release/net10.0/ref/AkkaRaft.dll"));

    /// <summary>The source files: what git knows and what is new, whatever state the working tree is in.</summary>
    public async Task<IReadOnlyList<string>> Files(CancellationToken stop)
    {
        var listed = await Command.Run(
            Root, TimeSpan.FromMinutes(1), Quiet, stop, "git", "-c", "core.quotePath=off", "ls-files", "--cached", "--others", "--exclude-standard");
        if (!listed.Succeeded) throw new MutantsException($"git cannot list the files of {Root}: {listed.LastLines(3)}. Run it in a clone of the repository.");
        return [.. listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(file => File.Exists(PathOf(file))).Distinct()];
    }

    /// <summary>Makes these files the same as the other tree's. What is the same already keeps its time, so that it is not built again.</summary>
    public void Copy(Tree from, IReadOnlyList<string> files)
    {
        foreach (var file in files)
        {
            var wanted = File.ReadAllBytes(from.PathOf(file));
            var place = PathOf(file);
            if (File.Exists(place) && File.ReadAllBytes(place).AsSpan().SequenceEqual(wanted)) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.WriteAllBytes(place, wanted);
        }
    }

    /// <summary>Removes what is not among these files, and was not built: a source file that is gone would still be compiled.</summary>
    public void Prune(IReadOnlyList<string> files)
    {
        var known = files.ToHashSet(StringComparer.Ordinal);
        foreach (var folder in new[] { "src", "samples", "tests" }.Select(PathOf).Where(Directory.Exists))
        {
            foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
            {
                var name = Path.GetRelativePath(Root, file).Replace('\\', '/');
                if (!known.Contains(name) && !name.Split('/').Any(part => part is "bin" or "obj")) File.Delete(file);
            }
        }
    }

    /// <summary>Takes over the built tests of another tree of the same source.</summary>
    public void CopyTests(Tree from, string project)
    {
        var source = Path.GetDirectoryName(from.TestsOf(project))!;
        var target = Path.GetDirectoryName(TestsOf(project))!;
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var place = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Copy(file, place, overwrite: true);
        }
    }

    /// <summary>Puts the library as it is built here under the tests as they are built here.</summary>
    public void PlaceLibrary(string project)
    {
        foreach (var file in (ReadOnlySpan<string>)["AkkaRaft.dll", "AkkaRaft.pdb"])
            File.Copy(PathOf($"{Library}/{Output}/{file}"), Path.Combine(Path.GetDirectoryName(TestsOf(project))!, file), overwrite: true);
    }

    public Task<CommandResult> Apply(Mutant mutant, bool checkOnly, CancellationToken stop) =>
        Command.Run(Root, TimeSpan.FromMinutes(1), Apart, stop, "git", checkOnly ? ["apply", "--check", mutant.File] : ["apply", mutant.File]);

    /// <summary>Fetches what the library is built with; no mutant changes that, so it is done once.</summary>
    public Task<CommandResult> Restore(TimeSpan time, CancellationToken stop) =>
        Command.Run(Root, time, Quiet, stop, "dotnet", "restore", Library, "-m:1", "-nodeReuse:false", "-v:quiet");

    // Warnings of the compiler are errors as always. The analyzers look after style and banned calls, and take longer than the compiler.
    public Task<CommandResult> BuildLibrary(TimeSpan time, CancellationToken stop) => Build(Library, time, stop, "--no-restore", "-p:RunAnalyzers=false");

    public Task<CommandResult> BuildTests(string project, TimeSpan time, CancellationToken stop) => Build($"tests/{project}", time, stop);

    Task<CommandResult> Build(string project, TimeSpan time, CancellationToken stop, params string[] more) => Command.Run(
        Root, time, Quiet, stop, "dotnet",
        ["build", project, "-c", "Release", .. more, "-m:1", "-nodeReuse:false", "-v:quiet", "-p:UseSharedCompilation=false"]);

    static IReadOnlyDictionary<string, string> Quiet { get; } = new Dictionary<string, string>();

    // A copy lies inside of the repository; git would take the patch for the repository's own files and leave out what is not below this folder.
    IReadOnlyDictionary<string, string> Apart => new Dictionary<string, string> { ["GIT_CEILING_DIRECTORIES"] = Path.GetDirectoryName(Root)! };
}
