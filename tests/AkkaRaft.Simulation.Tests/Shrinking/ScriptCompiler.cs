using System.Reflection;
using System.Runtime.Loader;
using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Planning;
using AkkaRaft.TestKit.Scenarios;
using AkkaRaft.TestKit.Shrinking;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AkkaRaft.Simulation.Tests.Shrinking;

/// <summary>Compiles printed scripts and runs them, as the person does who puts one into a test class.</summary>
static class ScriptCompiler
{
    static readonly IReadOnlyList<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>Runs the test of a script's file.</summary>
    /// <returns>How it failed; null if it did not.</returns>
    public static SimulationFailedException? Run(string file)
    {
        var type = Compile(file).GetExportedTypes().Single();
        return Failure(() => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Single().Invoke(Activator.CreateInstance(type), null));
    }

    /// <summary>Runs the script of a plan that goes well, to its end.</summary>
    /// <returns>What it did, step by step, in one number.</returns>
    public static ulong TraceHash(Scenario scenario, RunPlan plan)
    {
        var code = $$"""
            using System;
            using AkkaRaft;
            using AkkaRaft.TestKit;
            using AkkaRaft.Simulation.Tests;
            public static class Script
            {
                public static ulong Run()
                {
            {{ScriptText.Body(scenario, plan)}}
                    return cluster.TraceHash;
                }
            }
            """;
        return (ulong)Compile(code).GetType("Script")!.GetMethod("Run")!.Invoke(null, null)!;
    }

    static SimulationFailedException? Failure(Action run)
    {
        try
        {
            run();
            return null;
        }
        catch (TargetInvocationException thrown) when (thrown.InnerException is SimulationFailedException failure)
        {
            return failure;
        }
    }

    static Assembly Compile(string code)
    {
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable);
        var tree = CSharpSyntaxTree.ParseText(code, new CSharpParseOptions(LanguageVersion.Latest));
        using var image = new MemoryStream();
        var result = CSharpCompilation.Create($"script-{Guid.NewGuid():N}", [tree], References, options).Emit(image);
        if (!result.Success) throw new InvalidOperationException($"The script does not compile:\n{string.Join('\n', result.Diagnostics)}\n\n{code}");
        image.Position = 0;
        return AssemblyLoadContext.Default.LoadFromStream(image);
    }
}
