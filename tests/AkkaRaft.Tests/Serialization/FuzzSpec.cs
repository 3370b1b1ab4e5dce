using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Protocol;
using AkkaRaft.Serialization;
using Akka.Actor;
using CsCheck;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Serialization;

/// <summary>Whatever is written can be read, and whatever else comes in hurts nobody: no exception but the promised one, no wild allocation.</summary>
public sealed class FuzzSpec : IDisposable
{
    const int Inputs = 100_000;
    const long MaxAllocation = 1 << 20;

    readonly ExtendedActorSystem _system = TestSystems.Start();
    readonly RaftWireSerializer _wire;
    readonly RaftJournalSerializer _journal;
    readonly PayloadCodec _codec;

    public FuzzSpec()
    {
        _wire = (RaftWireSerializer)_system.Serialization.FindSerializerForType(typeof(PeerMessage));
        _journal = (RaftJournalSerializer)_system.Serialization.FindSerializerForType(typeof(TermChanged));
        PayloadTypes.Get(_system).Register(typeof(Order), typeof(Chain));
        _codec = PayloadCodec.Get(_system);
    }

    public void Dispose() => TestSystems.Stop(_system);

    [Fact]
    public void Any_message_comes_back() => MessageGen.Wire.Sample(
        message =>
        {
            var bytes = _wire.ToBinary(message);
            var read = _wire.FromBinary(bytes, _wire.Manifest(message));
            read.ShouldBeTheSameAs(message);
            _wire.ToBinary(read).ShouldBe(bytes);
        },
        iter: 5_000);

    [Fact]
    public void Any_journal_event_comes_back() => MessageGen.Journal.Sample(
        written =>
        {
            var bytes = _journal.ToBinary(written);
            var read = _journal.FromBinary(bytes, _journal.Manifest(written));
            read.ShouldBeTheSameAs(written);
            _journal.ToBinary(read).ShouldBe(bytes);
        },
        iter: 3_000);

    [Fact]
    public void No_bytes_off_the_wire_throw_or_allocate_wildly()
    {
        var inputs = 0;
        var readable = 0;
        var worst = 0L;

        WireInput(ValidMessages()).Sample(
            input =>
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                var read = _wire.FromBinary(input.Bytes, input.Manifest).ShouldBeAssignableTo<IRaftWireMessage>();
                foreach (var payload in PayloadsOf(read!)) DecodesOrSaysWhyNot(payload);
                var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

                allocated.ShouldBeLessThan(MaxAllocation);
                Interlocked.Increment(ref inputs);
                if (read is not UnreadableMessage) Interlocked.Increment(ref readable);
                InterlockedMax(ref worst, allocated);
            },
            iter: Inputs);

        inputs.ShouldBeGreaterThanOrEqualTo(Inputs);
        readable.ShouldBeInRange(1, inputs - (inputs / 2), "the inputs must be of both kinds, or the test tests nothing");
        worst.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void No_damaged_payload_throws_anything_else_or_allocates_wildly()
    {
        Payload[] valid =
        [
            _codec.Encode(PayloadSamples.Order), _codec.Encode(new Chain(1, new Chain(2, null))), _codec.Encode("text"), _codec.Encode(7L),
            _codec.Encode(new byte[] { 1, 2, 3 }), _codec.Encode(new List<Price> { new(1) }),
        ];
        var damaged = Gen.Select(Gen.OneOf(valid), Gen.OneOf(valid), Gen.Int[0, 3], Gen.Int[0, 10_000], Gen.Byte, (one, other, how, at, value) => how switch
        {
            // Damage: the checksum is the one of the bytes as they were.
            0 => new Payload(one.SerializerId, one.Manifest, one.Bytes[..(at % one.Bytes.Length)], one.Checksum),
            1 => new Payload(one.SerializerId, one.Manifest, Changed(one.Bytes, at, value), one.Checksum),
            // Confusion: intact bytes under another's name or serializer.
            2 => new Payload(one.SerializerId, other.Manifest, one.Bytes),
            _ => new Payload(other.SerializerId, other.Manifest, one.Bytes),
        });
        foreach (var payload in valid) _codec.Decode(payload);

        damaged.Sample(
            payload =>
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                DecodesOrSaysWhyNot(payload);
                (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(MaxAllocation);
            },
            iter: 20_000);
    }

    /// <summary>25 bytes whose length field says two billion: Hyperion alone would allocate for that.</summary>
    [Fact]
    public void Patched_length_never_reaches_hyperion()
    {
        var good = _codec.Encode(new[] { 1L, 2L });
        good.SerializerId.ShouldBe(7462);
        foreach (var at in Enumerable.Range(0, good.Bytes.Length - 3))
        {
            var bytes = good.Bytes.ToArray();
            BitConverter.TryWriteBytes(bytes.AsSpan(at), int.MaxValue - 64).ShouldBeTrue();
            var patched = new Payload(good.SerializerId, good.Manifest, bytes, good.Checksum);
            var message = _wire.ToBinary(new ProposeBatch(Messages.Header.Cluster, Messages.Header.Group, [new ClientRequest(1, patched)]));

            var before = GC.GetAllocatedBytesForCurrentThread();
            var read = _wire.FromBinary(message, "PB");
            Should.Throw<PayloadUnreadableException>(() => _codec.Decode(patched));

            read.ShouldBeOfType<UnreadableMessage>().Reason.ShouldContain("checksum");
            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(MaxAllocation);
        }
    }

    (string Manifest, byte[] Bytes)[] ValidMessages()
    {
        var payload = _codec.Encode(PayloadSamples.Order);
        var real = new ProposeBatch(Messages.Header.Cluster, Messages.Header.Group, [new ClientRequest(1, payload), new ClientRequest(2, _codec.Encode("x"))]);
        return [.. Messages.Wire.Values.Append(real).Select(m => (_wire.Manifest(m), _wire.ToBinary(m)))];
    }

    static Gen<(string Manifest, byte[] Bytes)> WireInput((string Manifest, byte[] Bytes)[] valid)
    {
        var message = Gen.OneOf(valid);
        var manifest = Gen.OneOf((string[])[.. valid.Select(v => v.Manifest).Distinct(), "", "ZZ", "VQ\n", new string('x', 5_000)]);
        return Gen.OneOf(
            Gen.Select(manifest, Gen.Byte.Array[0, 300], (m, bytes) => (m, bytes)),
            Gen.Select(message, Gen.Int[0, 10_000], (m, at) => (m.Manifest, m.Bytes[..(at % m.Bytes.Length)])),
            Gen.Select(message, Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, 7], (at, bit) => (at, bit)).Array[1, 8], (m, flips) =>
            {
                var bytes = m.Bytes.ToArray();
                foreach (var (at, bit) in flips) bytes[at % bytes.Length] ^= (byte)(1 << bit);
                return (m.Manifest, bytes);
            }),
            Gen.Select(message, message, Gen.Int[0, 10_000], Gen.Int[0, 10_000], (a, b, i, j) =>
                (a.Manifest, (byte[])[.. a.Bytes[..(i % a.Bytes.Length)], .. b.Bytes[(j % b.Bytes.Length)..]])),
            // Another's bytes whole; groups inside groups; a length of two billion; many empty parts.
            Gen.Select(manifest, message, (m, other) => (m, other.Bytes)),
            Gen.Select(manifest, Gen.Int[1, 400], Gen.Byte, (m, depth, tag) => (m, Enumerable.Repeat((byte)((tag & 0xf8) | 3), depth).ToArray())),
            Gen.Select(message, Gen.Int[1, 15], (m, field) => (m.Manifest, (byte[])[.. m.Bytes, (byte)((field << 3) | 2), 0xff, 0xff, 0xff, 0xff, 0x07, 1, 2])),
            Gen.Select(message, Gen.Int[1, 15], Gen.Int[1, 200], (m, field, n) =>
                (m.Manifest, (byte[])[.. m.Bytes, .. Enumerable.Repeat(new byte[] { (byte)((field << 3) | 2), 0 }, n).SelectMany(x => x)])));
    }

    static IEnumerable<Payload> PayloadsOf(IRaftWireMessage message) => message switch
    {
        ProposeBatch m => m.Requests.Select(r => r.Body),
        QueryBatch m => m.Requests.Select(r => r.Body),
        ClientReplyBatch m => m.Replies.Select(r => r.Value).OfType<Payload>(),
        PeerMessage { Message: AppendEntries m } => m.Entries.OfType<CommandEntry>().Select(e => e.Command),
        _ => [],
    };

    void DecodesOrSaysWhyNot(Payload payload)
    {
        try
        {
            _codec.Decode(payload).ShouldNotBeNull();
        }
        catch (PayloadUnreadableException e)
        {
            e.Message.ShouldContain("cannot be read");
        }
    }

    static byte[] Changed(ReadOnlyMemory<byte> bytes, int at, byte value)
    {
        var changed = bytes.ToArray();
        changed[at % changed.Length] ^= (byte)(value | 1);
        return changed;
    }

    static void InterlockedMax(ref long max, long value)
    {
        for (var seen = Volatile.Read(ref max); value > seen; seen = Volatile.Read(ref max)) Interlocked.CompareExchange(ref max, value, seen);
    }
}
