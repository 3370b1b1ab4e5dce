using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using AkkaRaft.Serialization;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Settings;

/// <summary>An application lists none of our serializers, and all of its parts must know them: remoting, journals, and whoever asks later.</summary>
public sealed class SerializerRegistrationTests : IAsyncLifetime
{
    // Nothing travels that no serializer was registered for: a silent fallback to JSON fails the test.
    const string Strict = "akka.actor.serialization-settings.allow-unregistered-types = off";

    static readonly string FakeName = NameOf<FakeSerializer>();
    static readonly string OtherName = NameOf<OtherSerializer>();

    static readonly Config Reference = ConfigurationFactory.ParseString($$"""
        akka.actor {
          serializers.fake = "{{FakeName}}"
          serialization-bindings { "{{NameOf<IFakeMessage>()}}" = fake }
          serialization-identifiers { "{{FakeName}}" = 7999 }
        }
        """);

    readonly List<ActorSystem> _systems = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Task.WhenAll(_systems.Select(system => system.Terminate()));

    [Fact]
    public void A_running_system_learns_them()
    {
        var system = Start(Strict);
        system.Serialization.Serialize(new byte[] { 1 }).ShouldNotBeEmpty();

        SerializerRegistration.Register(system, Reference);

        RoundTrip(system.Serialization);
        system.Serialization.FindSerializerForType(typeof(byte[])).ShouldBeOfType<ByteArraySerializer>();
    }

    /// <summary>Akka.Persistence and other extensions inject fallbacks when they are first used, and Akka then starts from the configuration again.</summary>
    [Fact]
    public void They_outlive_the_fallbacks_of_later_extensions()
    {
        var system = Start(Strict);
        SerializerRegistration.Register(system, Reference);

        system.Settings.InjectTopLevelFallback(ConfigurationFactory.ParseString("some.extension.key = 1"));

        RoundTrip(system.Serialization);
    }

    /// <summary>A journal plug-in keeps the Serialization that it was created with; the application may have used it before Raft started.</summary>
    [Fact]
    public void Who_kept_the_earlier_Serialization_knows_them_too()
    {
        var system = Start(Strict);
        var kept = system.Serialization;

        SerializerRegistration.Register(system, Reference);

        RoundTrip(kept);
    }

    [Fact]
    public void A_second_registration_changes_nothing()
    {
        var system = Start(Strict);
        SerializerRegistration.Register(system, Reference);
        var serialization = system.Serialization;

        SerializerRegistration.Register(system, Reference);

        system.Serialization.ShouldBeSameAs(serialization);
        RoundTrip(system.Serialization);
    }

    [Fact]
    public void A_system_that_was_created_with_them_keeps_them()
    {
        var system = Start(Strict + "\n" + Reference.ToString(includeFallback: true));
        RoundTrip(system.Serialization);

        SerializerRegistration.Register(system, Reference);

        RoundTrip(system.Serialization);
    }

    [Fact]
    public async Task Remoting_that_runs_already_uses_them()
    {
        var one = Start(Strict + Remote);
        var two = Start(Strict + Remote);
        SerializerRegistration.Register(one, Reference);
        SerializerRegistration.Register(two, Reference);
        var received = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        two.ActorOf(Props.Create(() => new Catcher(received)), "catcher");

        one.ActorSelection($"{two.Provider.DefaultAddress}/user/catcher").Tell(new Hello("over the wire"));

        (await received.Task.WaitAsync(TimeSpan.FromSeconds(10))).ShouldBe(new Hello("over the wire"));
    }

    [Fact]
    public void A_name_that_the_application_gave_to_another_serializer_is_refused()
    {
        var system = Start("akka.actor.serializers.fake = \"Akka.Serialization.NewtonSoftJsonSerializer, Akka\"");

        var refusal = Should.Throw<RaftSettingsException>(() => SerializerRegistration.Register(system, Reference));

        refusal.Errors.ShouldHaveSingleItem().ShouldStartWith("akka.actor.serializers.fake = \"Akka.Serialization.NewtonSoftJsonSerializer, Akka\"");
    }

    [Fact]
    public void An_id_that_the_application_gave_to_another_serializer_is_refused()
    {
        var system = Start($$"""
            akka.actor {
              serializers.other = "{{OtherName}}"
              serialization-identifiers { "{{OtherName}}" = 7999 }
            }
            """);

        var refusal = Should.Throw<RaftSettingsException>(() => SerializerRegistration.Register(system, Reference));

        refusal.Errors.ShouldHaveSingleItem().ShouldContain("= 7999: the id belongs to");
        system.Serialization.FindSerializerForType(typeof(Hello)).ShouldNotBeOfType<FakeSerializer>();
    }

    [Fact]
    public void The_shipped_reference_is_registered_by_default()
    {
        // Akka refuses a configuration that names a type that does not exist: before the serializers are merged there is nothing to register.
        if (typeof(RaftSettings).Assembly.GetType("AkkaRaft.Serialization.HyperionPayloadSerializer") is null) return;
        var system = Start(Strict);

        SerializerRegistration.Register(system);

        system.Serialization.FindSerializerForType(typeof(AkkaRaft.Protocol.StatusRequest)).Identifier.ShouldBe(7460);
        system.Serialization.FindSerializerForType(typeof(AkkaRaft.Journals.TermChanged)).Identifier.ShouldBe(7461);
        system.Settings.Config.GetTimeSpan("akka.raft.heartbeat-interval").ShouldBe(TimeSpan.FromMilliseconds(100));
    }

    const string Remote = "\nakka.actor.provider = remote\nakka.remote.dot-netty.tcp { hostname = \"127.0.0.1\", port = 0 }";

    static void RoundTrip(Akka.Serialization.Serialization serialization)
    {
        var hello = new Hello("x");
        var serializer = serialization.FindSerializerFor(hello).ShouldBeOfType<FakeSerializer>();
        var manifest = Akka.Serialization.Serialization.ManifestFor(serializer, hello);
        serialization.Deserialize(serializer.ToBinary(hello), serializer.Identifier, manifest).ShouldBe(hello);
    }

    static string NameOf<T>() => $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}";

    ExtendedActorSystem Start(string hocon)
    {
        var system = ActorSystem.Create("serializers", hocon + "\nakka.loglevel = WARNING\nakka.stdout-loglevel = WARNING");
        _systems.Add(system);
        return (ExtendedActorSystem)system;
    }
}

internal interface IFakeMessage;

internal sealed record Hello(string Text) : IFakeMessage;

internal sealed class Catcher(TaskCompletionSource<object> received) : UntypedActor
{
    protected override void OnReceive(object message) => received.TrySetResult(message);
}

internal sealed class FakeSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override int Identifier => 7999;

    public override string Manifest(object o) => "H";

    public override byte[] ToBinary(object obj) => Encoding.UTF8.GetBytes(((Hello)obj).Text);

    public override object FromBinary(byte[] bytes, string manifest) => new Hello(Encoding.UTF8.GetString(bytes));
}

internal sealed class OtherSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override string Manifest(object o) => "O";

    public override byte[] ToBinary(object obj) => [];

    public override object FromBinary(byte[] bytes, string manifest) => "";
}
