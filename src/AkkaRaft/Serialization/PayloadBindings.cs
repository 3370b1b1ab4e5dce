using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace AkkaRaft.Serialization;

/// <summary>
/// Which serializer the user bound to a type. Akka writes types that nobody bound as JSON with type names; for payloads that does not count as the
/// user's wish, unless a binding of theirs names JSON.
/// </summary>
internal sealed class PayloadBindings(ExtendedActorSystem system)
{
    readonly Serializer? _fallback = Find(system, typeof(object));

    /// <summary>The user's serializer, or null if the user chose none.</summary>
    public Serializer? BoundTo(Type type)
    {
        var serializer = Find(system, type);
        return serializer is NewtonSoftJsonSerializer && ReferenceEquals(serializer, _fallback) && !IsNamedInABinding(type) ? null : serializer;
    }

    // With akka.actor.serialization-settings.allow-unregistered-types off, Akka throws where it would else fall back.
    static Serializer? Find(ExtendedActorSystem system, Type type)
    {
        try
        {
            return system.Serialization.FindSerializerForType(type);
        }
        catch (SerializationException)
        {
            return null;
        }
    }

    bool IsNamedInABinding(Type type)
    {
        foreach (var (name, _) in system.Settings.Config.GetConfig("akka.actor.serialization-bindings").AsEnumerable())
        {
            if (Type.GetType(name.Trim('"'), throwOnError: false) is { } bound && bound != typeof(object) && bound.IsAssignableFrom(type)) return true;
        }

        return false;
    }
}
