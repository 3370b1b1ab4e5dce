using Akka.Configuration;
using Akka.Configuration.Hocon;
using AkkaRaft.Tests.Repository;
using Shouldly;
using Xunit;

namespace AkkaRaft.Cluster.Tests.Repository;

/// <summary>reference.conf is the documentation of the settings: whole, commented, the same in both places, and nothing in it is dead.</summary>
public sealed class ClusterConfTests
{
    [Fact]
    public void Hocon_folder_has_the_embedded_text()
    {
        using var stream = typeof(RaftClusterSettings).Assembly.GetManifestResourceStream("AkkaRaft.Cluster.reference.conf").ShouldNotBeNull();
        using var reader = new StreamReader(stream);

        RepositoryRoot.Read("hocon", "cluster.conf").ShouldBe(reader.ReadToEnd(), "Copy src/AkkaRaft.Cluster/reference.conf to hocon/cluster.conf.");
    }

    [Fact]
    public void Every_key_has_a_paragraph_above_it()
    {
        var lines = RepositoryRoot.Read("src", "AkkaRaft.Cluster", "reference.conf").Split('\n').Select(line => line.Trim()).ToArray();
        var keys = Enumerable.Range(0, lines.Length).Where(i => lines[i].Contains('=') && !lines[i].StartsWith('#')).ToList();

        keys.Count.ShouldBe(LeafKeys().Count(), "Each key stands on a line of its own.");
        keys.Where(i => !lines[i - 1].StartsWith("# ", StringComparison.Ordinal)).Select(i => lines[i]).ShouldBeEmpty();
        keys.Where(i => lines.Take(i).Reverse().TakeWhile(line => line.StartsWith('#')).Sum(line => line.Length) < 60).Select(i => lines[i]).ShouldBeEmpty("A paragraph says what, unit, and what goes wrong.");
    }

    [Fact]
    public void Every_key_is_read_and_no_other() => RaftClusterSettings.Keys().Order(StringComparer.Ordinal).ShouldBe(LeafKeys().Order(StringComparer.Ordinal));

    [Fact]
    public void The_public_reference_configuration_is_the_embedded_one() => RaftCluster.DefaultConfig().GetConfig("akka.raft.cluster").GetString("role").ShouldBe("raft");

    static IEnumerable<string> LeafKeys() =>
        RaftCluster.DefaultConfig().GetConfig("akka.raft.cluster").AsEnumerable().SelectMany(pair => Leaves(pair.Key, pair.Value));

    static IEnumerable<string> Leaves(string path, HoconValue value) =>
        value.IsObject() ? value.GetObject().Items.SelectMany(pair => Leaves($"{path}.{pair.Key}", pair.Value)) : [path];
}
