using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;

namespace AkkaRaft.TestKit.Storage;

/// <summary>
/// The snapshot store plug-in over a <see cref="SimulatedDisk"/>. It sends what Akka's SnapshotStore sends, to the same actors and under the same senders, without
/// its tasks and threads.
/// </summary>
internal sealed class SimulatedSnapshotStore : UntypedActor
{
    readonly SimulatedDisk _disk;
    readonly DiskSession _session;

    /// <summary>Called by Akka.Persistence.</summary>
    public SimulatedSnapshotStore(Config config)
    {
        _disk = SimulatedDiskSetup.DiskOf(Context.System);
        _session = _disk.Connect(config.GetTimeSpan("circuit-breaker.call-timeout", TimeSpan.FromSeconds(20)));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case LoadSnapshot request:
                Load(request);
                break;
            case Loaded loaded:
                loaded.To.Tell(Offer(loaded), ActorRefs.NoSender);
                break;
            case SaveSnapshot request:
                Save(request);
                break;
            case DeleteSnapshot { Metadata: var metadata }:
                var self = Self;
                var sender = Sender;
                _session.DeleteSnapshots(metadata.PersistenceId, Is(metadata), failure => self.Tell(
                    new Ended(sender, failure is null ? new DeleteSnapshotSuccess(metadata) : new DeleteSnapshotFailure(metadata, failure)), ActorRefs.NoSender));
                break;
            case DeleteSnapshots request:
                Delete(request);
                break;
            case Ended { To: var receiver, Answer: var answer }:
                // What failed may lie on the disk all the same: Akka's store removes it, as well as it can.
                if (answer is SaveSnapshotFailure { Metadata: var failed }) _session.DeleteSnapshots(failed.PersistenceId, Is(failed), _ => { });
                receiver.Tell(answer, Self);
                break;
            case CheckSnapshotStoreHealth:
                Sender.Tell(new SnapshotStoreHealthCheckResponse(new PersistenceHealthCheckResult(PersistenceHealthStatus.Healthy, "Simulated.")));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    void Load(LoadSnapshot request)
    {
        if (request.Criteria.Equals(SnapshotSelectionCriteria.None))
        {
            Sender.Tell(new LoadSnapshotResult(null, request.ToSequenceNr));
            return;
        }

        var self = Self;
        var sender = Sender;
        var fits = Fits(request.Criteria);
        _session.Load(
            request.PersistenceId,
            metadata => metadata.SequenceNr <= request.ToSequenceNr && fits(metadata),
            (found, failure) => self.Tell(new Loaded(sender, request.ToSequenceNr, found, failure), ActorRefs.NoSender));
    }

    ISnapshotResponse Offer(Loaded loaded)
    {
        if (loaded.Failure is { } failure) return new LoadSnapshotFailed(failure);
        if (loaded.Found is not { } found) return new LoadSnapshotResult(null, loaded.ToSequenceNr);
        try
        {
            return new LoadSnapshotResult(new SelectedSnapshot(found.Metadata, found.Payload.Read(Context.System)), loaded.ToSequenceNr);
        }
        catch (Exception unreadable)
        {
            return new LoadSnapshotFailed(unreadable);
        }
    }

    void Save(SaveSnapshot request)
    {
        var self = Self;
        var sender = Sender;
        var asked = request.Metadata;
        var metadata = asked.Timestamp == DateTime.MinValue
            ? new SnapshotMetadata(asked.PersistenceId, asked.SequenceNr, Context.System.Scheduler.Now.UtcDateTime)
            : asked;
        StoredPayload payload;
        try
        {
            payload = _disk.KeepsObjects ? StoredPayload.AsObject(request.Snapshot) : StoredPayload.AsBytes(Context.System, request.Snapshot);
        }
        catch (Exception unwritable)
        {
            self.Tell(new Ended(sender, new SaveSnapshotFailure(asked, unwritable)), ActorRefs.NoSender);
            return;
        }

        _session.Save(new StoredSnapshot(metadata, payload), request.Snapshot, failure => self.Tell(
            new Ended(sender, failure is null ? new SaveSnapshotSuccess(metadata) : new SaveSnapshotFailure(asked, failure)), ActorRefs.NoSender));
    }

    void Delete(DeleteSnapshots request)
    {
        var self = Self;
        var sender = Sender;
        var criteria = request.Criteria;
        _session.DeleteSnapshots(request.PersistenceId, Fits(criteria), failure => self.Tell(
            new Ended(sender, failure is null ? new DeleteSnapshotsSuccess(criteria) : new DeleteSnapshotsFailure(criteria, failure)), ActorRefs.NoSender));
    }

    // Of the criteria only the upper bounds count, as in Akka.Persistence.Sql and in Akka's own stores: whoever wants one row has to look which one it got.
    static Predicate<SnapshotMetadata> Fits(SnapshotSelectionCriteria criteria) => metadata =>
        metadata.SequenceNr <= criteria.MaxSequenceNr && metadata.Timestamp <= criteria.MaxTimeStamp;

    // A persistent actor names a snapshot by its number alone, with the smallest time in place of the one that it does not know.
    static Predicate<SnapshotMetadata> Is(SnapshotMetadata named) => metadata =>
        metadata.SequenceNr == named.SequenceNr && (named.Timestamp == DateTime.MinValue || metadata.Timestamp == named.Timestamp);

    sealed record Loaded(IActorRef To, long ToSequenceNr, StoredSnapshot? Found, Exception? Failure) : INoSerializationVerificationNeeded;

    sealed record Ended(IActorRef To, ISnapshotResponse Answer) : INoSerializationVerificationNeeded;
}
