using System.Text.Json;
using AkkaRaft.Consensus;
using AkkaRaft.Serialization;

namespace AkkaRaft.Tests.StateMachine;

/// <summary>A type that the codec refuses to write.</summary>
public sealed record Unwritable(string Text);

/// <summary>Payloads as JSON under the type's name: enough to see what was encoded and decoded, and how often.</summary>
internal sealed class InMemoryCodec : IPayloadCodec
{
    int _decoded;

    public int Decoded => _decoded;

    public void Admit(IEnumerable<Type> types)
    {
    }

    public Payload Encode(object value) => value is Unwritable
        ? throw new NotSupportedException("Unwritable is not registered.")
        : new Payload(1, value.GetType().AssemblyQualifiedName!, JsonSerializer.SerializeToUtf8Bytes(value, value.GetType()));

    public object Decode(Payload payload)
    {
        Interlocked.Increment(ref _decoded);
        var type = Type.GetType(payload.Manifest) ?? throw new NotSupportedException($"{payload.Manifest} is not registered.");
        return JsonSerializer.Deserialize(payload.Bytes.Span, type)!;
    }
}
