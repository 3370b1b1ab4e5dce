using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Tests.Tls;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests;

/// <summary>Three processes with hocon/tls.conf and a self-made authority: they serve as ever, and whoever has no good certificate gets no word in.</summary>
public sealed class TlsTests(ITestOutputHelper output) : ClusterTest(output)
{
    const int Clients = 4;
    const int WritesBetweenKills = 60;

    static readonly string s_shipped = Path.Combine(Root, "hocon", "tls.conf");

    [Fact]
    public Task Cluster_over_TLS_serves_and_survives_the_kill_of_its_leader() => WithTls(async (cluster, _) =>
    {
        await cluster.Start(Patience);
        await using var session = DriveSession.Start(cluster, Clients);
        var book = new WriteBook();
        var pulse = new LeaderPulse();
        using var end = new CancellationTokenSource();
        var load = session.Load(book.Next, operation =>
        {
            book.Note(operation);
            pulse.Note(operation);
        }, end.Token);

        var leader = await pulse.WhenAcknowledged(WritesBetweenKills, Patience);
        await cluster[leader].Kill();
        pulse.Forget(leader);
        (await pulse.WhenAcknowledged(WritesBetweenKills, Patience)).ShouldNotBe(leader);
        cluster[leader].Start();
        await cluster[leader].WhenReady(Patience);
        await end.CancelAsync();
        await load;

        await using var client = Statuses.Client(cluster);
        await Statuses.WhenAllAgree(client, cluster);
        await book.Verify(session);
        foreach (var node in cluster.Nodes) (await File.ReadAllTextAsync(node.LogFile)).ShouldNotContain("without TLS");
    });

    /// <summary>Whoever looks at its own certificate as every peer would does not even start.</summary>
    [Theory]
    [InlineData("expired", "has expired on ")]
    [InlineData("foreign", "was issued by \"CN=foreign\", which is no authority of ")]
    [InlineData("other-host", "names other.invalid, and not 127.0.0.1. That is this system's own address.")]
    [InlineData("none", "there is no such file")]
    public Task Node_and_client_with_a_wrong_certificate_refuse_to_start_and_say_why(string what, string reason) => WithTls(async (cluster, authority) =>
    {
        using var foreign = new TestAuthority(cluster.DataFolder, "foreign");
        var wrong = what switch
        {
            "expired" => authority.Issue("wrong", end: DateTimeOffset.UtcNow.AddDays(-1)),
            "foreign" => foreign.Issue("wrong"),
            "other-host" => authority.Issue("wrong", host: "other.invalid"),
            _ => new TestCertificate(Path.Combine(cluster.DataFolder, "none.crt"), Path.Combine(cluster.DataFolder, "none.key")),
        };
        Give(cluster["1"], wrong);

        cluster["1"].Start();
        (await cluster["1"].Process!.Exited.WaitAsync(Patience)).ShouldNotBe(0);
        var said = cluster["1"].LastLines(10).ShouldHaveSingleItem();
        said.ShouldContain("The remoting of this ActorSystem refuses to start: its TLS is not in order. Nothing was started.");
        said.ShouldContain($"akka.raft.tls.certificate = \"{wrong.Certificate}\": ");
        said.ShouldContain(reason);

        var client = await RunWith(wrong, "get", "k", "--peers", cluster.Peers, "--config", cluster.ConfigFile!.FullName);
        client.ExitCode.ShouldNotBe(0);
        client.Output.ShouldBeEmpty();
        client.Errors[^1].ShouldContain(reason);
    });

    /// <summary>One that was told to trust its own authority too, or speaks no TLS at all, gets to the others, and no further.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public Task Node_that_the_others_refuse_takes_no_part_and_they_go_on_without_it(bool speaksTls) => WithTls(async (cluster, authority) =>
    {
        using var foreign = new TestAuthority(cluster.DataFolder, "foreign");
        var stranger = cluster["3"];
        if (speaksTls)
        {
            var both = Path.Combine(cluster.DataFolder, "both.crt");
            await File.WriteAllTextAsync(both, authority.Pem + Environment.NewLine + foreign.Pem);
            Give(stranger, foreign.Issue("stranger"));
            stranger.Environment["AKKARAFT_TLS_AUTHORITY"] = both;
        }
        else
        {
            var none = Path.Combine(cluster.DataFolder, "plain.conf");
            await File.WriteAllTextAsync(none, "akka.loglevel = INFO");
            stranger.ConfigFile = new FileInfo(none);
        }

        foreach (var node in cluster.Nodes) node.Start();
        await Task.WhenAll(cluster["1"].WhenReady(Patience), cluster["2"].WhenReady(Patience));
        var put = await Until.Holds("a write", () => Hashmap.Run("put", "k", "1", "--peers", cluster.Peers, "--config", cluster.ConfigFile!.FullName), run => run.ExitCode == 0);
        put.ExitCode.ShouldBe(0, $"{put}");

        foreach (var id in new[] { "1", "2" })
        {
            await cluster[id].Process!.Errors.WaitFor("the refusal", line => speaksTls
                ? line.Contains("was refused: the certificate \"CN=stranger\" was issued by \"CN=foreign\"")
                : line.Contains("did not complete the TLS handshake") && line.Contains("does not speak TLS"), Patience);
            cluster[id].LastLines(1000).ShouldNotContain(line => line.Contains("peer 3 found"));
        }

        if (speaksTls) await stranger.Process!.Errors.WaitFor("to be told so", line => line.Contains("refuses this one: it says that the certificate \"CN=stranger\""), Patience);
        await stranger.Process!.Errors.WaitFor("to notice that it is alone", line => line.Contains("Node 3 cannot reach node 1") && line.Contains("With TLS on one of the two only"), Patience);
        stranger.LastLines(1000).ShouldNotContain(line => line.Contains("peer 1 found") || line.Contains("peer 2 found") || line.Contains("leads term"));
        cluster["1"].IsAlive.ShouldBeTrue();
        cluster["2"].IsAlive.ShouldBeTrue();
    });

    [Fact]
    public Task Client_without_TLS_gets_no_answer_and_is_told_that_nothing_was_applied() => WithTls(async (cluster, _) =>
    {
        await cluster.Start(Patience);

        var run = await Hashmap.Run("put", "k", "1", "--peers", cluster.Peers, "--timeout", "1s");

        run.ExitCode.ShouldBe(3, $"{run}");
        run.Errors[^1].ShouldContain("surely not applied");
        await cluster["1"].Process!.Errors.WaitFor("the refusal", line => line.Contains("A connection from 127.0.0.1 did not complete the TLS handshake"), Patience);
    });

    /// <summary>Servers listen at 127.0.0.1 unless told, and say so when they are told otherwise.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public Task Server_warns_when_it_listens_at_more_than_this_machine(bool wider) => WithCluster(1, async cluster =>
    {
        var node = cluster["1"];
        if (wider) node.MoreArguments.AddRange(["--listen", $"0.0.0.0:{node.Address.Split(':')[1]}"]);

        await cluster.Start(Patience);

        node.LastLines(100).Count(line => line.Contains("akka.remote.dot-netty.tcp.hostname = \"0.0.0.0\": this node's port is open")).ShouldBe(wider ? 1 : 0);
        ListensOnlyAt("127.0.0.1", int.Parse(node.Address.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(!wider);
    });

    static bool ListensOnlyAt(string address, int port) =>
        System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(at => at.Port == port)
            .All(at => (at.Address.IsIPv4MappedToIPv6 ? at.Address.MapToIPv4() : at.Address).ToString() == address);

    Task WithTls(Func<HashmapCluster, TestAuthority, Task> test, [System.Runtime.CompilerServices.CallerMemberName] string name = "")
    {
        TestAuthority? authority = null;
        return WithCluster(3, async cluster =>
        {
            using (authority) await test(cluster, authority!);
        }, configFile: folder =>
        {
            authority = new TestAuthority(folder, "authority");
            var good = authority.Issue("good");
            var file = new FileInfo(Path.Combine(folder, "with-tls.conf"));
            File.WriteAllText(file.FullName, $$"""
                include "{{s_shipped}}"
                akka.raft.tls { certificate = "{{good.Certificate}}", private-key = "{{good.Key}}", authority = "{{authority.File}}" }
                """);
            return file;
        }, name: name);
    }

    static void Give(HashmapNode node, TestCertificate certificate)
    {
        node.Environment["AKKARAFT_TLS_CERTIFICATE"] = certificate.Certificate;
        node.Environment["AKKARAFT_TLS_PRIVATE_KEY"] = certificate.Key;
    }

    static Task<HashmapRun> RunWith(TestCertificate certificate, params string[] arguments) => Hashmap.Run(new Dictionary<string, string>
    {
        ["AKKARAFT_TLS_CERTIFICATE"] = certificate.Certificate,
        ["AKKARAFT_TLS_PRIVATE_KEY"] = certificate.Key,
    }, arguments);
}
