using Akka.Actor.Setup;

namespace AkkaRaft.Serialization;

/// <summary>What a <see cref="PayloadGate"/> lets through.</summary>
internal interface IAdmittedTypes
{
    /// <summary>What Hyperion may write and read.</summary>
    PayloadTypeSet Data { get; }

    /// <summary>That, and what other serializers may.</summary>
    PayloadTypeSet All { get; }

    /// <summary>Whether objects of exactly this type may be payloads.</summary>
    bool Admits(Type type);
}

/// <summary>
/// One Hyperion for many actor systems of one process, for simulations: Hyperion compiles code for each type in each of its serializers, which costs far more
/// than a simulated node's start. Its gate lets through what any of the systems admits; each system still judges for itself what is outermost.
/// </summary>
internal sealed class SharedHyperion : Setup, IAdmittedTypes
{
    readonly Lock _gate = new();
    PayloadTypeSet _data = new([]);

    public SharedHyperion() => Hyperion = PayloadGate.NewHyperion(this);

    public Hyperion.Serializer Hyperion { get; }

    public PayloadTypeSet Data => _data;

    public PayloadTypeSet All => _data;

    public bool Admits(Type type) => _data.Admits(type);

    /// <summary>A system admits these; nothing if they are known.</summary>
    public void Include(PayloadTypeSet data)
    {
        if (data.Types.IsSubsetOf(_data.Types)) return;
        lock (_gate) _data = new PayloadTypeSet([.. _data.Types.Union(data.Types)]);
    }
}
