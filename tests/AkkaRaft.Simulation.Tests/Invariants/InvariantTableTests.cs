using AkkaRaft.TestKit.Invariants;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Invariants;

public sealed class InvariantTableTests
{
    [Fact]
    public void Every_invariant_is_in_the_set_once()
    {
        var written = typeof(ClusterInvariant).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ClusterInvariant)) && !type.IsAbstract);
        ClusterInvariants.All().Select(invariant => invariant.GetType()).ShouldBe(written, ignoreOrder: true);
        ClusterInvariants.All()[0].ShouldNotBeSameAs(ClusterInvariants.All()[0]);
    }

    [Fact]
    public void The_kits_readme_has_a_row_for_each_invariant_with_its_section_and_its_file()
    {
        var kit = Path.Combine(Root(), "src", "AkkaRaft.TestKit");
        var rows = File.ReadLines(Path.Combine(kit, "README.md")).Where(line => line.StartsWith('|')).ToList();
        foreach (var invariant in ClusterInvariants.All())
        {
            var file = $"Invariants/{invariant.GetType().Name}.cs";
            File.Exists(Path.Combine(kit, file)).ShouldBeTrue(file);
            rows.Count(row => row.StartsWith($"| {invariant.Name} |", StringComparison.Ordinal) && row.Contains($"| {invariant.Section} |", StringComparison.Ordinal)
                && row.Contains($"({file})", StringComparison.Ordinal)).ShouldBe(1, invariant.Name);
        }
    }

    static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "AkkaRaft.sln"))) folder = Path.GetDirectoryName(folder).ShouldNotBeNull("AkkaRaft.sln is above the tests");
        return folder;
    }
}
