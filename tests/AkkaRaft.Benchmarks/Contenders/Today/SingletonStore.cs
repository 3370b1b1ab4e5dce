using Akka.Actor;
using Akka.Persistence;
using AkkaRaft.Benchmarks.Contenders.Raft;

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
    readonly KeptValues _values = new();

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
                    if (LastSequenceNr % EventsBetweenSnapshots == 0) SaveSnapshot(new AllValues(_values.ToBytes()));
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
                _values.Restore(all.Values.Span);
                break;
        }
    }

    void Apply(PutValue put) => _values[put.Key] = put.Value.ToArray();
}
