using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using AkkaRaft.Tls;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Tls;

/// <summary>Mutual TLS under Akka.Remote, between real systems: who belongs together speaks, everybody else is told why not, and nobody falls over it.</summary>
public sealed class TlsTransportTests : IAsyncLifetime
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    readonly TlsSystems _systems = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _systems.DisposeAsync();

    [Fact]
    public async Task Systems_of_one_authority_speak_to_each_other()
    {
        var (one, _) = _systems.Start(_systems.Hocon(_systems.Authority.Issue("one")));
        var (two, _) = _systems.Start(_systems.Hocon(_systems.Authority.Issue("two", password: "secret"), more: "private-key-password = secret"));
        var (atOne, atTwo) = (TlsSystems.Echo(one), TlsSystems.Echo(two));

        atTwo.ShouldStartWith("akka.tls.tcp://tls@127.0.0.1:");
        (await one.ActorSelection(atTwo).Ask<string>("hello", s_patience)).ShouldBe("hello");
        (await two.ActorSelection(atOne).Ask<string>("and back", s_patience)).ShouldBe("and back");
        // More than a TLS record and a frame below hold, and just less than Akka.Remote's limit.
        var large = new string('x', 120_000);
        (await one.ActorSelection(atTwo).Ask<string>(large, s_patience)).ShouldBe(large);
    }

    [Fact]
    public async Task Messages_keep_their_order_however_large_they_are()
    {
        var (one, _) = _systems.Start(_systems.Hocon(_systems.Authority.Issue("one")));
        var (two, _) = _systems.Start(_systems.Hocon(_systems.Authority.Issue("two")));
        var inbox = Inbox.Create(one);
        var echo = one.ActorSelection(TlsSystems.Echo(two));
        var sent = Enumerable.Range(0, 300).Select(i => $"{i}:{new string('y', i * 211 % 50_000)}").ToList();

        foreach (var message in sent) echo.Tell(message, inbox.Receiver);

        foreach (var message in sent) ((string)inbox.Receive(s_patience)).ShouldBe(message);
    }

    /// <summary>The refused one's own look at its certificate is led astray: by its clock, by its list of authorities, by a setting.</summary>
    [Theory]
    [InlineData("expired", "\"CN=bad\" has expired on")]
    [InlineData("foreign", "\"CN=bad\" was issued by \"CN=foreign\", which is no authority of")]
    [InlineData("other-host", "\"CN=bad\" names other.invalid, and not 127.0.0.1")]
    public async Task Who_has_a_wrong_certificate_gets_no_word_in_and_both_sides_say_why(string what, string reason)
    {
        var both = Path.Combine(_systems.Folder, "both.crt");
        await File.WriteAllTextAsync(both, _systems.Authority.Pem + Environment.NewLine + _systems.Foreign.Pem);
        var (good, said) = _systems.Start(_systems.Hocon(_systems.Authority.Issue("good")));
        var (bad, badSaid) = what switch
        {
            "expired" => _systems.Start(_systems.Hocon(_systems.Authority.Issue("bad", end: DateTimeOffset.UtcNow.AddDays(-10))), new SlowClock(TimeSpan.FromDays(20))),
            "foreign" => _systems.Start(_systems.Hocon(_systems.Foreign.Issue("bad"), both)),
            _ => _systems.Start(_systems.Hocon(_systems.Authority.Issue("bad", host: "other.invalid"), more: "check-client-host = off")),
        };
        var (atGood, atBad) = (TlsSystems.Echo(good), TlsSystems.Echo(bad));

        bad.ActorSelection(atGood).Tell("let me in");
        await said.Has("A connection from 127.0.0.1 was refused: the certificate " + reason);
        await badSaid.Has($"The system at 127.0.0.1:{good.Provider.DefaultAddress.Port} refuses this one: it says that the certificate " + reason);

        good.ActorSelection(atBad).Tell("hello");
        await said.Has($"The system at 127.0.0.1:{bad.Provider.DefaultAddress.Port} was refused: the certificate " + reason);
        await badSaid.Has("A connection from 127.0.0.1 refuses this one: it says that the certificate " + reason);
        await Should.ThrowAsync<AskTimeoutException>(() => bad.ActorSelection(atGood).Ask<string>("let me in", TimeSpan.FromMilliseconds(300)));
        good.WhenTerminated.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_has_no_certificate_is_told_so()
    {
        var (good, said) = _systems.Start(_systems.Hocon(_systems.Authority.Issue("good")));
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, good.Provider.DefaultAddress.Port!.Value);

        var verdict = await FramedTls.VerdictWithoutCertificate(tcp, TimeSpan.FromSeconds(60));

        verdict.ShouldStartWith("it has shown no certificate");
        await said.Has("A connection from 127.0.0.1 was refused: it has shown no certificate");
    }

    [Fact]
    public async Task Who_speaks_no_TLS_gets_no_word_in_either_way()
    {
        var (good, said) = _systems.Start(_systems.Hocon(_systems.Authority.Issue("good")));
        var (plain, _) = _systems.Start(TlsSystems.Remoting(0));
        var (atGood, atPlain) = (TlsSystems.Echo(good), TlsSystems.Echo(plain));

        plain.ActorSelection(atGood.Replace("akka.tls.tcp", "akka.tcp")).Tell("let me in");
        await said.Has("A connection from 127.0.0.1 did not complete the TLS handshake", "does not speak TLS");

        good.ActorSelection(atPlain.Replace("akka.tcp", "akka.tls.tcp")).Tell("hello");
        await said.Has($"The system at 127.0.0.1:{plain.Provider.DefaultAddress.Port} did not complete the TLS handshake");
        await Should.ThrowAsync<AskTimeoutException>(
            () => plain.ActorSelection(atGood.Replace("akka.tls.tcp", "akka.tcp")).Ask<string>("let me in", TimeSpan.FromMilliseconds(300)));
    }

    /// <summary>Akka.Remote's own TLS ends the ActorSystem here: a peer that is killed at the wrong moment would stop the others.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task Peer_that_breaks_off_or_never_answers_in_the_handshake_harms_nobody(bool breaksOff)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var (good, said) = _systems.Start(_systems.Hocon(_systems.Authority.Issue("good"), more: "handshake-timeout = 500ms"));

        good.ActorSelection($"akka.tls.tcp://tls@127.0.0.1:{port}/user/x").Tell("hello");
        using var accepted = await listener.AcceptTcpClientAsync();
        if (breaksOff)
        {
            await accepted.GetStream().ReadExactlyAsync(new byte[100]);
            accepted.Close();
        }

        await said.Has($"The system at 127.0.0.1:{port} did not complete the TLS handshake", breaksOff ? "it closed the connection" : "did not answer within akka.raft.tls.handshake-timeout = 500ms");
        var (other, _) = _systems.Start(_systems.Hocon(_systems.Authority.Issue("other")));
        (await good.ActorSelection(TlsSystems.Echo(other)).Ask<string>("hello", s_patience)).ShouldBe("hello");
        good.WhenTerminated.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Renewed_certificate_is_taken_without_a_restart_and_an_unusable_one_is_not()
    {
        var (good, said) = _systems.Start(_systems.Hocon(_systems.Authority.Issue("good", end: DateTimeOffset.UtcNow.AddDays(3))));
        await said.Has("expires in 3 days", "akka.raft.tls.certificate = ");

        _systems.Foreign.Issue("good");
        await Shake(good);
        await said.Has("The changed certificate is not used", "was issued by \"CN=foreign\"");

        _systems.Authority.Issue("good", end: DateTimeOffset.UtcNow.AddDays(90));
        await Shake(good);
        await said.Has("The certificates were read again: that of this system is now valid until");
    }

    // A new system each time: what is connected stays so.
    async Task Shake(ExtendedActorSystem system)
    {
        var (other, _) = _systems.Start(_systems.Hocon(_systems.Authority.Issue($"other-{Guid.NewGuid():N}")));
        (await system.ActorSelection(TlsSystems.Echo(other)).Ask<string>("hello", s_patience)).ShouldBe("hello");
    }

    sealed class SlowClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - by;
    }
}
