using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace AkkaRaft.TestKit.Storage;

/// <summary>
/// The journal plug-in over a <see cref="SimulatedDisk"/>. It sends what Akka's AsyncWriteJournal sends, to the same actors, under the same senders and in the same
/// order, without its tasks and threads. Of AsyncWriteJournal's circuit breaker it has the call-timeout; it never opens.
/// </summary>
internal sealed class SimulatedJournal : WriteJournalBase
{
    readonly SimulatedDisk _disk;
    readonly DiskSession _session;
    readonly ReplayFilterMode _filterMode;
    readonly int _filterWindow;
    readonly int _filterOldWriters;

    // Replies leave in the order of the requests, whoever made them: AsyncWriteJournal's resequencer does the same.
    readonly Queue<PendingWrite> _inOrder = new();

    /// <summary>Called by Akka.Persistence.</summary>
    public SimulatedJournal(Config config)
    {
        _disk = SimulatedDiskSetup.DiskOf(Context.System);
        _session = _disk.Connect(config.GetTimeSpan("circuit-breaker.call-timeout", TimeSpan.FromSeconds(10)));
        _filterMode = FilterMode(config.GetString("replay-filter.mode", ""));
        _filterWindow = config.GetInt("replay-filter.window-size", 100);
        _filterOldWriters = config.GetInt("replay-filter.max-old-writers", 10);
    }

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case WriteMessages request:
                Write(request);
                return true;
            case WriteEnded { Write: var write, Result: var result }:
                write.Result = result;
                ReplyInOrder();
                return true;
            case ReplayMessages request:
                Replay(request);
                return true;
            case ReplayRead read:
                Replay(read);
                return true;
            case DeleteMessagesTo request:
                var self = Self;
                _session.DeleteTo(request.PersistenceId, request.ToSequenceNr, failure => self.Tell(new DeletionEnded(request, failure), ActorRefs.NoSender));
                return true;
            case DeletionEnded { Request: var request, Failure: var failure }:
                request.PersistentActor.Tell(
                    failure is null ? new DeleteMessagesSuccess(request.ToSequenceNr) : new DeleteMessagesFailure(failure, request.ToSequenceNr), Self);
                return true;
            case CheckJournalHealth:
                Sender.Tell(new JournalHealthCheckResponse(new PersistenceHealthCheckResult(PersistenceHealthStatus.Healthy, "Simulated.")));
                return true;
            default:
                return false;
        }
    }

    void Write(WriteMessages request)
    {
        var write = new PendingWrite(request);
        _inOrder.Enqueue(write);
        List<AtomicWrite> prepared;
        try
        {
            prepared = [.. PreparePersistentBatch(request.Messages)];
        }
        catch (Exception broken)
        {
            // An event adapter threw: for AsyncWriteJournal that is a failed write.
            write.Result = WriteResult.Failed(broken);
            ReplyInOrder();
            return;
        }

        if (prepared.Count == 0)
        {
            // Nothing but deferred handlers, which only wait for their turn.
            write.Result = WriteResult.Stored;
            ReplyInOrder();
            return;
        }

        var self = Self;
        _session.Write(prepared[0].PersistenceId, [.. prepared.Select(Serialized)], result => self.Tell(new WriteEnded(write, result), ActorRefs.NoSender));
    }

    NewAtomicWrite Serialized(AtomicWrite write)
    {
        try
        {
            return new NewAtomicWrite([.. ((IEnumerable<IPersistentRepresentation>)write.Payload).Select(Serialized)], null);
        }
        catch (Exception broken)
        {
            // What cannot be written in bytes is rejected, as by Akka.Persistence.Sql.
            return new NewAtomicWrite([], broken);
        }
    }

    NewEvent Serialized(IPersistentRepresentation persistent)
    {
        // Tags are for queries, which this journal has none of; databases keep them apart from the event as well.
        var payload = persistent.Payload is Tagged tagged ? tagged.Payload : persistent.Payload;
        var stored = _disk.KeepsObjects ? StoredPayload.AsObject(payload) : StoredPayload.AsBytes(Context.System, payload);
        return new NewEvent(
            new StoredEvent(persistent.SequenceNr, persistent.WriterGuid, Context.System.Scheduler.Now.UtcTicks, persistent.Manifest, stored), payload);
    }

    void ReplyInOrder()
    {
        while (_inOrder.TryPeek(out var write) && write.Result is { } result)
        {
            _inOrder.Dequeue();
            Reply(write.Request, result);
        }
    }

    void Reply(WriteMessages request, WriteResult result)
    {
        var actor = request.PersistentActor;
        if (result.Failure is { } failure) actor.Tell(new WriteMessagesFailed(failure, request.Messages.Count(message => message is AtomicWrite)), Self);
        else actor.Tell(WriteMessagesSuccessful.Instance, Self);

        var atomicWrite = 0;
        foreach (var message in request.Messages)
        {
            if (message is not AtomicWrite write)
            {
                actor.Tell(new LoopMessageSuccess(message.Payload, request.ActorInstanceId), message.Sender);
                continue;
            }

            var rejection = result.Rejections?[atomicWrite++];
            foreach (var persistent in (IEnumerable<IPersistentRepresentation>)write.Payload)
                actor.Tell(ReplyTo(persistent, request.ActorInstanceId, result.Failure, rejection), persistent.Sender);
        }
    }

    static IJournalResponse ReplyTo(IPersistentRepresentation persistent, int instance, Exception? failure, Exception? rejection)
    {
        if (failure is not null) return new WriteMessageFailure(persistent, failure, instance);
        return rejection is not null ? new WriteMessageRejected(persistent, rejection, instance) : new WriteMessageSuccess(persistent, instance);
    }

    void Replay(ReplayMessages request)
    {
        var receiver = Filtered(request.PersistentActor);
        var self = Self;
        _session.Read(
            request.PersistenceId,
            request.FromSequenceNr,
            request.ToSequenceNr,
            request.Max,
            result => self.Tell(new ReplayRead(request.PersistenceId, receiver, result), ActorRefs.NoSender));
    }

    void Replay(ReplayRead read)
    {
        var outcome = read.Result.Failure is { } failure ? new ReplayMessagesFailure(failure) : (object)new RecoverySuccess(read.Result.HighestSequenceNr);
        try
        {
            foreach (var persistent in read.Result.Events.Select(stored => Persistent(read.PersistenceId, stored)).SelectMany(AdaptFromJournal))
                read.Receiver.Tell(new ReplayedMessage(persistent), ActorRefs.NoSender);
        }
        catch (Exception unreadable)
        {
            outcome = new ReplayMessagesFailure(unreadable);
        }

        read.Receiver.Tell(outcome, Self);
    }

    Persistent Persistent(string persistenceId, StoredEvent stored) => new(
        stored.Payload.Read(Context.System), stored.SequenceNr, persistenceId, stored.AdapterManifest, false, ActorRefs.NoSender, stored.Writer, stored.Timestamp);

    // Akka's own filter, a child of the journal for each replay, as AsyncWriteJournal has it.
    IActorRef Filtered(IActorRef persistentActor) => _filterMode == ReplayFilterMode.Disabled
        ? persistentActor
        : Context.ActorOf(Props.Create(typeof(ReplayFilter), persistentActor, _filterMode, _filterWindow, _filterOldWriters, false));

    static ReplayFilterMode FilterMode(string mode) => mode.ToLowerInvariant() switch
    {
        "off" => ReplayFilterMode.Disabled,
        "fail" => ReplayFilterMode.Fail,
        "warn" => ReplayFilterMode.Warn,
        "repair-by-discard-old" => ReplayFilterMode.RepairByDiscardOld,
        _ => throw new ConfigurationException(
            $"{Context.Self.Path.Name}.replay-filter.mode = \"{mode}\" is none of off, fail, warn, repair-by-discard-old."),
    };

    /// <summary>A request whose replies wait for their turn.</summary>
    sealed class PendingWrite(WriteMessages request)
    {
        public WriteMessages Request { get; } = request;

        public WriteResult? Result { get; set; }
    }

    sealed record WriteEnded(PendingWrite Write, WriteResult Result) : INoSerializationVerificationNeeded;

    sealed record ReplayRead(string PersistenceId, IActorRef Receiver, ReadResult Result) : INoSerializationVerificationNeeded;

    sealed record DeletionEnded(DeleteMessagesTo Request, Exception? Failure) : INoSerializationVerificationNeeded;
}
