using Akka.Actor;
using Akka.Configuration;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Client;

/// <summary>The client's settings: what HOCON says, what it leaves open, and what is refused.</summary>
public sealed class RaftClientSettingsSpec
{
    static RaftClientSettings Read(string block) => RaftClientSettings.Create(ConfigurationFactory.ParseString(block));

    static RaftClientSettings Valid => RaftClientSettings.Default
        .WithClusterId(new ClusterId("shop"))
        .WithContactPoints(RaftMember.Parse("1=10.0.0.1:4051"), RaftMember.Parse("2=10.0.0.2:4051"));

    [Fact]
    public void Missing_keys_have_their_defaults()
    {
        var settings = Read("");

        settings.GroupId.ShouldBe(new GroupId("default"));
        settings.ContactPoints.ShouldBeEmpty();
        settings.SystemName.ShouldBe("");
        settings.RequestTimeout.ShouldBe(TimeSpan.FromSeconds(5));
        settings.Sessions.ShouldBeTrue();
        settings.RetryInterval.ShouldBe(TimeSpan.FromSeconds(1));
        settings.LeaderPollInterval.ShouldBe(TimeSpan.FromMilliseconds(100));
        settings.SilenceBeforeProbe.ShouldBe(TimeSpan.FromMilliseconds(300));
        settings.MaxPendingRequests.ShouldBe(20_000);
        settings.MaxPendingBytes.ShouldBe(32 * 1024 * 1024);
        settings.MaxBatchRequests.ShouldBe(1000);
        settings.MaxBatchBytes.ShouldBe(72 * 1024);
        settings.MaxCommandSize.ShouldBe(64 * 1024);
    }

    [Fact]
    public void Every_key_is_read()
    {
        var settings = Read("""
            client {
              cluster-id = shop
              group = orders
              contact-points = ["2=10.0.0.2:4051", "1=10.0.0.1:4051"]
              system-name = nodes
              request-timeout = 7s
              sessions = off
              retry-interval = 2s
              leader-poll-interval = 50ms
              silence-before-probe = 1s
              max-pending-requests = 11
              max-pending-bytes = 2MiB
              max-batch-requests = 12
              max-batch-bytes = 40KiB
              max-command-size = 16KiB
            }
            """);

        settings.Errors().ShouldBeEmpty();
        settings.ClusterId.ShouldBe(new ClusterId("shop"));
        settings.GroupId.ShouldBe(new GroupId("orders"));
        settings.ContactPoints.Select(p => p.ToString()).ShouldBe(["2=10.0.0.2:4051", "1=10.0.0.1:4051"]);
        settings.SystemName.ShouldBe("nodes");
        settings.RequestTimeout.ShouldBe(TimeSpan.FromSeconds(7));
        settings.Sessions.ShouldBeFalse();
        settings.RetryInterval.ShouldBe(TimeSpan.FromSeconds(2));
        settings.LeaderPollInterval.ShouldBe(TimeSpan.FromMilliseconds(50));
        settings.SilenceBeforeProbe.ShouldBe(TimeSpan.FromSeconds(1));
        settings.MaxPendingRequests.ShouldBe(11);
        settings.MaxPendingBytes.ShouldBe(2 * 1024 * 1024);
        settings.MaxBatchRequests.ShouldBe(12);
        settings.MaxBatchBytes.ShouldBe(40 * 1024);
        settings.MaxCommandSize.ShouldBe(16 * 1024);
    }

    [Fact]
    public void Cluster_group_and_nodes_are_those_of_the_node_unless_the_client_block_says_otherwise()
    {
        var settings = Read("""
            cluster-id = shop
            group = orders
            members = ["1=10.0.0.1:4051"]
            client { cluster-id = "", group = "", contact-points = [] }
            """);

        settings.Errors().ShouldBeEmpty();
        settings.ClusterId.ShouldBe(new ClusterId("shop"));
        settings.GroupId.ShouldBe(new GroupId("orders"));
        settings.ContactPoints.ShouldBe([RaftMember.Parse("1=10.0.0.1:4051")]);
    }

    [Fact]
    public void All_errors_are_reported_at_once_with_key_and_value()
    {
        var settings = Read("""
            client {
              cluster-id = "a shop"
              contact-points = ["10.0.0.1:4051"]
              request-timeout = soon
              max-pending-requests = 0
              max-batch-byte = 1
            }
            """);

        var error = Should.Throw<RaftSettingsException>(settings.Validate);

        error.Errors.ShouldContain(e => e.StartsWith("akka.raft.client.cluster-id = ") && e.Contains("a shop"));
        error.Errors.ShouldContain(e => e.StartsWith("akka.raft.client.contact-points = ") && e.Contains("10.0.0.1:4051"));
        error.Errors.ShouldContain(e => e.StartsWith("akka.raft.client.request-timeout = ") && e.Contains("soon"));
        error.Errors.ShouldContain(e => e.StartsWith("akka.raft.client.max-pending-requests = 0"));
        error.Errors.ShouldContain(e => e.StartsWith("akka.raft.client.max-batch-byte = 1:") && e.Contains("no such setting"));
    }

    [Fact]
    public void Settings_that_cannot_work_are_refused()
    {
        Valid.Errors().ShouldBeEmpty();
        Valid.WithContactPoints().Errors().Single().ShouldContain("contact-points");
        Valid.WithContactPoints(RaftMember.Parse("1=a:1"), RaftMember.Parse("1=b:1")).Errors().Single().ShouldContain("\"1\" more than once");
        Valid.WithContactPoints(new RaftMember(new NodeId("1"), "localhost")).Errors().Single().ShouldContain("host:port");
        Valid.WithSystemName("a b").Errors().Single().ShouldContain("system-name = a b");
        Valid.WithRequestTimeout(TimeSpan.Zero).Errors().Single().ShouldContain("request-timeout = 0ms");
        Valid.WithLeaderPollInterval(TimeSpan.FromDays(2)).Errors().Single().ShouldContain("leader-poll-interval");
        Valid.WithMaxBatchBytes(65 * 1024).Errors().Single().ShouldContain("max-batch-bytes = 66560");
        Valid.WithMaxPendingBytes(10).Errors().Single().ShouldContain("max-pending-bytes = 10");
        RaftClientSettings.Default.Errors().Count.ShouldBe(2);    // cluster id and contact points have no default
    }

    /// <summary>Akka.Remote would drop the larger frame without a word.</summary>
    [Fact]
    public void Client_refuses_a_system_that_cannot_carry_its_messages()
    {
        using var local = ActorSystem.Create("local", HostConfig("local", 128_000));
        using var narrow = ActorSystem.Create("narrow", HostConfig("remote", 64_000));

        Should.Throw<RaftSettingsException>(() => RaftClient.Create(local, Valid)).Message.ShouldContain("akka.actor.provider");
        var error = Should.Throw<RaftSettingsException>(() => RaftClient.Create(narrow, Valid));
        error.Message.ShouldContain("akka.raft.client.max-batch-bytes = 72KiB");
        error.Message.ShouldContain("maximum-frame-size = 64000");
    }

    static Config HostConfig(string provider, int frame) => ConfigurationFactory.ParseString($$"""
        akka.loglevel = ERROR
        akka.actor.provider = {{provider}}
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0, maximum-frame-size = {{frame}}b }
        """);
}
