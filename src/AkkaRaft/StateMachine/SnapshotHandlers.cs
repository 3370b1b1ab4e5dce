using AkkaRaft.Consensus;
using AkkaRaft.Serialization;

namespace AkkaRaft.StateMachine;

/// <summary>How a state machine takes and restores snapshots, in one of the two forms; none if it registered neither.</summary>
internal sealed class SnapshotHandlers
{
    Func<StateContent>? _take;
    Func<SnapshotReader, IPayloadCodec, Task>? _restore;
    bool _closed;

    /// <summary>Whether the state machine has snapshots at all.</summary>
    public bool Any => _take is not null;

    /// <summary>The type of the one object, in the simple form.</summary>
    public Type? ValueType { get; private set; }

    public void OfValue<T>(Func<T> take, Action<T> restore) where T : notnull
    {
        Register(() => new ValueContent(take()), async (reader, codec) => restore((T)codec.Decode(await reader.ReadValue())));
        ValueType = typeof(T);
    }

    public void OfStream(Func<IAsyncEnumerable<ReadOnlyMemory<byte>>> take, Func<IAsyncEnumerable<ReadOnlyMemory<byte>>, Task> restore) => Register(
        () => new StreamContent(take() ?? throw new InvalidOperationException("the function that takes the snapshot returned null")),
        async (reader, _) =>
        {
            await restore(reader.ReadState());
            // What was not read was not checked either.
            await reader.SkipRest();
        });

    public void Close() => _closed = true;

    /// <summary>In the state machine's own turn: what it is now.</summary>
    public StateContent Take() => _take!();

    /// <summary>The state machine becomes what the snapshot says.</summary>
    public Task Restore(SnapshotReader reader, IPayloadCodec codec) => _restore!(reader, codec);

    void Register(Func<StateContent> take, Func<SnapshotReader, IPayloadCodec, Task> restore)
    {
        if (_closed) throw new InvalidOperationException("Snapshots were registered after the state machine started, so that nodes could differ. Register them in the constructor.");
        if (_take is not null) throw new ArgumentException("Snapshots are registered twice. A state machine has one form of them; keep one of the two.");
        (_take, _restore) = (take, restore);
    }
}
