using System.Reflection;
using System.Text.RegularExpressions;
using AkkaRaft.Consensus;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Consensus;

/// <summary>docs/protocol.md maps rules to code and tests; a name on it that no longer exists is worse than none.</summary>
public sealed class ProtocolMapTests
{
    const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    static readonly string Root = FindRoot();

    [Fact]
    public void Every_function_and_test_of_the_map_exists()
    {
        var members = new[] { typeof(RaftCore).Assembly, typeof(ProtocolMapTests).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.Namespace is { } name && name.StartsWith("AkkaRaft", StringComparison.Ordinal))
            .SelectMany(type => type.GetMembers(All).Select(member => $"{type.Name}.{member.Name}"))
            .ToHashSet();

        var named = Regex.Matches(Map(), @"`([A-Z]\w+\.[A-Z]\w+)`").Select(m => m.Groups[1].Value).Distinct().ToList();

        named.Count.ShouldBeGreaterThan(100);
        named.Where(name => !members.Contains(name)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_script_is_on_the_map_and_every_script_of_the_map_exists()
    {
        var named = Regex.Matches(Map(), @"`(\w+)\.txt`").Select(m => m.Groups[1].Value).Distinct().Order();
        var files = Directory.GetFiles(Path.Combine(Root, "tests", "AkkaRaft.Tests", "Consensus", "Interaction", "scripts"), "*.txt")
            .Select(Path.GetFileNameWithoutExtension).Order();

        named.ShouldBe(files);
    }

    [Fact]
    public void Every_test_of_the_paper_and_of_the_known_bugs_is_on_the_map()
    {
        var map = Map();
        var tests = typeof(ProtocolMapTests).Assembly.GetTypes()
            .Where(type => type.Namespace is "AkkaRaft.Tests.Consensus.Paper" or "AkkaRaft.Tests.Consensus.KnownBugs")
            .SelectMany(type => type.GetMethods(All).Where(m => m.GetCustomAttribute<FactAttribute>() is not null).Select(m => $"{type.Name}.{m.Name}"));

        tests.Where(name => !map.Contains($"`{name}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    static string Map() => File.ReadAllText(Path.Combine(Root, "docs", "protocol.md"));

    static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AkkaRaft.sln"))) folder = folder.Parent;
        return folder.ShouldNotBeNull().FullName;
    }
}
