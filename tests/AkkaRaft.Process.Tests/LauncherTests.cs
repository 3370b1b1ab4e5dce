using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests;

public sealed class LauncherTests(ITestOutputHelper output) : ClusterTest(output)
{
    [Fact]
    public async Task Demo_loses_nothing_and_says_so()
    {
        await using var demo = ChildProcess.Start(LauncherProgram.WithArguments("demo"));

        var exitCode = await demo.Exited.WaitAsync(TimeSpan.FromMinutes(3));

        var said = string.Join(Environment.NewLine, demo.Output.Lines);
        Report.WriteLine(said);
        exitCode.ShouldBe(0, said);
        demo.Output.Lines.ShouldContain("lost: 0");
    }

    [Fact]
    public async Task Without_a_terminal_it_names_the_demo()
    {
        await using var launcher = ChildProcess.Start(LauncherProgram.WithArguments());

        (await launcher.Exited.WaitAsync(Patience)).ShouldBe(2);
        launcher.Errors.Lines.ShouldHaveSingleItem().ShouldContain("launcher demo");
    }

    [Fact]
    public async Task Nodes_die_with_a_launcher_that_is_killed()
    {
        var folder = Directory.CreateTempSubdirectory("akkaraft-test-");
        await using var demo = ChildProcess.Start(LauncherProgram.WithArguments("demo", "--data", folder.FullName));
        await demo.Output.WaitFor("a leader", line => line.Contains("leads term"), Patience);
        ProcessesWith(folder.FullName).Count.ShouldBeGreaterThan(3);

        demo.Kill();

        await Until.Holds("no process of that cluster to be left", () => Task.FromResult(ProcessesWith(folder.FullName)), left => left.Count == 0);
        folder.Delete(recursive: true);
    }

    // All that have the folder in their command line; one that ends while we look is none.
    static List<string> ProcessesWith(string folder)
    {
        var found = new List<string>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(p => char.IsAsciiDigit(Path.GetFileName(p)[0])))
        {
            try
            {
                var command = File.ReadAllText(Path.Combine(process, "cmdline"));
                if (command.Contains(folder, StringComparison.Ordinal)) found.Add(command.Replace('\0', ' '));
            }
            catch (IOException)
            {
                // It has ended.
            }
        }

        return found;
    }
}
