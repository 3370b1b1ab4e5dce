using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Event;
using Akka.Remote.Transport;
using AkkaRaft.Settings;

namespace AkkaRaft.Tls;

/// <summary>
/// Akka.Remote's transport with TLS in its frames: an association is handed out only when both ends have shown a certificate and accepted the other's. Until
/// then nothing of Akka's own protocol is sent or read.
/// </summary>
internal sealed class TlsTransport : AbstractTransportAdapter, IAssociationEventListener
{
    /// <summary>Before the scheme of the transport below: <c>akka.tls.tcp://</c>.</summary>
    public const string Scheme = "tls";

    /// <summary>Names of a certificate that are looked up.</summary>
    const int MaxLookups = 8;

    const string TcpSection = "akka.remote.dot-netty.tcp";

    static readonly SchemeAugmenter Augmenter = new(Scheme);

    readonly ExtendedActorSystem _system;
    readonly ILoggingAdapter _log;
    readonly TimeProvider _time;
    readonly RefusalLog _refusals;

    CertificateFiles? _files;
    Task<IAssociationEventListener>? _upstream;

    /// <param name="below">What carries the frames.</param>
    /// <param name="system">Whose remoting it is.</param>
    public TlsTransport(Transport below, ExtendedActorSystem system)
        : base(below)
    {
        _system = system;
        _log = Logging.GetLogger(system, typeof(TlsTransport));
        _time = RaftSetup.Of(system).TimeProvider;
        _refusals = new RefusalLog(_log, _time);
        Config = below.Config;
        System = system;
    }

    /// <inheritdoc />
    protected override SchemeAugmenter SchemeAugmenter => Augmenter;

    CertificateFiles Files => _files ?? throw new InvalidOperationException("The transport does not listen yet.");

    /// <inheritdoc />
    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen()
    {
        try
        {
            _files = CertificateFiles.Open(TlsSettings.Create(_system.Settings.Config), OwnHost(), _log, _time);
            return base.Listen();
        }
        catch (RaftSettingsException refusal)
        {
            // Thrown from here, Akka.Remote would not hear of it and wait until its start has timed out.
            return Task.FromException<(Address, TaskCompletionSource<IAssociationEventListener>)>(refusal);
        }
    }

    /// <inheritdoc />
    public void Notify(IAssociationEvent ev)
    {
        if (ev is InboundAssociation { Association: var below }) _ = Admit(below);
    }

    /// <inheritdoc />
    protected override Task<IAssociationEventListener> InterceptListen(Address listenAddress, Task<IAssociationEventListener> listenerTask)
    {
        _upstream = listenerTask;
        return Task.FromResult<IAssociationEventListener>(this);
    }

    /// <inheritdoc />
    protected override void InterceptAssociate(Address remoteAddress, TaskCompletionSource<AssociationHandle> statusPromise) => _ = Connect(remoteAddress, statusPromise);

    async Task Connect(Address remote, TaskCompletionSource<AssociationHandle> promise)
    {
        try
        {
            var below = await WrappedTransport.Associate(remote).ConfigureAwait(false);
            promise.TrySetResult(await Secure(below, $"The system at {remote.Host}:{remote.Port}", remote.Host).ConfigureAwait(false));
        }
        catch (InvalidAssociationException failed)
        {
            promise.TrySetException(failed);
        }
        catch (Exception failed)
        {
            // Whatever it was, it ends this association and nothing else.
            promise.TrySetException(new InvalidAssociationException(failed.Message, failed));
        }
    }

    async Task Admit(AssociationHandle below)
    {
        try
        {
            var peer = CertificateProblem.AsAddress(below.RemoteAddress.Host)?.ToString() ?? below.RemoteAddress.Host;
            var handle = await Secure(below, $"A connection from {peer}", calledHost: null).ConfigureAwait(false);
            (await _upstream!.ConfigureAwait(false)).Notify(new InboundAssociation(handle));
        }
        catch (Exception failed)
        {
            // It was said where it was found; who connected may try again.
            _log.Debug("No association with {0}: {1}", below.RemoteAddress, failed.Message);
        }
    }

    /// <summary>Shakes hands: TLS, then each side tells the other whether it accepts it.</summary>
    /// <param name="below">The association of the transport below.</param>
    /// <param name="peer">Who it is, for people.</param>
    /// <param name="calledHost">By which host it was called; null if it called us.</param>
    /// <exception cref="InvalidAssociationException">One side does not accept the other, or the connection has ended.</exception>
    async Task<TlsHandle> Secure(AssociationHandle below, string peer, string? calledHost)
    {
        var settings = Files.Settings;
        var frames = new FrameStream(below, _log);
        var tls = new SslStream(frames);
        var limit = _system.Scheduler.Advanced.ScheduleOnceCancelable(
            settings.HandshakeTimeout, () => frames.Abort($"it did not answer within {TlsSettings.HandshakeTimeoutKey} = {SettingText.Of(settings.HandshakeTimeout)}"));
        below.ReadHandlerSource.TrySetResult(frames);
        try
        {
            var problem = await Authenticate(tls, calledHost).ConfigureAwait(false);
            problem ??= calledHost is null && settings.CheckClientHost ? await HostProblem(tls, below.RemoteAddress.Host).ConfigureAwait(false) : null;
            var theirs = await Verdict.Exchange(tls, problem).ConfigureAwait(false);
            if (problem is not null) throw Refused($"{peer} was refused: {problem} Nothing was sent to it or taken from it. If it belongs here, give it a certificate as docs/security.md says.");
            if (theirs is not null)
                throw Refused($"{peer} refuses this one: it says that {theirs} Compare {TlsSettings.CertificateKey} = {SettingText.Of(settings.Certificate)} here with its {TlsSettings.AuthorityKey}.");

            frames.Trust();
            return new TlsHandle(below, frames, tls, MaximumPayloadBytes, _log);
        }
        catch (Exception failed)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            below.Disassociate("the TLS handshake failed", _log);
            if (failed is InvalidAssociationException) throw;
            throw Refused($"{peer} did not complete the TLS handshake: {frames.Why ?? failed.GetBaseException().Message.TrimEnd('.')}. It was stopped meanwhile, or does not speak TLS as this one does: "
                + "all nodes and clients need hocon/tls.conf.");
        }
        finally
        {
            limit.Cancel();
        }
    }

    InvalidAssociationException Refused(string why)
    {
        _refusals.Say(why);
        return new InvalidAssociationException(why);
    }

    // Returns why the peer's certificate is not accepted; null if it is.
    async Task<string?> Authenticate(SslStream tls, string? calledHost)
    {
        var (own, now, authority) = (Files.Current, _time.GetUtcNow(), Files.Settings.Authority);
        var problem = (string?)"its certificate was not looked at.";

        // The handshake goes to its end in any case: refused inside it, the peer would see a connection that breaks, and not why. It is over when it is not accepted, in Secure.
        bool Look(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            problem = CertificateProblem.Of(certificate as X509Certificate2, chain, errors, calledHost, now, authority);
            return true;
        }

        if (calledHost is null)
        {
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = own.Context,
                ClientCertificateRequired = true,
                CertificateChainPolicy = own.Policy(now),
                RemoteCertificateValidationCallback = Look,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                // A resumed session would not show its certificate again.
                AllowTlsResume = false,
            }).ConfigureAwait(false);
        }
        else
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = calledHost.Trim('[', ']'),
                ClientCertificateContext = own.Context,
                CertificateChainPolicy = own.Policy(now),
                RemoteCertificateValidationCallback = Look,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                AllowTlsResume = false,
            }).ConfigureAwait(false);
        }

        return problem;
    }

    // Who connects says nothing of where it is at home, so its certificate must be for where the connection comes from.
    static async Task<string?> HostProblem(SslStream tls, string host)
    {
        if (tls.RemoteCertificate is not X509Certificate2 certificate || CertificateProblem.AsAddress(host) is not { } address) return "it cannot be told where it is.";
        if (CertificateProblem.Names(certificate, address.ToString())) return null;
        foreach (var name in CertificateProblem.DnsNames(certificate).Where(name => !name.Contains('*', StringComparison.Ordinal)).Take(MaxLookups))
        {
            try
            {
                if ((await Dns.GetHostAddressesAsync(name).ConfigureAwait(false)).Any(found => CertificateProblem.AsAddress(found.ToString())?.Equals(address) == true)) return null;
            }
            catch (SocketException)
            {
                // A name that nobody knows is not where it comes from.
            }
        }

        return $"{CertificateProblem.OfName(certificate, address.ToString())} That is where it connects from ({TlsSettings.CheckClientHostKey}).";
    }

    string OwnHost()
    {
        var tcp = _system.Settings.Config.GetConfig(TcpSection);
        var known = tcp.GetString("public-hostname", "");
        return known.Length > 0 ? known : tcp.GetString("hostname", "");
    }
}
