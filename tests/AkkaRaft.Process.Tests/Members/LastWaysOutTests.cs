using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests.Members;

/// <summary>docs/operations.md, when all else fails: a survivor is recovered, and a cluster is made from a backup.</summary>
public sealed class LastWaysOutTests(ITestOutputHelper output) : ClusterTest(output)
{
    [Fact, Trait("RaftBug", "B71")]
    public Task A_survivor_of_a_lost_majority_is_recovered_and_the_lost_ones_are_refused() => WithCluster(3, async cluster =>
    {
        await cluster.Start(Patience);
        await using var client = Statuses.Client(cluster);
        await Patiently.Put(client, "before", "1");
        await Statuses.WhenAllAgree(client, cluster);
        var (lost, survivor, third) = (cluster["1"], cluster["2"], cluster["3"]);
        await Task.WhenAll(lost.Kill(), third.Kill());
        var inUse = await Hashmap.Run("recover", "2", "--data", survivor.DataFolder);
        inUse.ExitCode.ShouldBe(3);
        inUse.Errors[0].ShouldContain("is in use");
        await survivor.Kill();

        // Without --write nothing is changed, however often it is asked.
        foreach (var survivors in new[] { Array.Empty<string>(), ["--survivors", "2,3"] })
        {
            var shown = await Hashmap.Run(["recover", "2", "--data", survivor.DataFolder, .. survivors]);
            shown.ExitCode.ShouldBe(0);
            shown.Output.ShouldContain("last entry");
            shown.Output.ShouldNotContain("mark");
            shown.Errors[^1].ShouldStartWith("Nothing was changed.");
            if (survivors.Length > 0) shown.Output.ShouldContain("members no more, for good: 1=");
        }

        var recovered = await Hashmap.Run("recover", "2", "--data", survivor.DataFolder, "--survivors", "2,3", "--write");
        recovered.ExitCode.ShouldBe(0, recovered.ToString());
        recovered.Output.ShouldContain("recovered or restored (mark ");

        var again = await Hashmap.Run("recover", "2", "--data", survivor.DataFolder, "--survivors", "2,3", "--write");
        again.Errors[^1].ShouldStartWith("It was recovered already");
        (await Hashmap.Run("recover", "2", "--data", survivor.DataFolder, "--write")).ExitCode.ShouldBe(2, "It has to be said who is left.");

        survivor.Start();
        await survivor.WhenReady(Patience);
        (await Patiently.Get(client, "before")).ShouldBe("1");
        await Patiently.Put(client, "alone", "2");

        lost.Start();
        (await lost.Process!.Exited.WaitAsync(Patience)).ShouldBe(70);
        string.Join('\n', lost.LastLines(5)).ShouldContain("was recovered without it");

        await cluster.Remove(third);
        Directory.Delete(third.DataFolder, recursive: true);
        var back = cluster.Add("3", third.Address);
        back.Start();
        await back.WhenReady(Patience);
        await client.Raft.WaitUntilVoter(NodeId.Parse("3"), timeout: Patience);
        await Patiently.Put(client, "after", "3");
        await cluster.Remove(lost);
        await Statuses.WhenAllAgree(client, cluster);
    });

    [Fact, Trait("RaftBug", "B74")]
    public Task A_backup_of_a_running_cluster_becomes_a_new_one_that_goes_on() => WithFolder(async folder =>
    {
        await using var old = new HashmapCluster(3, Path.Combine(folder, "old"));
        await old.Start(Patience);
        await using var client = Statuses.Client(old);
        for (var i = 1; i <= 20; i++) await Patiently.Put(client, $"key {i}", $"{i}");
        var file = Path.Combine(folder, "backup");
        var made = await Until.Holds("a backup", () => Hashmap.Run("backup", file, "--force", "--peers", old.Peers), run => run.ExitCode == 0);
        made.Output.ShouldStartWith($"{file}: ");
        await Patiently.Put(client, "later", "0");

        await using var restored = new HashmapCluster(3, Path.Combine(folder, "new"), null, "--cluster", "restored");
        (await Restore(restored, file, "1", "--cluster", "hashmap")).Errors[^1].ShouldContain("an id of its own");
        foreach (var node in restored.Nodes) (await Restore(restored, file, node.Id, "--cluster", "restored")).ExitCode.ShouldBe(0);
        (await Restore(restored, file, "1", "--cluster", "restored")).Errors[^1].ShouldContain("is not empty");

        await restored.Start(Patience);
        (await Ask("get", "key 20")).Output.ShouldBe("20");
        (await Ask("get", "later")).ExitCode.ShouldBe(1, "It was written after the backup.");
        (await Ask("put", "new", "1")).ExitCode.ShouldBe(0);
        (await Patiently.Get(client, "new")).ShouldBeNull("The two clusters have nothing to do with each other.");

        Task<HashmapRun> Ask(params string[] what) =>
            Until.Holds($"{string.Join(' ', what)} to be answered", () => Hashmap.Run([.. what, "--peers", restored.Peers, "--cluster", "restored"]), run => run.ExitCode < 2);
    });

    static Task<HashmapRun> Restore(HashmapCluster cluster, string file, string node, params string[] more) =>
        Hashmap.Run(["restore", file, node, .. cluster.Founders.Split(','), "--data", cluster[node].DataFolder, .. more]);
}
