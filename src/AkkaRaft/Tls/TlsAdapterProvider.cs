using Akka.Actor;
using Akka.Remote.Transport;

namespace AkkaRaft.Tls;

/// <summary>
/// Puts mutual TLS under Akka.Remote, by configuration alone: <c>akka.remote.dot-netty.tcp.applied-adapters = ["raft-tls"]</c>, as <c>hocon/tls.conf</c> has it with
/// every key. Unlike Akka.Remote's own <c>enable-ssl</c> it trusts the authority that the configuration names, checks the host of both sides, says to both why one
/// was refused, and never ends the ActorSystem because a peer's handshake failed.
/// </summary>
public sealed class TlsAdapterProvider : ITransportAdapterProvider
{
    /// <summary>Called by Akka.Remote.</summary>
    /// <param name="wrappedTransport">What carries the bytes.</param>
    /// <param name="system">The ActorSystem whose remoting starts.</param>
    public Transport Create(Transport wrappedTransport, ExtendedActorSystem system) => new TlsTransport(wrappedTransport, system);
}
