using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Consensus.Interaction;

/// <summary>
/// Scenarios of several nodes as text: each file of <c>scripts/</c> tells one, with the output as it must be. With AKKARAFT_REWRITE_SCRIPTS=1 the files are
/// rewritten with the output as it is; then read what changed.
/// </summary>
public sealed class InteractionTests
{
    public static TheoryData<string> Scripts()
    {
        var names = new TheoryData<string>();
        foreach (var file in Directory.GetFiles(Folder(), "*.txt").Order(StringComparer.Ordinal)) names.Add(Path.GetFileNameWithoutExtension(file));
        return names;
    }

    [Theory, MemberData(nameof(Scripts))]
    public void Script(string name)
    {
        var file = Path.Combine(Folder(), name + ".txt");
        var expected = File.ReadAllText(file).ReplaceLineEndings("\n");

        var actual = new InteractionScript().Run(expected);

        if (Environment.GetEnvironmentVariable("AKKARAFT_REWRITE_SCRIPTS") == "1") File.WriteAllText(file, actual);
        else actual.ShouldBe(expected, $"script {file}");
    }

    [Fact]
    public void There_are_at_least_twenty_scripts() => Scripts().Count.ShouldBeGreaterThanOrEqualTo(20);

    static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AkkaRaft.sln"))) folder = folder.Parent;
        return Path.Combine(folder.ShouldNotBeNull().FullName, "tests", "AkkaRaft.Tests", "Consensus", "Interaction", "scripts");
    }
}
