using Akka.Configuration;
using Akka.Configuration.Hocon;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Repository;

/// <summary>reference.conf is the documentation of the settings: whole, commented, the same in both places, and nothing in it is dead.</summary>
public sealed class ReferenceConfTests
{
    [Fact]
    public void Hocon_folder_has_the_embedded_text()
    {
        using var stream = typeof(RaftSettings).Assembly.GetManifestResourceStream("AkkaRaft.reference.conf").ShouldNotBeNull();
        using var reader = new StreamReader(stream);
        var embedded = reader.ReadToEnd();

        RepositoryRoot.Read("hocon", "raft.conf").ShouldBe(embedded, "Copy src/AkkaRaft/reference.conf to hocon/raft.conf.");
    }

    [Fact]
    public void Every_key_has_a_paragraph_above_it()
    {
        var lines = RepositoryRoot.Read("src", "AkkaRaft", "reference.conf").Split('\n').Select(line => line.Trim()).ToArray();
        var akkaActor = Array.FindIndex(lines, line => line.StartsWith("akka.actor", StringComparison.Ordinal));
        var keys = Enumerable.Range(0, akkaActor).Where(i => lines[i].Contains('=') && !lines[i].StartsWith('#')).ToList();

        keys.Count.ShouldBe(LeafKeys().Count(), "Each key stands on a line of its own.");
        keys.Where(i => !lines[i - 1].StartsWith("# ", StringComparison.Ordinal)).Select(i => lines[i]).ShouldBeEmpty();
        keys.Where(i => Paragraph(lines, i) < 60).Select(i => lines[i]).ShouldBeEmpty("A paragraph says what, unit, and what goes wrong.");
    }

    [Fact]
    public void Every_key_is_read_and_no_other()
    {
        var documented = LeafKeys().Where(key => !key.StartsWith("client.", StringComparison.Ordinal));

        RaftSettings.Keys.Order(StringComparer.Ordinal).ShouldBe(documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_key_of_the_client_is_named_in_the_source_of_the_client()
    {
        var source = string.Concat(RepositoryRoot.Files("src/AkkaRaft", "RaftClientSettings*.cs").Select(file => RepositoryRoot.Read(file)));
        if (source.Length == 0) return;   // before RaftClientSettings exists there is nothing that could read them

        var keys = LeafKeys().Where(key => key.StartsWith("client.", StringComparison.Ordinal)).Select(key => key["client.".Length..]);
        keys.Where(key => !source.Contains($"\"{key}\"", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("raft.conf")]
    [InlineData("node.conf")]
    [InlineData("client.conf")]
    [InlineData("tls.conf")]
    public void Shipped_configurations_parse(string name)
    {
        var config = ConfigurationFactory.ParseString(RepositoryRoot.Read("hocon", name));

        config.GetConfig("akka").IsEmpty.ShouldBeFalse();
    }

    /// <summary>Copied as it is, only names and addresses changed, the example must start.</summary>
    [Fact]
    public void The_example_of_a_node_is_valid_and_fits_its_own_remoting()
    {
        var config = ConfigurationFactory.ParseString(RepositoryRoot.Read("hocon", "node.conf"));
        var tcp = config.GetConfig("akka.remote.dot-netty.tcp");

        var settings = RaftSettings.Create(config.GetConfig("akka.raft"));

        settings.Errors().ShouldBeEmpty();
        config.GetString("akka.actor.provider").ShouldBe("remote");
        Node.RemotingChecks.Check(config, isRemote: true, settings).ShouldHaveSingleItem().ShouldContain("without TLS");
        var tls = ConfigurationFactory.ParseString(RepositoryRoot.Read("hocon", "tls.conf"));
        Node.RemotingChecks.Check(tls.WithFallback(config), isRemote: true, settings).ShouldBeEmpty();
        settings.Self!.Address.ShouldBe($"{tcp.GetString("public-hostname")}:{tcp.GetInt("public-port")}");
    }

    [Fact]
    public void The_example_of_a_client_has_no_keys_that_do_not_exist()
    {
        var config = ConfigurationFactory.ParseString(RepositoryRoot.Read("hocon", "client.conf"));

        Leaves("client", config.GetValue("akka.raft.client")).Except(LeafKeys()).ShouldBeEmpty();
        config.GetStringList("akka.raft.client.contact-points").Select(RaftMember.Parse).ShouldNotBeEmpty();
    }

    static IEnumerable<string> LeafKeys() =>
        RaftSettings.ReferenceConfig.GetConfig("akka.raft").AsEnumerable().SelectMany(pair => Leaves(pair.Key, pair.Value));

    static IEnumerable<string> Leaves(string path, HoconValue value) =>
        !value.IsObject() ? [path]
        : path == "groups" ? []
        : value.GetObject().Items.SelectMany(pair => Leaves($"{path}.{pair.Key}", pair.Value));

    static int Paragraph(string[] lines, int key) =>
        lines.Take(key).Reverse().TakeWhile(line => line.StartsWith('#')).Sum(line => line.Length);
}
