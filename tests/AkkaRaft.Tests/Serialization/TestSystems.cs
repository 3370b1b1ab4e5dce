using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using Shouldly;

namespace AkkaRaft.Tests.Serialization;

/// <summary>
/// Actor systems with the library's serializers, as strict as Akka can be made. Silent, because Akka 1.5.74 itself is not up to both settings at once: it logs
/// that its own StopChild has no serializer.
/// </summary>
internal static class TestSystems
{
    public const string Serializers = """
        akka.loglevel = OFF
        akka.stdout-loglevel = OFF
        akka.actor {
          serialize-messages = on
          serialization-settings.allow-unregistered-types = off
          serializers {
            akka-raft-wire = "AkkaRaft.Serialization.RaftWireSerializer, AkkaRaft"
            akka-raft-journal = "AkkaRaft.Serialization.RaftJournalSerializer, AkkaRaft"
            akka-raft-hyperion = "AkkaRaft.Serialization.HyperionPayloadSerializer, AkkaRaft"
          }
          serialization-bindings {
            "AkkaRaft.Protocol.IRaftWireMessage, AkkaRaft" = akka-raft-wire
            "AkkaRaft.Journals.JournalEvent, AkkaRaft" = akka-raft-journal
          }
          serialization-identifiers {
            "AkkaRaft.Serialization.RaftWireSerializer, AkkaRaft" = 7460
            "AkkaRaft.Serialization.RaftJournalSerializer, AkkaRaft" = 7461
            "AkkaRaft.Serialization.HyperionPayloadSerializer, AkkaRaft" = 7462
          }
        }
        """;

    public static ExtendedActorSystem Start(string more = "") =>
        (ExtendedActorSystem)ActorSystem.Create(
            "serialization", ConfigurationFactory.ParseString(more).WithFallback(ConfigurationFactory.ParseString(Serializers)));

    public static void Stop(ActorSystem system) => system.Terminate().Wait(TimeSpan.FromSeconds(10)).ShouldBeTrue();
}

/// <summary>What a user may bind to a type: a serializer with string manifests.</summary>
public sealed class BracketSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override int Identifier => 9001;

    public override string Manifest(object o) => "B";

    public override byte[] ToBinary(object obj) => Encoding.UTF8.GetBytes($"[{((Bracketed)obj).Text}]");

    public override object FromBinary(byte[] bytes, string manifest) => new Bracketed(Encoding.UTF8.GetString(bytes).Trim('[', ']'));
}

/// <summary>What a user may bind to a type: an older serializer that has Akka write the type's name.</summary>
public sealed class PlainSerializer(ExtendedActorSystem system) : Serializer(system)
{
    public override int Identifier => 9002;

    public override bool IncludeManifest => true;

    public override byte[] ToBinary(object obj) => Encoding.UTF8.GetBytes(((Plain)obj).Text);

    public override object FromBinary(byte[] bytes, Type type) => Activator.CreateInstance(type, Encoding.UTF8.GetString(bytes))!;
}

public sealed record Bracketed(string Text);

public sealed record Plain(string Text);
