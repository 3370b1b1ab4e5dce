using System.Collections.Concurrent;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace AkkaRaft.Tests.Client;

/// <summary>Messages cross between ActorSystems of this process by number: these tests are about connections, not about bytes.</summary>
public sealed class ByReferenceSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    static readonly ConcurrentDictionary<int, object> Crossing = new();
    static int _count;

    public override int Identifier => 7499;

    public override string Manifest(object o) => "ref";

    public override byte[] ToBinary(object obj)
    {
        var number = Interlocked.Increment(ref _count);
        Crossing[number] = obj;
        return BitConverter.GetBytes(number);
    }

    public override object FromBinary(byte[] bytes, string manifest) =>
        Crossing.TryRemove(BitConverter.ToInt32(bytes), out var value) ? value : throw new SerializationException("It has crossed already.");
}
