using System.Net;
using Akka.Configuration;
using AkkaRaft.Settings;
using AkkaRaft.Tls;

namespace AkkaRaft.Node;

/// <summary>
/// Whether anybody who reaches the node's port can speak to it. Akka.Remote delivers whatever it is sent to whatever actor it names, and a message of the node's cluster
/// counts as that of a peer.
/// </summary>
internal static class OpenPort
{
    const string Tcp = "akka.remote.dot-netty.tcp";
    const string HostKey = Tcp + ".hostname";
    const string SslKey = Tcp + ".enable-ssl";
    const string AdaptersKey = Tcp + ".applied-adapters";
    const string Means = "whoever reaches it can send this process any Akka message: votes, log entries, commands, and payloads for its serializers.";
    const string Remedy = "Include hocon/tls.conf on all nodes and clients alike";

    /// <summary>What to warn of; null for nothing.</summary>
    public static string? Warning(Config config)
    {
        // Another transport than DotNetty has its own keys, which are not ours to know.
        if (!config.HasPath(HostKey) || IsMutual(config)) return null;
        var host = config.GetString(HostKey, "");
        return config.GetBoolean(SslKey, false) ? WarningOfSsl(config)
            : IsLoopback(host) ? null
            : $"{HostKey} = {SettingText.Of(host)}: this node's port is open to more than this machine, without TLS; {Means} {Remedy}, listen at 127.0.0.1, "
                + "or let nobody but the nodes and their clients reach the port.";
    }

    /// <summary>Whether our own TLS is under the remoting.</summary>
    public static bool IsMutual(Config config) =>
        config.GetStringList(AdaptersKey, []).Any(name => config.GetString($"akka.remote.adapters.{name}", "").StartsWith(typeof(TlsAdapterProvider).FullName!, StringComparison.Ordinal));

    // Akka.Remote ends the system when a connection that it opens is cut during the handshake (its TlsHandshakeFailureReason): so does a peer that is killed just then.
    static string WarningOfSsl(Config config)
    {
        var host = config.GetString(HostKey, "");
        string[] open =
        [
            .. Lacks("suppress-validation", wanted: false, unlessSet: false, "any certificate is accepted"),
            .. Lacks("require-mutual-authentication", wanted: true, unlessSet: true, "who connects needs none"),
            .. Lacks("validate-certificate-hostname", wanted: true, unlessSet: false, "a certificate of one host is accepted for every other"),
        ];
        var lacks = open.Length == 0 || IsLoopback(host) ? "" : $" And {HostKey} = {SettingText.Of(host)} is open to more than this machine, while {string.Join(", ", open)}: {Means}";
        return $"{SslKey} = on: Akka.Remote ends the whole ActorSystem, and this node with it, when a connection that it opens fails in the handshake: one peer with an expired "
            + $"certificate, or killed at that moment, stops the others.{lacks} {Remedy} instead.";

        IEnumerable<string> Lacks(string key, bool wanted, bool unlessSet, string means)
        {
            var value = config.GetBoolean($"{Tcp}.ssl.{key}", unlessSet);
            if (value != wanted) yield return $"{Tcp}.ssl.{key} = {(value ? "on" : "off")} ({means})";
        }
    }

    static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
