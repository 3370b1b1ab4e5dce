using System.Globalization;
using Akka.Actor;

namespace AkkaRaft.Client;

/// <summary>Numbers the clients of one ActorSystem: their actors' names are unique and the same in every run.</summary>
internal sealed class ClientNames : IExtension
{
    int _count;

    public static ClientNames Of(ActorSystem system) => system.WithExtension<ClientNames, Provider>();

    public string Next() => string.Create(CultureInfo.InvariantCulture, $"raft-client-{Interlocked.Increment(ref _count)}");

    public sealed class Provider : ExtensionIdProvider<ClientNames>
    {
        public override ClientNames CreateExtension(ExtendedActorSystem system) => new();
    }
}
