using System.Runtime.CompilerServices;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Repository;

/// <summary>Its tests look at what is printed, so nothing else may print meanwhile.</summary>
[CollectionDefinition("console", DisableParallelization = true)]
public sealed class ConsoleCollection;

/// <summary>README.md tells the truth.</summary>
[Collection("console")]
public sealed class ReadmeSpec
{
    [Fact]
    public void The_example_in_the_readme_is_the_one_that_this_project_compiles()
    {
        var readme = File.ReadAllText(Path.Combine(Folder(), "../../../README.md"));
        var example = File.ReadAllText(Path.Combine(Folder(), "ReadmeExample.cs")).TrimEnd();

        readme.ShouldContain($"```csharp\n{example}\n```");
    }

    [Fact]
    public async Task The_example_in_the_readme_runs()
    {
        var folder = Directory.CreateTempSubdirectory("akkaraft-readme-");
        var printed = new StringWriter();
        var before = Console.Out;
        Console.SetOut(printed);
        try
        {
            await CounterProgram.Run("1", $"127.0.0.1:{FreePort.Next()}", folder.FullName);
        }
        finally
        {
            Console.SetOut(before);
            folder.Delete(recursive: true);
        }

        // Akka's default logger prints there too.
        printed.ToString().Split(Environment.NewLine).Where(line => line.Length == 1).ShouldBe(["3", "3"]);
    }

    static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
