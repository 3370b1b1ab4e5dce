using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using AkkaRaft.Settings;

namespace AkkaRaft.Tls;

/// <summary>Why a certificate is not accepted, in a sentence that its owner understands as well as whoever refuses it.</summary>
internal static class CertificateProblem
{
    const int ShownNames = 8;

    /// <summary>What the handshake has found; null for nothing.</summary>
    /// <param name="certificate">The peer's; null if it has shown none.</param>
    /// <param name="chain">How it leads to the authority.</param>
    /// <param name="errors">What the handshake has found.</param>
    /// <param name="host">By which host it was called; null for who called us.</param>
    /// <param name="now">The time.</param>
    /// <param name="authority">The file of the authority.</param>
    public static string? Of(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, string? host, DateTimeOffset now, string authority) => certificate switch
    {
        null => "it has shown no certificate. With mutual TLS each side needs one of the cluster's authority.",
        _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) => OfChain(certificate, chain, now, authority),
        _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) || (host is not null && !Names(certificate, host)) => OfName(certificate, host ?? ""),
        _ when errors != SslPolicyErrors.None => $"the certificate {Title(certificate)} cannot be accepted ({errors}).",
        _ => null,
    };

    /// <summary>Of a certificate that does not lead to the authority.</summary>
    public static string OfChain(X509Certificate2 certificate, X509Chain? chain, DateTimeOffset now, string authority)
    {
        if (now > certificate.NotAfter) return $"the certificate {Title(certificate)} has expired on {Time(certificate.NotAfter)}; it is {Time(now.UtcDateTime)} here.";
        if (now < certificate.NotBefore) return $"the certificate {Title(certificate)} is not valid before {Time(certificate.NotBefore)}; it is {Time(now.UtcDateTime)} here. Check both clocks.";

        var statuses = chain?.ChainStatus ?? [];
        if (statuses.Length == 0 || statuses.Any(s => s.Status is X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain))
        {
            return $"the certificate {Title(certificate)} was issued by {SettingText.Of(certificate.Issuer)}, which is no authority of {SettingText.Of(authority)}, "
                + "and nothing that was sent along leads to one.";
        }

        var why = string.Join(", ", statuses.Select(s => s.Status).Distinct());
        return $"the certificate {Title(certificate)} cannot be accepted ({why}).";
    }

    /// <summary>Of a certificate of another host.</summary>
    public static string OfName(X509Certificate2 certificate, string host)
    {
        List<string> names = [.. DnsNames(certificate), .. Addresses(certificate).Select(a => a.ToString())];
        var shown = names.Count == 0 ? "no host" : string.Join(", ", names.Take(ShownNames)) + (names.Count > ShownNames ? ", ..." : "");
        return $"the certificate {Title(certificate)} names {shown}, and not {host}.";
    }

    /// <summary>Whether a certificate is for a host: a name or an IP address, in brackets or not.</summary>
    public static bool Names(X509Certificate2 certificate, string host)
    {
        var name = AsAddress(host)?.ToString() ?? host;
        return Uri.CheckHostName(name) != UriHostNameType.Unknown && certificate.MatchesHostname(name, allowWildcards: true, allowCommonName: false);
    }

    /// <summary>The IP address that a host is; null for a name. One of IPv4 stays one, however the socket writes it.</summary>
    public static IPAddress? AsAddress(string host)
    {
        if (!IPAddress.TryParse(host.Trim('[', ']'), out var address)) return null;
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    /// <summary>As OpenSSL's configuration writes it.</summary>
    public static string AltNameOf(string host) => AsAddress(host) is { } address ? $"IP:{address}" : $"DNS:{host}";

    /// <summary>The host names that a certificate is for.</summary>
    public static IEnumerable<string> DnsNames(X509Certificate2 certificate) => AltNames(certificate).SelectMany(names => names.EnumerateDnsNames());

    static IEnumerable<IPAddress> Addresses(X509Certificate2 certificate) => AltNames(certificate).SelectMany(names => names.EnumerateIPAddresses());

    static IEnumerable<X509SubjectAlternativeNameExtension> AltNames(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>();

    static string Title(X509Certificate2 certificate) => SettingText.Of(certificate.Subject);

    static string Time(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
