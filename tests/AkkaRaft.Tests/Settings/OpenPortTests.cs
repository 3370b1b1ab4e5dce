using Akka.Actor;
using Akka.Configuration;
using AkkaRaft.Node;
using AkkaRaft.Tests.Repository;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Settings;

/// <summary>A node says when anybody who reaches its port can speak to it.</summary>
public sealed class OpenPortTests
{
    static readonly Config Tls = ConfigurationFactory.ParseString(RepositoryRoot.Read("hocon", "tls.conf"));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("")]
    [InlineData("::")]
    [InlineData("10.0.0.1")]
    [InlineData("node1.example")]
    public void Wider_address_without_TLS_is_warned_of(string host)
    {
        var warning = OpenPort.Warning(At(host)).ShouldNotBeNull();

        warning.ShouldStartWith($"akka.remote.dot-netty.tcp.hostname = \"{host}\": this node's port is open to more than this machine, without TLS;");
        warning.ShouldContain("votes, log entries, commands");
        warning.ShouldContain("Include hocon/tls.conf on all nodes and clients alike, listen at 127.0.0.1, or ");
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.5")]
    [InlineData("localhost")]
    [InlineData("::1")]
    [InlineData("[::1]")]
    public void This_machines_own_address_is_not(string host) => OpenPort.Warning(At(host)).ShouldBeNull();

    [Fact]
    public void Wider_address_with_our_TLS_is_not() => OpenPort.Warning(Tls.WithFallback(At("0.0.0.0"))).ShouldBeNull();

    [Fact]
    public void Adapter_that_is_named_and_not_applied_protects_nothing() =>
        OpenPort.Warning(ConfigurationFactory.ParseString("akka.remote.dot-netty.tcp.applied-adapters = []").WithFallback(Tls).WithFallback(At("0.0.0.0"))).ShouldNotBeNull();

    /// <summary>Measured with Akka 1.5.74: it runs CoordinatedShutdown when a connection that it opens is cut in the handshake.</summary>
    [Fact]
    public void TLS_of_Akka_itself_is_warned_of_with_what_it_leaves_open()
    {
        var strict = At("10.0.0.1", "enable-ssl = on, ssl.validate-certificate-hostname = on");
        OpenPort.Warning(strict).ShouldNotBeNull().ShouldStartWith("akka.remote.dot-netty.tcp.enable-ssl = on: Akka.Remote ends the whole ActorSystem, and this node with it,");
        OpenPort.Warning(strict)!.ShouldNotContain("open to more than this machine");

        var lax = OpenPort.Warning(At("10.0.0.1", "enable-ssl = on, ssl { suppress-validation = on, require-mutual-authentication = off }")).ShouldNotBeNull();
        lax.ShouldContain("ssl.suppress-validation = on (any certificate is accepted)");
        lax.ShouldContain("ssl.require-mutual-authentication = off (who connects needs none)");
        lax.ShouldContain("ssl.validate-certificate-hostname = off (a certificate of one host is accepted for every other)");
    }

    /// <summary>Without a hostname Akka.Remote listens everywhere: the system's whole configuration is looked at, and it is said once.</summary>
    [Fact]
    public async Task Node_in_a_system_with_no_hostname_warns_once()
    {
        var system = ActorSystem.Create("orders", "akka { actor.provider = remote, stdout-loglevel = OFF, loglevel = OFF, remote.dot-netty.tcp { port = 0, public-hostname = h } }");
        var settings = RaftSettings.Create(ConfigurationFactory.ParseString("""cluster-id = orders, node-id = 1, data-dir = "/data", members = ["1=h:1"]"""));

        RemotingChecks.Check((ExtendedActorSystem)system, settings).Count(warning => warning.StartsWith("akka.remote.dot-netty.tcp.hostname = \"\": ", StringComparison.Ordinal)).ShouldBe(1);

        await system.Terminate();
    }

    static Config At(string host, string more = "") => ConfigurationFactory.ParseString($$"""
        akka.remote.dot-netty.tcp {
          hostname = "{{host}}"
          {{more}}
        }
        """);
}
