using Akka.Configuration;
using AkkaRaft.Settings;

namespace AkkaRaft.Tls;

/// <summary>What <c>akka.raft.tls</c> says. It is of the whole ActorSystem, not of a group.</summary>
/// <param name="Certificate">File of this system's certificate, and of those between it and the authority.</param>
/// <param name="PrivateKey">File of its private key.</param>
/// <param name="PrivateKeyPassword">What the key is encrypted with; empty if it is not.</param>
/// <param name="Authority">File of the certificates of those whose word is taken.</param>
/// <param name="CheckClientHost">Whether the certificate of one that connects must name the host that it connects from.</param>
/// <param name="HandshakeTimeout">How long a peer may take until both have accepted each other.</param>
/// <param name="WarnBeforeExpiry">How long before its end a certificate is warned of.</param>
internal sealed record TlsSettings(
    string Certificate, string PrivateKey, string PrivateKeyPassword, string Authority, bool CheckClientHost, TimeSpan HandshakeTimeout, TimeSpan WarnBeforeExpiry)
{
    public const string Section = "akka.raft.tls";
    public const string AdapterName = "raft-tls";
    public const string CertificateKey = Section + ".certificate";
    public const string PrivateKeyKey = Section + ".private-key";
    public const string PasswordKey = Section + ".private-key-password";
    public const string AuthorityKey = Section + ".authority";
    public const string CheckClientHostKey = Section + ".check-client-host";
    public const string HandshakeTimeoutKey = Section + ".handshake-timeout";
    public const string WarnBeforeExpiryKey = Section + ".warn-before-expiry";

    /// <summary>The keys, as hocon/tls.conf has them.</summary>
    public static readonly IReadOnlyList<string> Keys =
        [CertificateKey, PrivateKeyKey, PasswordKey, AuthorityKey, CheckClientHostKey, HandshakeTimeoutKey, WarnBeforeExpiryKey];

    /// <summary>What a refusal begins with.</summary>
    public const string Refusal = "The remoting of this ActorSystem refuses to start: its TLS is not in order. Nothing was started.";

    /// <summary>Reads them.</summary>
    /// <exception cref="RaftSettingsException">It lists all that is wrong.</exception>
    public static TlsSettings Create(Config config)
    {
        var read = new TlsSettings(
            Text(config, CertificateKey),
            Text(config, PrivateKeyKey),
            Text(config, PasswordKey),
            Text(config, AuthorityKey),
            config.GetBoolean(CheckClientHostKey, true),
            config.GetTimeSpan(HandshakeTimeoutKey, TimeSpan.FromSeconds(10)),
            config.GetTimeSpan(WarnBeforeExpiryKey, TimeSpan.FromDays(14)));
        List<string> errors =
        [
            .. FileErrors(CertificateKey, read.Certificate, "the file of this system's certificate (PEM)"),
            .. FileErrors(PrivateKeyKey, read.PrivateKey, "the file of the certificate's private key (PEM)"),
            .. FileErrors(AuthorityKey, read.Authority, "the file with the certificate of the authority that issued those of all nodes and clients (PEM)"),
        ];
        errors.AddRange(UnknownKeys(config));
        if (read.HandshakeTimeout <= TimeSpan.Zero) errors.Add($"{HandshakeTimeoutKey} = {SettingText.Of(read.HandshakeTimeout)}: it must be positive, such as 10s.");
        return errors.Count == 0 ? read : throw new RaftSettingsException(Refusal, errors);
    }

    /// <summary>The variable of the environment that stands for a key, so that one file serves all nodes and has no password in it.</summary>
    public static string VariableOf(string key) => "AKKARAFT_TLS_" + key[(Section.Length + 1)..].Replace('-', '_').ToUpperInvariant();

    // Akka's HOCON knows no substitution from the environment.
    static string Text(Config config, string key) =>
        Environment.GetEnvironmentVariable(VariableOf(key)) is { Length: > 0 } given ? given : config.GetString(key, "");

    // A mistyped key would silently leave its setting at the default.
    static IEnumerable<string> UnknownKeys(Config config) =>
        !config.HasPath(Section) ? [] : config.GetConfig(Section).AsEnumerable().Select(pair => $"{Section}.{pair.Key}").Where(key => !Keys.Contains(key))
            .Select(key => $"{key}: there is no such setting. hocon/tls.conf lists all of them.");

    static IEnumerable<string> FileErrors(string key, string path, string meaning)
    {
        if (path.Length == 0) yield return $"{key} is not set: it must be {meaning}.";
        else if (!File.Exists(path)) yield return $"{key} = {SettingText.Of(path)}: there is no such file ({Path.GetFullPath(path)}). It must be {meaning}.";
    }
}
