using Akka.Actor;
using Akka.Persistence;

namespace AkkaRaft.Simulation.Tests.Storage;

/// <summary>A user's persistent actor. It notes every message that reaches it, also those of Akka.Persistence itself.</summary>
internal sealed class Ledger : ReceivePersistentActor
{
    readonly string _id;
    readonly List<string> _raw;
    readonly List<int> _amounts = [];
    readonly IActorRef _parent = Context.Parent;

    public Ledger(string id, List<string> raw)
    {
        _id = id;
        _raw = raw;
        Recover<Added>(added => _amounts.Add(added.Amount));
        Recover<SnapshotOffer>(offer => _amounts.AddRange(((Amounts)offer.Snapshot).All));
        Recover<RecoveryCompleted>(_ => Say($"recovered {Total} at {LastSequenceNr}"));
        Command<Add>(add => Persist(new Added(add.Amount), Note));
        Command<AddAll>(add => PersistAll(add.Amounts.Select(amount => new Added(amount)).ToArray(), Note));
        Command<AddAsync>(add =>
        {
            PersistAsync(new Added(add.First), Note);
            PersistAsync(new Added(add.Second), Note);
            DeferAsync("deferred", Say);
        });
        Command<AddUnwritable>(_ => Persist(new Unwritable(), _ => Say("stored")));
        Command<Forget>(forget => DeleteMessages(forget.UpTo));
        Command<Snap>(_ => SaveSnapshot(new Amounts([.. _amounts])));
        Command<ForgetSnapshots>(forget => DeleteSnapshots(new SnapshotSelectionCriteria(forget.UpTo)));
        Command<ForgetSnapshot>(forget => DeleteSnapshot(forget.At));
        CommandAny(message => Say(message.GetType().Name));
    }

    public override string PersistenceId => _id;

    string Total => string.Join('+', _amounts);

    public static Props Props(string id, List<string>? raw = null) => Akka.Actor.Props.Create(typeof(Ledger), id, raw ?? []);

    protected override bool AroundReceive(Receive receive, object message)
    {
        _raw.Add(Described(message));
        return base.AroundReceive(receive, message);
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => Say($"failed {@event} at {sequenceNr}");

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) => Say($"rejected {sequenceNr}");

    protected override void OnRecoveryFailure(Exception reason, object? message = null) => Say($"not recovered: {reason.GetType().Name}");

    void Note(Added added)
    {
        _amounts.Add(added.Amount);
        Say($"added {added.Amount}");
    }

    void Say(string what) => _parent.Tell(what, Self);

    string Described(object message)
    {
        var content = message switch
        {
            ReplayedMessage replayed => $"{replayed.Persistent.SequenceNr} {replayed.Persistent.Payload}",
            RecoverySuccess recovered => $"{recovered.HighestSequenceNr}",
            WriteMessageSuccess success => $"{success.Persistent.SequenceNr} {success.Persistent.Payload}",
            WriteMessageFailure failure => $"{failure.Persistent.SequenceNr} {failure.Persistent.Payload}",
            WriteMessagesFailed failed => $"{failed.WriteCount}",
            WriteMessageRejected rejected => $"{rejected.Persistent.SequenceNr} {rejected.Persistent.Payload}",
            LoopMessageSuccess loop => $"{loop.Message}",
            DeleteMessagesSuccess deleted => $"{deleted.ToSequenceNr}",
            LoadSnapshotResult loaded => loaded.Snapshot is { } snapshot ? $"{snapshot.Metadata.SequenceNr}" : "none",
            SaveSnapshotSuccess saved => $"{saved.Metadata.SequenceNr}",
            DeleteSnapshotSuccess deleted => $"{deleted.Metadata.SequenceNr}",
            DeleteSnapshotsSuccess deleted => $"{deleted.Criteria.MaxSequenceNr}",
            _ => "",
        };
        return $"{message.GetType().Name} {content} from {Name(Sender)}";
    }

    static string Name(IActorRef sender)
    {
        var path = sender.Path.ToStringWithoutAddress();
        if (path.Contains("snapshot-store", StringComparison.Ordinal)) return "store";
        if (path.Contains("recoveryPermitter", StringComparison.Ordinal)) return "permitter";
        return path.Contains("persistence.journal", StringComparison.Ordinal) ? "journal" : path.StartsWith("/user", StringComparison.Ordinal) ? "parent" : path;
    }
}

internal sealed record Added(int Amount);

internal sealed record Amounts(int[] All);

/// <summary>No serializer can write it.</summary>
internal sealed class Unwritable
{
    public int Value => throw new InvalidOperationException("It cannot be written.");
}

internal sealed record Add(int Amount);

internal sealed record AddAll(params int[] Amounts);

internal sealed record AddAsync(int First, int Second);

internal sealed record AddUnwritable;

internal sealed record Forget(long UpTo);

internal sealed record Snap;

internal sealed record ForgetSnapshots(long UpTo);

internal sealed record ForgetSnapshot(long At);
