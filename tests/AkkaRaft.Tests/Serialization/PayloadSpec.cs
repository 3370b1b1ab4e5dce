using System.Collections;
using AkkaRaft.Consensus;
using AkkaRaft.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Serialization;

/// <summary>The user's objects as payloads: only registered types, by the user's own serializer or by Hyperion, and errors that say what to do.</summary>
public sealed class PayloadSpec : IDisposable
{
    const string Bindings = """
        akka.actor.serializers {
          brackets = "AkkaRaft.Tests.Serialization.BracketSerializer, AkkaRaft.Tests"
          plain = "AkkaRaft.Tests.Serialization.PlainSerializer, AkkaRaft.Tests"
        }
        akka.actor.serialization-bindings {
          "AkkaRaft.Tests.Serialization.Bracketed, AkkaRaft.Tests" = brackets
          "AkkaRaft.Tests.Serialization.Plain, AkkaRaft.Tests" = plain
        }
        """;

    readonly ExtendedActorSystem _system = TestSystems.Start(Bindings);
    readonly PayloadTypes _types;
    readonly PayloadCodec _codec;

    public PayloadSpec()
    {
        _types = PayloadTypes.Get(_system);
        _codec = PayloadCodec.Get(_system);
    }

    public void Dispose() => TestSystems.Stop(_system);

    [Fact]
    public void Registering_a_type_admits_what_its_fields_are_declared_with()
    {
        _types.Register<Order>();

        foreach (var type in new[] { typeof(Order), typeof(Customer), typeof(Line), typeof(Price), typeof(Colour), typeof(List<Order>), typeof(Line[]) })
            _types.Admits(type).ShouldBeTrue(type.Name);
        _types.Admits(typeof(Stranger)).ShouldBeFalse();
        _types.Admits(typeof(List<Stranger>)).ShouldBeFalse();
        _types.Admits(typeof(object)).ShouldBeFalse();
        _types.Admits(typeof(List<object>)).ShouldBeFalse();
    }

    [Fact]
    public void One_registry_for_the_whole_actor_system() => PayloadTypes.Get(_system).ShouldBeSameAs(_types);

    [Theory]
    [InlineData(typeof(object), "System.Object")]
    [InlineData(typeof(HoldsObject), "HoldsObject.Anything")]
    [InlineData(typeof(HoldsDeep), "HoldsDeep.Inside.Anything")]
    [InlineData(typeof(HoldsDelegate), "it is a delegate")]
    [InlineData(typeof(Action), "it is a delegate")]
    [InlineData(typeof(Type), "System.Type")]
    [InlineData(typeof(Exception), "ISerializable")]
    [InlineData(typeof(FileInfo), "ISerializable")]
    [InlineData(typeof(MemoryStream), "not known to be plain data")]
    [InlineData(typeof(ReadOnlyMemory<byte>), "not known to be plain data")]
    [InlineData(typeof(IEnumerable), "not known to be plain data")]
    [InlineData(typeof(List<>), "open generic")]
    [InlineData(typeof(IActorRef), "actor system")]
    [InlineData(typeof(int*), "pointer")]
    public void Type_that_could_hide_anything_but_data_is_refused(Type type, string because)
    {
        var error = Should.Throw<ArgumentException>(() => _types.Register(typeof(Customer), type));

        error.Message.ShouldContain(because);
        _types.Admits(typeof(Customer)).ShouldBeFalse("a refused registration changes nothing");
    }

    [Fact]
    public void Types_can_be_named_in_the_configuration()
    {
        var system = TestSystems.Start("""akka.raft.payload-types = ["AkkaRaft.Tests.Serialization.Order, AkkaRaft.Tests"]""");

        PayloadTypes.Get(system).Admits(typeof(Line)).ShouldBeTrue();

        TestSystems.Stop(system);
    }

    [Theory]
    [InlineData("Shop.Missing, Shop", "there is no such type")]
    [InlineData("AkkaRaft.Tests.Serialization.HoldsObject, AkkaRaft.Tests", "HoldsObject.Anything")]
    public void Wrong_type_in_the_configuration_is_named(string name, string because)
    {
        var system = TestSystems.Start($"""akka.raft.payload-types = ["{name}"]""");

        var error = Should.Throw<ConfigurationException>(() => PayloadTypes.Get(system));

        error.Message.ShouldContain("akka.raft.payload-types");
        error.Message.ShouldContain(because);
        TestSystems.Stop(system);
    }

    [Fact]
    public void Record_with_everything_inside_comes_back()
    {
        _types.Register(typeof(Order), typeof(Everything), typeof(Page<Line>));

        var order = RoundTrip(PayloadSamples.Order);
        (order with { Lines = default }).ShouldBe(PayloadSamples.Order with { Lines = default });
        order.Lines.ShouldBe(PayloadSamples.Order.Lines);
        RoundTrip(PayloadSamples.Everything).ShouldBe(PayloadSamples.Everything);
        var page = new Page<Line>(new Line("a", 1, new Price(2)), new Page<Line>(default, null));
        RoundTrip(page).ShouldBe(page);
        RoundTrip(new Line("a", 1, new Price(2))).ShouldBe(new Line("a", 1, new Price(2)));
        RoundTrip(Colour.Green).ShouldBe(Colour.Green);
        RoundTrip((7, "x")).ShouldBe((7, "x"));
    }

    [Fact]
    public void Each_collection_comes_back_in_order()
    {
        _types.Register<Order>();

        foreach (var collection in PayloadSamples.Collections)
        {
            var read = RoundTrip(collection);
            read.GetType().ShouldBe(collection.GetType());
            ((IEnumerable)read).Cast<object>().ShouldBe(((IEnumerable)collection).Cast<object>(), collection.GetType().ToString());
        }
    }

    [Fact]
    public void Class_with_a_dictionary_comes_back()
    {
        _types.Register<Tagged>();

        var read = RoundTrip(new Tagged { Name = "n", Friends = { ["a"] = new("Ann", null) } });

        read.Name.ShouldBe("n");
        read.Friends.ShouldHaveSingleItem().ShouldBe(new("a", new Customer("Ann", null)));
    }

    [Theory, InlineData("text"), InlineData(7), InlineData(7L), InlineData(2.5), InlineData(true)]
    public void Simple_value_needs_no_registration(object value) => RoundTrip(value).ShouldBe(value);

    [Fact]
    public void Bytes_need_no_registration() => RoundTrip(new byte[] { 1, 2, 3 }).ShouldBe(new byte[] { 1, 2, 3 });

    [Fact]
    public void Derived_type_must_be_registered_by_itself()
    {
        _types.Register<Drawing>();
        var drawing = new Drawing(new Circle(1), new Shape[] { new Square(2) });

        Should.Throw<PayloadUnwritableException>(() => _codec.Encode(drawing)).Message.ShouldContain("Circle");
        _types.Register<Circle>();
        Should.Throw<PayloadUnwritableException>(() => _codec.Encode(drawing)).Message.ShouldContain("Square");
        _types.Register<Square>();
        var read = RoundTrip(drawing);
        read.First.ShouldBe(new Circle(1));
        read.Others.ShouldBe([new Square(2)]);
    }

    [Fact]
    public void Unregistered_type_is_refused_when_written()
    {
        var error = Should.Throw<PayloadUnwritableException>(() => _codec.Encode(new Stranger("x")));

        error.PayloadType.ShouldBe(typeof(Stranger));
        error.Message.ShouldContain("AkkaRaft.Tests.Serialization.Stranger, AkkaRaft.Tests");
        error.Message.ShouldContain("PayloadTypes");
        error.Message.ShouldContain("akka.raft.payload-types");
    }

    /// <summary>Hyperion remembers the types it has loaded for the whole process; what another actor system admits must not be admitted here.</summary>
    [Fact]
    public void Unregistered_type_is_refused_when_read_even_if_another_system_reads_it()
    {
        var other = TestSystems.Start();
        PayloadTypes.Get(other).Register(typeof(Stranger), typeof(Drawing), typeof(Circle));
        var codec = PayloadCodec.Get(other);
        var stranger = codec.Encode(new Stranger("x"));
        var inside = codec.Encode(new Drawing(new Circle(1), Array.Empty<Shape>()));
        codec.Decode(stranger).ShouldBe(new Stranger("x"));
        codec.Decode(inside).ShouldBeOfType<Drawing>();
        TestSystems.Stop(other);
        _types.Register<Drawing>();

        var atTheTop = Should.Throw<PayloadUnreadableException>(() => _codec.Decode(stranger));
        var nested = Should.Throw<PayloadUnreadableException>(() => _codec.Decode(inside));

        atTheTop.PayloadManifest.ShouldBe("AkkaRaft.Tests.Serialization.Stranger, AkkaRaft.Tests");
        atTheTop.SerializerId.ShouldBe(7462);
        atTheTop.Message.ShouldContain("akka.raft.payload-types");
        nested.Message.ShouldContain("AkkaRaft.Tests.Serialization.Circle, AkkaRaft.Tests");
    }

    [Fact]
    public void Bytes_of_another_type_than_the_manifest_names_are_unreadable()
    {
        _types.Register(typeof(Customer), typeof(Circle));
        var customer = _codec.Encode(new Customer("a", null));
        var lie = new Payload(7462, _codec.Encode(new Circle(1)).Manifest, customer.Bytes);

        Should.Throw<PayloadUnreadableException>(() => _codec.Decode(lie)).Message.ShouldContain("Customer");
    }

    [Fact]
    public void Types_own_serializer_is_used_with_and_without_string_manifests()
    {
        _types.Register(typeof(Bracketed), typeof(Plain));

        _codec.Encode(new Bracketed("x")).SerializerId.ShouldBe(9001);
        _codec.Encode(new Plain("x")).SerializerId.ShouldBe(9002);
        RoundTrip(new Bracketed("x")).ShouldBe(new Bracketed("x"));
        RoundTrip(new Plain("x")).ShouldBe(new Plain("x"));
    }

    [Fact]
    public void Type_with_a_serializer_of_its_own_may_hold_anything_but_not_be_inside_another()
    {
        var system = TestSystems.Start("""akka.actor.serialization-bindings { "AkkaRaft.Tests.Serialization.HoldsObject, AkkaRaft.Tests" = json }""");
        var types = PayloadTypes.Get(system).Register<HoldsObject>();
        var codec = PayloadCodec.Get(system);

        codec.Decode(codec.Encode(new HoldsObject("a", "b"))).ShouldBe(new HoldsObject("a", "b"));
        var inside = Should.Throw<PayloadUnwritableException>(() => codec.Encode(new List<HoldsObject> { new("a", "b") }));

        inside.Message.ShouldContain("serializer of its own");
        Should.Throw<ArgumentException>(() => types.Register<HoldsDeep>()).Message.ShouldContain("HoldsDeep.Inside.Anything");
        TestSystems.Stop(system);
    }

    [Fact]
    public void Serializer_that_no_registered_type_is_bound_to_is_never_asked()
    {
        Should.Throw<PayloadUnreadableException>(() => _codec.Decode(new Payload(9001, "B", "[x]"u8.ToArray()))).Message.ShouldContain("9001");
        Should.Throw<PayloadUnreadableException>(() => _codec.Decode(new Payload(1, "", "\"x\""u8.ToArray()))).Message.ShouldContain("id 1 ");
        _types.Register<Plain>();
        Should.Throw<PayloadUnreadableException>(() => _codec.Decode(new Payload(9002, typeof(FileInfo).AssemblyQualifiedName!, "/tmp/x"u8.ToArray())))
            .Message.ShouldContain("FileInfo");
    }

    [Theory, InlineData("on", null, 7462), InlineData("off", null, 7462), InlineData("on", "json", 1), InlineData("off", "json", 1)]
    public void Json_is_used_only_if_the_user_binds_it(string allowUnregistered, string? binding, int serializer)
    {
        var system = TestSystems.Start($"akka.actor.serialization-settings.allow-unregistered-types = {allowUnregistered}\n" +
            (binding is null ? "" : $"akka.actor.serialization-bindings {{ \"AkkaRaft.Tests.Serialization.Customer, AkkaRaft.Tests\" = {binding} }}"));
        PayloadTypes.Get(system).Register(typeof(Customer));
        var codec = PayloadCodec.Get(system);

        var payload = codec.Encode(new Customer("Ann", null));

        payload.SerializerId.ShouldBe(serializer);
        codec.Decode(payload).ShouldBe(new Customer("Ann", null));
        TestSystems.Stop(system);
    }

    /// <summary>Akka builds its Serialization anew at every injected fallback, with another JSON serializer in it.</summary>
    [Fact]
    public void Hyperion_stays_the_default_when_an_extension_injects_its_configuration()
    {
        var system = TestSystems.Start("akka.actor.serialization-settings.allow-unregistered-types = on");
        var types = PayloadTypes.Get(system).Register<Customer>();
        var codec = PayloadCodec.Get(system);
        codec.Encode(new Customer("Ann", null)).SerializerId.ShouldBe(7462);

        system.Settings.InjectTopLevelFallback(ConfigurationFactory.ParseString("some.extension.key = 1"));
        types.Register<Circle>();

        var payload = codec.Encode(new Circle(1));
        payload.SerializerId.ShouldBe(7462);
        codec.Decode(payload).ShouldBe(new Circle(1));
        TestSystems.Stop(system);
    }

    [Fact]
    public void Damaged_payload_is_unreadable()
    {
        _types.Register<Customer>();
        var good = _codec.Encode(new Customer("Ann", null));
        var bytes = good.Bytes.ToArray();
        bytes[^1] ^= 1;

        Should.Throw<PayloadUnreadableException>(() => _codec.Decode(new Payload(good.SerializerId, good.Manifest, bytes, good.Checksum)))
            .Message.ShouldContain("checksum");
    }

    [Fact]
    public void Object_nested_too_deep_is_an_error_and_no_end_of_the_process()
    {
        _types.Register<Chain>();
        Chain? deep = null;
        for (var i = 0; i < 200_000; i++) deep = new Chain(0, deep);
        var wellNested = new Chain(0, new Chain(0, new Chain(0, null)));

        Should.Throw<PayloadUnwritableException>(() => _codec.Encode(deep!)).Message.ShouldContain("100 objects deep");

        var once = _codec.Encode(wellNested).Bytes.ToArray();
        var twice = _codec.Encode(new Chain(0, wellNested)).Bytes.ToArray();
        var link = twice.AsSpan(once.Length - 1, twice.Length - once.Length).ToArray();
        var endless = once.Take(once.Length - 1).Concat(Enumerable.Repeat(link, 200_000).SelectMany(l => l)).Append(once[^1]).ToArray();
        Should.Throw<PayloadUnreadableException>(() => _codec.Decode(new Payload(7462, _codec.Encode(wellNested).Manifest, endless)))
            .Message.ShouldContain("100 objects deep");
    }

    [Theory, InlineData("order"), InlineData("everything"), InlineData("dictionary"), InlineData("string"), InlineData("bytes"), InlineData("user")]
    public void Payload_keeps_its_bytes(string name)
    {
        _types.Register(typeof(Order), typeof(Everything), typeof(Bracketed));
        object value = name switch
        {
            "order" => PayloadSamples.Order,
            "everything" => PayloadSamples.Everything,
            "dictionary" => new SortedDictionary<string, Customer> { ["a"] = new("Ann", Colour.Red) },
            "string" => "text",
            "bytes" => new byte[] { 1, 2, 3 },
            _ => new Bracketed("x"),
        };
        var payload = _codec.Encode(value);

        var (manifest, bytes) = GoldenFile.Check("payload-" + name, $"{payload.SerializerId} {payload.Manifest}", payload.Bytes.ToArray());

        var read = _codec.Decode(new Payload(payload.SerializerId, manifest[(manifest.IndexOf(' ') + 1)..], bytes));
        _codec.Encode(read).Bytes.ToArray().ShouldBe(bytes);
    }

    [Fact]
    public void Hyperion_serializer_is_found_by_its_id_in_akka_too()
    {
        _types.Register<Customer>();
        var payload = _codec.Encode(new Customer("Ann", null));

        _system.Serialization.Deserialize(payload.Bytes.ToArray(), 7462, payload.Manifest).ShouldBe(new Customer("Ann", null));
    }

    T RoundTrip<T>(T value) where T : notnull
    {
        var payload = _codec.Encode(value);
        payload.Manifest.ShouldNotContain("Version=");
        return (T)_codec.Decode(payload);
    }
}
