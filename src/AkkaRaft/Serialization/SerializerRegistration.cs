using AkkaRaft.Settings;
using Akka.Actor;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using Akka.Serialization;

namespace AkkaRaft.Serialization;

/// <summary>
/// Makes the serializers of reference.conf known to a system that was created without it, so that no application has to list them. Injecting a fallback
/// makes Akka build its Serialization anew from the whole configuration. What was only added to the old one by AddSerializer would be lost with the next
/// fallback, of Akka.Persistence for one; and who kept the old one, as a journal plug-in does, would never see ours. So both are done.
/// </summary>
/// <remarks>Serializers are built anew at each reload: none may keep state of its own beyond what it finds through the system.</remarks>
internal static class SerializerRegistration
{
    const string Serializers = "akka.actor.serializers";
    const string Bindings = "akka.actor.serialization-bindings";
    const string Identifiers = "akka.actor.serialization-identifiers";

    /// <summary>Injects reference.conf as a fallback and registers its serializers; a second call changes nothing.</summary>
    /// <remarks>
    /// To be called before the system meets any of our messages, for Akka remembers per type which serializer it found first: the extension's constructor is
    /// that place. A message that arrives in this very moment may be dropped as unknown, as by a network.
    /// </remarks>
    /// <exception cref="RaftSettingsException">The application gives one of our names or ids to another serializer; replacing it would break it.</exception>
    public static void Register(ExtendedActorSystem system) => Register(system, RaftSettings.ReferenceConfig);

    /// <param name="system">The running system.</param>
    /// <param name="reference">Lists serializers, bindings and identifiers under akka.actor, all of types that exist; Akka knows it again by reference.</param>
    public static void Register(ExtendedActorSystem system, Config reference)
    {
        var errors = Conflicts(system.Settings.Config, reference).ToList();
        if (errors.Count > 0)
        {
            throw new RaftSettingsException(
                "AkkaRaft cannot register its serializers: the configuration gives their names or ids away. Nothing was started.", errors);
        }

        var handedOut = system.Serialization;
        system.Settings.InjectTopLevelFallback(reference);
        AddTo(handedOut, system, reference);
    }

    static void AddTo(Akka.Serialization.Serialization serialization, ExtendedActorSystem system, Config reference)
    {
        foreach (var (name, typeName) in Entries(reference, Serializers))
        {
            if (TypeNamed(typeName) is not { } type) continue;
            var serializer = (Serializer)Activator.CreateInstance(type, system)!;
            serialization.AddSerializer(name, serializer);
            foreach (var (bound, by) in Entries(reference, Bindings))
            {
                if (by == name && TypeNamed(bound) is { } boundType) serialization.AddSerializationMap(boundType, serializer);
            }
        }
    }

    static IEnumerable<string> Conflicts(Config config, Config reference)
    {
        var given = Entries(config, Serializers);
        foreach (var (name, ours) in Entries(reference, Serializers))
        {
            foreach (var (_, theirs) in given.Where(entry => entry.Key == name && TypeNamed(entry.Value) != TypeNamed(ours)))
                yield return $"{Serializers}.{name} = {SettingText.Of(theirs)}: the name belongs to {ours}. Give the other serializer another name.";
        }

        var identified = Entries(config, Identifiers);
        foreach (var (ours, id) in Entries(reference, Identifiers))
        {
            foreach (var (theirs, _) in identified.Where(entry => entry.Value == id && TypeNamed(entry.Key) != TypeNamed(ours)))
                yield return $"{Identifiers}.\"{theirs}\" = {id}: the id belongs to {ours}, and stored data names it. Give the other serializer another id.";
        }
    }

    static IReadOnlyList<KeyValuePair<string, string>> Entries(Config config, string path)
    {
        var block = config.GetConfig(path);
        IEnumerable<KeyValuePair<string, HoconValue>> entries = block is null || block.IsEmpty ? [] : block.AsEnumerable();
        return [.. entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => KeyValuePair.Create(entry.Key, entry.Value.GetString()))];
    }

    static Type? TypeNamed(string name) => Type.GetType(name, throwOnError: false);
}
