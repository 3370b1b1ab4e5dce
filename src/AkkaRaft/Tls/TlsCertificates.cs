using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AkkaRaft.Settings;

namespace AkkaRaft.Tls;

/// <summary>This system's certificate with its key, and the authority that it trusts, as the files have them.</summary>
internal sealed class TlsCertificates
{
    readonly X509Certificate2Collection _authorities;

    TlsCertificates(X509Certificate2 own, X509Certificate2Collection between, X509Certificate2Collection authorities)
    {
        Own = own;
        Context = SslStreamCertificateContext.Create(own, between, offline: true);
        Between = between;
        _authorities = authorities;
    }

    /// <summary>With its private key.</summary>
    public X509Certificate2 Own { get; }

    /// <summary>As the handshake takes it.</summary>
    public SslStreamCertificateContext Context { get; }

    X509Certificate2Collection Between { get; }

    /// <summary>Reads the files.</summary>
    /// <exception cref="RaftSettingsException">They cannot be used; it names file and key.</exception>
    public static TlsCertificates Load(TlsSettings settings)
    {
        var authorities = Read(TlsSettings.AuthorityKey, settings.Authority, () => AllIn(settings.Authority));
        var chain = Read(TlsSettings.CertificateKey, settings.Certificate, () => AllIn(settings.Certificate));
        var own = Read(TlsSettings.PrivateKeyKey, settings.PrivateKey, () => WithKey(settings));
        chain.RemoveAt(0);
        return new TlsCertificates(own, chain, authorities);
    }

    /// <summary>What a handshake checks the peer's certificate by: it must be issued by the authority, whatever else this machine trusts.</summary>
    public X509ChainPolicy Policy(DateTimeOffset now)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            // An authority of one's own seldom publishes what it has revoked; a stolen key's certificate is outlived, or the authority replaced.
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = now.UtcDateTime,
        };
        policy.CustomTrustStore.AddRange(_authorities);
        return policy;
    }

    /// <summary>Whatever a peer would refuse this system for; empty if nothing.</summary>
    /// <param name="settings">Which file, for the message.</param>
    /// <param name="host">How others know this system.</param>
    /// <param name="now">The time.</param>
    public IEnumerable<string> Problems(TlsSettings settings, string host, DateTimeOffset now)
    {
        var where = $"{TlsSettings.CertificateKey} = {SettingText.Of(settings.Certificate)}: ";
        using var chain = new X509Chain { ChainPolicy = Policy(now) };
        chain.ChainPolicy.ExtraStore.AddRange(Between);
        if (!chain.Build(Own))
            yield return where + CertificateProblem.OfChain(Own, chain, now, settings.Authority) + " Every peer would refuse it. Make a new one, as docs/security.md says.";

        if (host.Length == 0 || CertificateProblem.AsAddress(host) is { } any && (any.Equals(IPAddress.Any) || any.Equals(IPAddress.IPv6Any)))
        {
            yield return $"akka.remote.dot-netty.tcp.public-hostname is not set, and hostname = {SettingText.Of(host)} is not where anybody finds this system. "
                + "Set it to the host by which the others know it, and which its certificate names.";
        }
        else if (settings.CheckClientHost && !CertificateProblem.Names(Own, host))
        {
            yield return where + $"{CertificateProblem.OfName(Own, host)} That is this system's own address. Make one whose subjectAltName has "
                + $"{CertificateProblem.AltNameOf(host)}, as docs/security.md says.";
        }
    }

    static X509Certificate2Collection AllIn(string path)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(path);
        return all.Count > 0 ? all : throw new CryptographicException("there is no certificate in it");
    }

    static X509Certificate2 WithKey(TlsSettings settings)
    {
        using var pem = settings.PrivateKeyPassword.Length == 0
            ? X509Certificate2.CreateFromPemFile(settings.Certificate, settings.PrivateKey)
            : X509Certificate2.CreateFromEncryptedPemFile(settings.Certificate, settings.PrivateKeyPassword, settings.PrivateKey);
        // On Windows a handshake cannot use a key that came from a PEM file directly.
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), password: null);
    }

    static T Read<T>(string key, string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception problem) when (problem is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new RaftSettingsException(TlsSettings.Refusal,
                [$"{key} = {SettingText.Of(path)} cannot be used: {problem.Message.TrimEnd('.')}. It must be a PEM file that this user may read; "
                    + $"a key must be that of the certificate, and {TlsSettings.PasswordKey} what it is encrypted with."]);
        }
    }
}
