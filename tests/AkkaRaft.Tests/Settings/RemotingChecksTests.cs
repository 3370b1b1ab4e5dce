using Akka.Actor;
using Akka.Configuration;
using AkkaRaft.Node;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Settings;

/// <summary>What Akka.Remote would drop in silence is refused when the node starts.</summary>
public sealed class RemotingChecksTests : IAsyncLifetime
{
    readonly List<ActorSystem> _systems = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Task.WhenAll(_systems.Select(system => system.Terminate()));

    [Theory]
    [InlineData("local")]
    [InlineData("\"Akka.Actor.LocalActorRefProvider, Akka\"")]
    public void A_system_that_cannot_be_reached_is_refused(string provider)
    {
        var system = Start($"akka.actor.provider = {provider}");

        var refusal = Should.Throw<RaftSettingsException>(() => RemotingChecks.Check(system, SettingsAt("127.0.0.1:4051")));

        refusal.Errors.ShouldHaveSingleItem().ShouldStartWith("akka.actor.provider = ");
        refusal.Message.ShouldContain("Node \"1\" of group \"default\" refuses to start");
    }

    [Fact]
    public void The_default_remoting_carries_the_default_settings_and_warns_of_the_gate_of_quarantines_and_of_shared_ports()
    {
        var system = Start(Remote("127.0.0.1"));

        var warnings = RemotingChecks.Check(system, SettingsAt("h:1"));

        warnings[0].ShouldStartWith("akka.remote.retry-gate-closed-for = 5s: ");
        warnings[^1].ShouldStartWith("akka.remote.prune-quarantine-marker-after = ");
        if (!OperatingSystem.IsWindows()) warnings[1].ShouldStartWith("akka.remote.dot-netty.tcp.tcp-reuse-addr = off-for-windows: ");
    }

    [Fact]
    public void A_gate_of_at_most_a_second_and_a_port_of_its_own_need_no_warning()
    {
        var system = Start(Remote("127.0.0.1") + "\nakka.remote.retry-gate-closed-for = 1s\nakka.remote.prune-quarantine-marker-after = 1m\nakka.remote.dot-netty.tcp.tcp-reuse-addr = off");

        RemotingChecks.Check(system, SettingsAt("h:1")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("120KiB", "100KiB", "akka.raft.max-command-size = 120KiB")]
    [InlineData("64KiB", "118KiB", "akka.raft.append-max-bytes = 118KiB")]
    public void What_does_not_fit_into_a_frame_is_refused_with_both_keys_and_values(string command, string append, string expected)
    {
        var settings = SettingsAt("h:1", $"max-command-size = {command}, append-max-bytes = {append}");

        var refusal = Should.Throw<RaftSettingsException>(() => RemotingChecks.Check(RemoteConfig("128000b"), true, settings));

        var error = refusal.Errors.ShouldHaveSingleItem();
        error.ShouldStartWith(expected);
        error.ShouldContain("akka.remote.dot-netty.tcp.maximum-frame-size = 125KiB");
    }

    [Fact]
    public void What_just_fits_into_a_frame_is_admitted()
    {
        var settings = SettingsAt("h:1", "append-max-bytes = 117KiB");

        RemotingChecks.Check(RemoteConfig("125KiB"), true, settings).ShouldBeEmpty();
        Should.Throw<RaftSettingsException>(() => RemotingChecks.Check(RemoteConfig("127999b"), true, settings));
    }

    [Fact]
    public void All_that_does_not_fit_is_told_at_once()
    {
        var settings = SettingsAt("h:1", "max-command-size = 1MiB, append-max-bytes = 2MiB");

        var refusal = Should.Throw<RaftSettingsException>(() => RemotingChecks.Check(RemoteConfig("128000b"), true, settings));

        refusal.Errors.Count.ShouldBe(2);
    }

    static Config RemoteConfig(string frame) => ConfigurationFactory.ParseString($$"""
        akka.remote { retry-gate-closed-for = 200ms, dot-netty.tcp.maximum-frame-size = {{frame}} }
        """);

    static string Remote(string host) => $$"""
        akka.actor.provider = remote
        akka.remote.dot-netty.tcp { hostname = "{{host}}", port = 0 }
        """;

    static RaftSettings SettingsAt(string address, string hocon = "") => RaftSettings.Create(ConfigurationFactory.ParseString($"""
        cluster-id = orders, node-id = 1, data-dir = "/data"
        members = ["1={address}", "2=elsewhere:4051"]
        {hocon}
        """));

    ExtendedActorSystem Start(string hocon)
    {
        var system = ActorSystem.Create("orders", hocon + "\nakka.loglevel = WARNING\nakka.stdout-loglevel = WARNING");
        _systems.Add(system);
        return (ExtendedActorSystem)system;
    }

}
