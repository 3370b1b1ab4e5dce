using Akka.Actor;
using Akka.Persistence;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Load;

namespace AkkaRaft.Benchmarks.Contenders.Today;

/// <summary>
/// The values, as a persistent actor keeps them: a command is an event, PersistAsync, answered when the journal has it. So commands that come while one is written wait for no other command, and
/// Akka.Persistence hands what has gathered to the journal as one batch. What is read is in the journal: a value changes when its event is confirmed.
/// </summary>
internal sealed class SingletonStore : UntypedPersistentActor
{
    // As often as our own nodes do by their defaults.
    const int EventsBetweenSnapshots = 100_000;

    static readonly StoredBytes s_done = new(default);

    readonly int _place;
    readonly byte[][] _values = [.. Enumerable.Repeat<byte[]>([], LoadRequest.Keys)];

    public SingletonStore(int place) => _place = place;

    public override string PersistenceId => "values";

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case PutValue put:
                PersistAsync(put, stored =>
                {
                    Apply(stored);
                    Sender.Tell(s_done);
                    if (LastSequenceNr % EventsBetweenSnapshots == 0) SaveSnapshot(Snapshot());
                });
                break;
            case GetValue get:
                Sender.Tell(new StoredBytes(_values[get.Key]));
                break;
            case TodayClient.Where:
                Sender.Tell(_place);
                break;
        }
    }

    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case PutValue put:
                Apply(put);
                break;
            case SnapshotOffer { Snapshot: AllValues all }:
                Restore(all);
                break;
        }
    }

    void Apply(PutValue put) => _values[put.Key] = put.Value.ToArray();

    AllValues Snapshot()
    {
        using var all = new MemoryStream();
        using var writer = new BinaryWriter(all);
        foreach (var value in _values)
        {
            writer.Write(value.Length);
            writer.Write(value);
        }

        return new AllValues(all.ToArray());
    }

    void Restore(AllValues all)
    {
        using var reader = new BinaryReader(new MemoryStream(all.Values.ToArray()));
        for (var key = 0; key < _values.Length; key++) _values[key] = reader.ReadBytes(reader.ReadInt32());
    }
}
