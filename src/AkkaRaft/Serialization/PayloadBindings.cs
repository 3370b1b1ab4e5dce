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
    /// <summary>The user's serializer, or null if the user chose none.</summary>
    public Serializer? BoundTo(Type type)
    {
        // Taken once: Akka builds it anew, with new serializers in it, whenever an extension injects its configuration.
        var serialization = system.Serialization;
        var serializer = Find(serialization, type);
        var isFallback = serializer is NewtonSoftJsonSerializer && ReferenceEquals(serializer, Find(serialization, typeof(object)));
        return isFallback && !IsNamedInABinding(type) ? null : serializer;
    }

    // With akka.actor.serialization-settings.allow-unregistered-types off, Akka throws where it would else fall back.
    static Serializer? Find(Akka.Serialization.Serialization serialization, Type type)
    {
        try
        {
            return serialization.FindSerializerForType(type);
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
