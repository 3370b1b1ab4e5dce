using Akka.Actor;
using AkkaRaft.Cluster.Tests.Stories;
using AkkaRaft.Tests;
using AkkaRaft.Tests.Repository;
using Shouldly;
using Xunit;

namespace AkkaRaft.Cluster.Tests.Repository;

/// <summary>README.md tells the truth of Akka.Cluster.</summary>
public sealed class ClusterReadmeSpec
{
    [Fact]
    public void The_example_in_the_readme_is_the_one_that_this_project_compiles()
    {
        var example = RepositoryRoot.Read("tests", "AkkaRaft.Cluster.Tests", "Repository", "ClusterExample.cs").TrimEnd();

        RepositoryRoot.Read("README.md").ShouldContain($"```csharp\n{example}\n```");
    }

    [Fact]
    public async Task The_example_in_the_readme_runs()
    {
        var folder = Directory.CreateTempSubdirectory("akkaraft-readme-");
        var seed = $"127.0.0.1:{FreePort.Next()}";
        var counter = Props.Create(() => new Tally());
        var first = await ClusteredCounter.Start(counter, "1", seed, seed, founds: true, Path.Combine(folder.FullName, "1")).WaitAsync(Clustered.Patience);
        var second = await ClusteredCounter.Start(counter, "2", $"127.0.0.1:{FreePort.Next()}", seed, founds: false, Path.Combine(folder.FullName, "2")).WaitAsync(Clustered.Patience);
        try
        {
            await Eventually.Holds("the autopilot has added the second node", async () => (await first.Group.GetConfiguration(Clustered.Patience)).Learners.Any(), Clustered.Patience);
            (await second.Group.Propose<long>(new Increase(3), Clustered.Patience)).ShouldBe(3);
        }
        finally
        {
            await Task.WhenAll(second.Group.System.Terminate(), first.Group.System.Terminate());
            folder.Delete(recursive: true);
        }
    }
}
