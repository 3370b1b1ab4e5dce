namespace AkkaRaft.TestKit.Storage;

/// <summary>
/// Something that a plug-in asked of the disk and that takes its time. It is answered once, by its end or by the call's time-out; when the time-out came first,
/// it still goes on and ends on the disk.
/// </summary>
internal abstract class DiskOperation(DiskSession session, string lane)
{
    public DiskSession Session { get; } = session;

    /// <summary>Operations of one lane take effect in the order in which they were asked for.</summary>
    public string Lane { get; } = lane;

    public TimeSpan Started { get; init; }

    /// <summary>Its own time has passed; it may have to wait for others still.</summary>
    public bool IsReady { get; set; }

    public bool IsAnswered { get; private set; }

    protected SimulatedDisk Disk => Session.Disk;

    /// <summary>Takes effect, and answers unless the time-out has answered before.</summary>
    public void End()
    {
        var answer = TakeEffect();
        if (IsAnswered || Session.IsDead) return;
        IsAnswered = true;
        answer();
    }

    /// <summary>The plug-in no longer waits.</summary>
    public void TimeOut(TimeSpan after)
    {
        IsAnswered = true;
        Disk.Counters.TimedOut++;
        AnswerFailure(new TimeoutException(
            $"The simulated disk did not end the call within {after} (circuit-breaker.call-timeout). Whether it takes effect is not known."));
    }

    /// <summary>The node crashes while this is under way.</summary>
    /// <param name="mayBeKept">False when an earlier operation of the lane was cut short: nothing after it can be on disk.</param>
    /// <returns>Whether it took effect whole; the lane's later ones may then have as well.</returns>
    public virtual bool Crash(bool mayBeKept) => mayBeKept;

    protected abstract Action TakeEffect();

    protected abstract void AnswerFailure(Exception cause);
}

/// <summary>How a write ended: with nothing, with a failure of all, or with some of its atomic writes rejected.</summary>
/// <param name="Failure">Nothing is known of any of it.</param>
/// <param name="Rejections">One for each atomic write, null for those that are stored; null when none was rejected.</param>
internal sealed record WriteResult(Exception? Failure, IReadOnlyList<Exception?>? Rejections)
{
    public static readonly WriteResult Stored = new(null, null);

    public static WriteResult Failed(Exception cause) => new(cause, null);
}

/// <summary>An event to be written.</summary>
internal readonly record struct NewEvent(StoredEvent Stored, object Payload);

/// <summary>Events that are stored all or not at all.</summary>
/// <param name="Events">In order.</param>
/// <param name="Rejection">Why they are not to be stored; null when they are.</param>
internal sealed record NewAtomicWrite(IReadOnlyList<NewEvent> Events, Exception? Rejection);

/// <summary>Writes a batch of atomic writes of one persistence id.</summary>
internal sealed class WriteOperation(
    DiskSession session, string persistenceId, IReadOnlyList<NewAtomicWrite> writes, (bool Fails, int Stored) fate, Action<WriteResult> answer)
    : DiskOperation(session, JournalLane(persistenceId))
{
    // A rejected one is refused before anything is written.
    readonly List<NewAtomicWrite> _accepted = [.. writes.Where(write => write.Rejection is null)];

    public static string JournalLane(string persistenceId) => "journal " + persistenceId;

    public override bool Crash(bool mayBeKept)
    {
        var drawn = Disk.Dice.KeptByCrash(Disk.Faults, _accepted.Count);
        if (_accepted.Count == 0) return mayBeKept;
        var kept = mayBeKept && Conflict() is null ? drawn : 0;
        Store(kept);
        if (kept == _accepted.Count) Disk.Counters.KeptWhole++;
        else if (kept > 0) Disk.Counters.KeptPrefix++;
        else Disk.Counters.Lost++;
        return kept == _accepted.Count;
    }

    protected override Action TakeEffect()
    {
        var result = Write();
        return () => answer(result);
    }

    protected override void AnswerFailure(Exception cause) => answer(WriteResult.Failed(cause));

    WriteResult Write()
    {
        if (Conflict() is { } conflict)
        {
            Disk.Counters.Conflicts++;
            return WriteResult.Failed(conflict);
        }

        if (!fate.Fails)
        {
            Store(_accepted.Count);
            return _accepted.Count == writes.Count ? WriteResult.Stored : new WriteResult(null, [.. writes.Select(write => write.Rejection)]);
        }

        var stored = Math.Min(fate.Stored, _accepted.Count);
        Store(stored);
        Disk.Counters.Failed++;
        if (stored > 0) Disk.Counters.FailedButStored++;
        return WriteResult.Failed(new IOException($"The simulated disk failed to write events of {persistenceId}. They may be on disk all the same."));
    }

    // Databases have a unique index on persistence id and sequence number: of two writers one is refused, whole batch and all.
    IOException? Conflict()
    {
        foreach (var added in _accepted.SelectMany(write => write.Events))
        {
            if (Disk.Contents.Holds(persistenceId, added.Stored.SequenceNr))
                return new IOException($"Event {added.Stored.SequenceNr} of {persistenceId} is on disk already: another writer wrote it. Nothing of this write was stored.");
        }

        return null;
    }

    void Store(int count)
    {
        foreach (var added in _accepted.Take(count).SelectMany(write => write.Events))
        {
            Disk.Contents.Add(persistenceId, added.Stored);
            Disk.Counters.Events++;
            Disk.Counters.Bytes += added.Stored.Payload.Size;
            Disk.EventStored?.Invoke(persistenceId, added.Stored.SequenceNr, added.Payload);
        }
    }
}

/// <summary>What a recovery's read found.</summary>
/// <param name="Events">In order; up to the error if there was one.</param>
/// <param name="HighestSequenceNr">The highest ever stored.</param>
/// <param name="Failure">The read broke off.</param>
internal sealed record ReadResult(IReadOnlyList<StoredEvent> Events, long HighestSequenceNr, Exception? Failure);

/// <summary>Reads events. It waits for what is being written of the same id, as Akka.Persistence.Sql does: a recovery never overtakes a write.</summary>
internal sealed class ReadOperation(
    DiskSession session, string persistenceId, long from, long to, long max, (bool Fails, double After) fate, Action<ReadResult> answer)
    : DiskOperation(session, WriteOperation.JournalLane(persistenceId))
{
    protected override Action TakeEffect()
    {
        var result = Read();
        return () => answer(result);
    }

    protected override void AnswerFailure(Exception cause) => answer(new ReadResult([], 0, cause));

    ReadResult Read()
    {
        var events = Disk.Contents.Read(persistenceId, from, to, max);
        var highest = Disk.Contents.HighestSequenceNr(persistenceId);
        if (!fate.Fails) return new ReadResult(events, highest, null);
        Disk.Counters.ReadErrors++;
        var read = (int)(fate.After * (events.Count + 1));
        return new ReadResult([.. events.Take(read)], highest, new IOException($"The simulated disk failed to read {persistenceId} after {read} events."));
    }
}

/// <summary>Reads the newest snapshot that fits.</summary>
internal sealed class LoadOperation(
    DiskSession session, string persistenceId, Predicate<Akka.Persistence.SnapshotMetadata> fits, bool fails, Action<StoredSnapshot?, Exception?> answer)
    : DiskOperation(session, ChangeOperation.SnapshotLane(persistenceId))
{
    protected override Action TakeEffect()
    {
        if (fails)
        {
            Disk.Counters.ReadErrors++;
            return () => AnswerFailure(new IOException($"The simulated disk failed to read a snapshot of {persistenceId}."));
        }

        var found = Disk.Contents.Load(persistenceId, fits);
        return () => answer(found, null);
    }

    protected override void AnswerFailure(Exception cause) => answer(null, cause);
}

/// <summary>A change that is made whole or not at all: saving a snapshot, deleting.</summary>
internal sealed class ChangeOperation(
    DiskSession session, string lane, string what, Action change, (bool Fails, int Stored) fate, Action<Exception?> answer) : DiskOperation(session, lane)
{
    public static string SnapshotLane(string persistenceId) => "snapshots " + persistenceId;

    public override bool Crash(bool mayBeKept)
    {
        var drawn = Disk.Dice.KeptByCrash(Disk.Faults, 1) > 0;
        var kept = mayBeKept && drawn;
        if (kept) change();
        if (kept) Disk.Counters.KeptWhole++;
        else Disk.Counters.Lost++;
        return kept;
    }

    protected override Action TakeEffect()
    {
        if (!fate.Fails || fate.Stored > 0) change();
        if (!fate.Fails) return () => answer(null);
        Disk.Counters.Failed++;
        if (fate.Stored > 0) Disk.Counters.FailedButStored++;
        return () => AnswerFailure(new IOException($"The simulated disk failed to {what}. It may have happened all the same."));
    }

    protected override void AnswerFailure(Exception cause) => answer(cause);
}
