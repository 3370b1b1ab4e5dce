using Akka.Persistence;

namespace AkkaRaft.TestKit.Storage;

/// <summary>
/// One plug-in's connection to the disk. It dies with its node: what an earlier life of the node asked for never answers into a later one.
/// </summary>
internal sealed class DiskSession(SimulatedDisk disk, TimeSpan callTimeout)
{
    readonly Queue<DiskOperation> _unanswered = new();
    bool _isWatching;

    public SimulatedDisk Disk { get; } = disk;

    public bool IsDead { get; private set; }

    public void Die() => IsDead = true;

    /// <param name="persistenceId">Whose.</param>
    /// <param name="writes">In order.</param>
    /// <param name="answer">Called later, unless the node crashes before.</param>
    public void Write(string persistenceId, IReadOnlyList<NewAtomicWrite> writes, Action<WriteResult> answer)
    {
        if (IsDead) return;
        Disk.Counters.Writes++;
        if (Disk.WriteBegan?.Invoke(writes.SelectMany(write => write.Events).Select(added => added.Payload)) is { } watcher) answer = watcher + answer;
        var decided = new List<NewAtomicWrite>(writes.Count);
        foreach (var write in writes)
        {
            var isRejected = Disk.Dice.IsRejected(Disk.Faults);
            var rejection = write.Rejection ?? (isRejected ? new IOException($"The simulated journal rejected events of {persistenceId}. They are not stored.") : null);
            if (rejection is not null) Disk.Counters.Rejected++;
            decided.Add(write with { Rejection = rejection });
        }

        Start(new WriteOperation(this, persistenceId, decided, Disk.Dice.Failure(Disk.Faults, decided.Count), answer) { Started = Disk.Now });
    }

    public void Read(string persistenceId, long from, long to, long max, Action<ReadResult> answer)
    {
        if (IsDead) return;
        Disk.Counters.Reads++;
        Start(new ReadOperation(this, persistenceId, from, to, max, Disk.Dice.ReadError(Disk.Faults), answer) { Started = Disk.Now });
    }

    public void DeleteTo(string persistenceId, long to, Action<Exception?> answer) => Change(
        WriteOperation.JournalLane(persistenceId), $"delete events of {persistenceId}", () => Disk.DeleteTo(persistenceId, to), answer);

    /// <param name="snapshot">As it will lie on the disk.</param>
    /// <param name="saved">What it is, for whoever looks on.</param>
    /// <param name="answer">Called later, unless the node crashes before.</param>
    public void Save(StoredSnapshot snapshot, object saved, Action<Exception?> answer) => Change(
        ChangeOperation.SnapshotLane(snapshot.Metadata.PersistenceId), $"save a snapshot of {snapshot.Metadata.PersistenceId}", () => Disk.Save(snapshot, saved), answer);

    public void Load(string persistenceId, Predicate<SnapshotMetadata> fits, Action<StoredSnapshot?, Exception?> answer)
    {
        if (IsDead) return;
        Disk.Counters.Reads++;
        Start(new LoadOperation(this, persistenceId, fits, Disk.Dice.ReadError(Disk.Faults).Fails, answer) { Started = Disk.Now });
    }

    public void DeleteSnapshots(string persistenceId, Predicate<SnapshotMetadata> which, Action<Exception?> answer) => Change(
        ChangeOperation.SnapshotLane(persistenceId),
        $"delete snapshots of {persistenceId}",
        () => Disk.DeleteSnapshots(persistenceId, which),
        answer);

    void Change(string lane, string what, Action change, Action<Exception?> answer)
    {
        if (IsDead) return;
        Start(new ChangeOperation(this, lane, what, change, Disk.Dice.Failure(Disk.Faults, 1), answer) { Started = Disk.Now });
    }

    void Start(DiskOperation operation)
    {
        DropAnswered();
        _unanswered.Enqueue(operation);
        Disk.Start(operation);
        if (_isWatching) return;
        _isWatching = true;
        Disk.After(callTimeout, TimeOutLate);
    }

    // One look at the oldest instead of an event of its own for each operation.
    void TimeOutLate()
    {
        if (IsDead) return;
        DropAnswered();
        while (_unanswered.TryPeek(out var oldest))
        {
            var left = oldest.Started + callTimeout - Disk.Now;
            if (left > TimeSpan.Zero)
            {
                Disk.After(left, TimeOutLate);
                return;
            }

            oldest.TimeOut(callTimeout);
            DropAnswered();
        }

        _isWatching = false;
    }

    void DropAnswered()
    {
        while (_unanswered.TryPeek(out var oldest) && oldest.IsAnswered) _unanswered.Dequeue();
    }
}
