using System.Reflection;
using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Repository;

/// <summary>The house keeps its order: what a reader may rely on without looking.</summary>
public sealed partial class RepositoryTests
{
    static readonly string[] Verbs = ["demo", "test", "bench", "soak", "simulate", "mutants", "pack", "clean", "help"];

    [Fact]
    public void Both_build_scripts_offer_the_same_verbs()
    {
        var shell = ShellCase().Matches(RepositoryRoot.Read("build.sh")).Select(match => match.Groups[1].Value);
        var power = PowerShellCase().Matches(RepositoryRoot.Read("build.ps1")).Select(match => match.Groups[1].Value);

        shell.ShouldBe(Verbs);
        power.ShouldBe(Verbs);
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = RepositoryRoot.Read("AkkaRaft.sln").Replace('\\', '/');
        var projects = new[] { "src", "samples", "tests" }.SelectMany(folder => RepositoryRoot.Files(folder, "*.csproj")).ToList();

        projects.ShouldContain("src/AkkaRaft/AkkaRaft.csproj");
        projects.Where(project => !solution.Contains($"\"{project}\"", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    /// <summary>The rules of Raft are pure: no actor, no clock, no disk in them (design: rules and shell).</summary>
    [Fact]
    public void The_rules_of_Raft_do_not_use_Akka()
    {
        var files = RepositoryRoot.Files("src/AkkaRaft/Consensus", "*.cs");

        files.ShouldNotBeEmpty();
        files.Where(file => UsesAkka().IsMatch(Comment().Replace(RepositoryRoot.Read(file), ""))).ShouldBeEmpty();
    }

    /// <summary>Nor do they take an Akka type in through what they hold, take or give.</summary>
    [Fact]
    public void No_type_of_Akka_leaks_into_the_rules_of_Raft()
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var rules = typeof(RaftSettings).Assembly.GetTypes().Where(type => type.Namespace == "AkkaRaft.Consensus").ToList();

        var leaks =
            from type in rules
            from used in type.GetFields(All).Select(field => field.FieldType)
                .Concat(type.GetMethods(All).SelectMany(method => method.GetParameters().Select(p => p.ParameterType).Append(method.ReturnType)))
                .Concat(type.GetConstructors(All).SelectMany(made => made.GetParameters().Select(p => p.ParameterType)))
                .Concat(type.GetInterfaces())
                .Append(type.BaseType)
            from part in Parts(used)
            where part.Assembly.GetName().Name!.StartsWith("Akka", StringComparison.Ordinal) && part.Assembly != type.Assembly
            select $"{type} uses {part}";

        rules.ShouldNotBeEmpty();
        leaks.Distinct().ShouldBeEmpty();
    }

    static IEnumerable<Type> Parts(Type? type)
    {
        if (type is null) yield break;
        yield return type;
        foreach (var part in type.IsGenericType ? type.GetGenericArguments() : type.HasElementType ? [type.GetElementType()!] : Type.EmptyTypes)
        {
            foreach (var deeper in Parts(part)) yield return deeper;
        }
    }

    // "  demo) run_demo ...": the labels of the one case that the script ends with.
    [GeneratedRegex(@"^  ([a-z]+)\)", RegexOptions.Multiline)]
    private static partial Regex ShellCase();

    // "  'demo' { Invoke-Demo ... }": the labels of the one switch that the script ends with.
    [GeneratedRegex(@"^  '([a-z]+)' +\{", RegexOptions.Multiline)]
    private static partial Regex PowerShellCase();

    [GeneratedRegex("//.*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\busing\s+(static\s+|\w+\s*=\s*)?(global::)?Akka\b|(?<![\w.])Akka\.[A-Z]")]
    private static partial Regex UsesAkka();
}
