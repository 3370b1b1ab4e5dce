using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AkkaRaft.Tests.Tls;

/// <summary>A self-made authority, with the certificates that it issues as PEM files in a folder.</summary>
internal sealed class TestAuthority : IDisposable
{
    const int SerialBytes = 8;

    readonly string _folder;
    readonly X509Certificate2 _certificate;

    /// <param name="folder">Where its files go.</param>
    /// <param name="name">Its name, and that of its file.</param>
    public TestAuthority(string folder, string name)
    {
        _folder = folder;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1000), DateTimeOffset.UtcNow.AddDays(1000));
        File = Path.Combine(folder, $"{name}.crt");
        System.IO.File.WriteAllText(File, Pem);
    }

    /// <summary>Its own certificate's file.</summary>
    public string File { get; }

    /// <summary>Its own certificate.</summary>
    public string Pem => _certificate.ExportCertificatePem();

    /// <summary>Issues a certificate; its files are <c>name.crt</c> and <c>name.key</c>.</summary>
    /// <param name="name">Its subject.</param>
    /// <param name="host">For which host, a name or an address.</param>
    /// <param name="end">Until when; null for a month from now.</param>
    /// <param name="password">What its key is encrypted with; null if it is not.</param>
    public TestCertificate Issue(string name, string host = "127.0.0.1", DateTimeOffset? end = null, string? password = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address)) names.AddIpAddress(address);
        else names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using var issued = request.Create(_certificate, DateTimeOffset.UtcNow.AddDays(-100), end ?? DateTimeOffset.UtcNow.AddDays(30), RandomNumberGenerator.GetBytes(SerialBytes));

        var files = new TestCertificate(Path.Combine(_folder, $"{name}.crt"), Path.Combine(_folder, $"{name}.key"));
        System.IO.File.WriteAllText(files.Key, password is null
            ? key.ExportPkcs8PrivateKeyPem()
            : key.ExportEncryptedPkcs8PrivateKeyPem(password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        System.IO.File.WriteAllText(files.Certificate, issued.ExportCertificatePem());
        return files;
    }

    public void Dispose() => _certificate.Dispose();
}

/// <summary>A certificate's files.</summary>
internal sealed record TestCertificate(string Certificate, string Key);
