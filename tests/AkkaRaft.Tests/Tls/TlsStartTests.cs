using Akka.Configuration;
using AkkaRaft.Tests.Repository;
using AkkaRaft.Tls;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Tls;

/// <summary>What every peer would refuse is refused when the system starts, with key, file and what to do; and hocon/tls.conf is the documentation of the keys.</summary>
public sealed class TlsStartTests : IAsyncLifetime
{
    readonly TlsSystems _systems = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _systems.DisposeAsync();

    [Fact]
    public void Files_that_are_not_there_are_named_all_at_once()
    {
        var refusal = _systems.Refusal(_systems.Hocon(new TestCertificate("/no/such.crt", ""), "/no/ca.crt"));

        refusal.Message.ShouldStartWith("The remoting of this ActorSystem refuses to start: its TLS is not in order. Nothing was started.");
        refusal.Errors.Count.ShouldBe(3);
        refusal.Errors[0].ShouldStartWith("akka.raft.tls.certificate = \"/no/such.crt\": there is no such file");
        refusal.Errors[1].ShouldStartWith("akka.raft.tls.private-key is not set");
        refusal.Errors[2].ShouldStartWith("akka.raft.tls.authority = \"/no/ca.crt\"");
    }

    [Fact]
    public void Expired_foreign_and_another_hosts_certificate_are_refused()
    {
        var expired = _systems.Refusal(_systems.Hocon(_systems.Authority.Issue("expired", end: DateTimeOffset.UtcNow.AddDays(-1)))).Errors.ShouldHaveSingleItem();
        expired.ShouldContain("the certificate \"CN=expired\" has expired on ");
        expired.ShouldContain("Make a new one, as docs/security.md says.");

        _systems.Refusal(_systems.Hocon(_systems.Foreign.Issue("stranger"))).Errors.ShouldHaveSingleItem()
            .ShouldContain("the certificate \"CN=stranger\" was issued by \"CN=foreign\", which is no authority of");

        _systems.Refusal(_systems.Hocon(_systems.Authority.Issue("elsewhere", host: "10.0.0.7"))).Errors.ShouldHaveSingleItem()
            .ShouldContain("the certificate \"CN=elsewhere\" names 10.0.0.7, and not 127.0.0.1. That is this system's own address. Make one whose subjectAltName has IP:127.0.0.1");
    }

    [Fact]
    public void Key_of_another_certificate_a_wrong_password_and_what_is_no_certificate_are_refused()
    {
        var (one, two) = (_systems.Authority.Issue("one"), _systems.Authority.Issue("two"));
        _systems.Refusal(_systems.Hocon(one with { Key = two.Key })).Errors.ShouldHaveSingleItem().ShouldStartWith("akka.raft.tls.private-key = ");

        var secret = _systems.Authority.Issue("secret", password: "right");
        _systems.Refusal(_systems.Hocon(secret, more: "private-key-password = wrong")).Errors.ShouldHaveSingleItem().ShouldContain("akka.raft.tls.private-key-password");

        _systems.Refusal(_systems.Hocon(one, authority: one.Key)).Errors.ShouldHaveSingleItem().ShouldStartWith("akka.raft.tls.authority = ");
    }

    [Fact]
    public void Mistyped_key_is_refused() =>
        _systems.Refusal(_systems.Hocon(_systems.Authority.Issue("one"), more: "check-client-hosts = off")).Errors.ShouldHaveSingleItem()
            .ShouldBe("akka.raft.tls.check-client-hosts: there is no such setting. hocon/tls.conf lists all of them.");

    [Fact]
    public void Shipped_file_has_each_key_with_a_paragraph_and_its_default_and_no_other()
    {
        var text = RepositoryRoot.Read("hocon", "tls.conf");
        var lines = text.Split('\n').Select(line => line.Trim()).ToArray();
        var config = ConfigurationFactory.ParseString(text);
        var keys = Enumerable.Range(0, lines.Length).Where(i => lines[i].Contains(" = ", StringComparison.Ordinal) && !lines[i].StartsWith('#')).ToList();

        config.GetConfig(TlsSettings.Section).AsEnumerable().Select(pair => $"{TlsSettings.Section}.{pair.Key}").ShouldBe(TlsSettings.Keys, ignoreOrder: true);
        keys.Count.ShouldBe(TlsSettings.Keys.Count + 2, "Each key stands on a line of its own.");
        keys.Where(i => lines.Take(i).Reverse().TakeWhile(line => line.StartsWith('#')).Sum(line => line.Length) < 100).Select(i => lines[i]).ShouldBeEmpty();

        var defaults = Valid("");
        Valid($$"""
            handshake-timeout = {{config.GetString(TlsSettings.HandshakeTimeoutKey)}}, warn-before-expiry = {{config.GetString(TlsSettings.WarnBeforeExpiryKey)}}
            check-client-host = {{config.GetString(TlsSettings.CheckClientHostKey)}}
            """).ShouldBe(defaults);
    }

    [Fact]
    public void Shipped_file_names_the_adapter_by_its_class()
    {
        var config = ConfigurationFactory.ParseString(RepositoryRoot.Read("hocon", "tls.conf"));

        var name = config.GetStringList("akka.remote.dot-netty.tcp.applied-adapters").ShouldHaveSingleItem();
        Type.GetType(config.GetString($"akka.remote.adapters.{name}")).ShouldBe(typeof(TlsAdapterProvider));
    }

    [Fact]
    public void Keys_have_variables_of_the_environment()
    {
        TlsSettings.VariableOf(TlsSettings.PasswordKey).ShouldBe("AKKARAFT_TLS_PRIVATE_KEY_PASSWORD");
        var text = RepositoryRoot.Read("hocon", "tls.conf");
        foreach (var key in new[] { TlsSettings.CertificateKey, TlsSettings.PrivateKeyKey, TlsSettings.PasswordKey, TlsSettings.AuthorityKey })
            text.ShouldContain(TlsSettings.VariableOf(key));
    }

    TlsSettings Valid(string more)
    {
        var certificate = new TestCertificate(_systems.Authority.File, _systems.Authority.File);
        return TlsSettings.Create(ConfigurationFactory.ParseString(_systems.Hocon(certificate, more: more)));
    }
}
