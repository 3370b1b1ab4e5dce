using Akka.Persistence;

namespace AkkaRaft.TestKit.Storage;

/// <summary>An event on the disk, as a row of a journal's table.</summary>
/// <param name="SequenceNr">Unique within its persistence id.</param>
/// <param name="Writer">Which life of the persistent actor wrote it; the replay filter looks at it.</param>
/// <param name="Timestamp">Ticks of virtual time.</param>
/// <param name="AdapterManifest">What an event adapter, if any, noted for itself.</param>
/// <param name="Payload">The event.</param>
internal sealed record StoredEvent(long SequenceNr, string Writer, long Timestamp, string AdapterManifest, StoredPayload Payload);

/// <summary>A snapshot on the disk.</summary>
internal sealed record StoredSnapshot(SnapshotMetadata Metadata, StoredPayload Payload);

/// <summary>What is durable. Keyed by persistence id and never enumerated by it, for the order of a hash table differs between processes.</summary>
internal sealed class DiskContents
{
    readonly Dictionary<string, Journal> _journals = [];
    readonly Dictionary<string, List<StoredSnapshot>> _snapshots = [];

    public IReadOnlyList<StoredEvent> Events(string persistenceId) => _journals.TryGetValue(persistenceId, out var journal) ? journal.Events : [];

    public IReadOnlyList<StoredSnapshot> Snapshots(string persistenceId) => _snapshots.TryGetValue(persistenceId, out var snapshots) ? snapshots : [];

    /// <summary>The highest number ever stored; deleting does not lower it, else a recovered actor would use numbers twice.</summary>
    public long HighestSequenceNr(string persistenceId) => _journals.TryGetValue(persistenceId, out var journal) ? journal.Highest : 0;

    public bool Holds(string persistenceId, long sequenceNr) => _journals.TryGetValue(persistenceId, out var journal) && journal.Find(sequenceNr) >= 0;

    /// <summary>Whose sequence number is free.</summary>
    public void Add(string persistenceId, StoredEvent stored)
    {
        if (!_journals.TryGetValue(persistenceId, out var journal)) _journals[persistenceId] = journal = new Journal();
        journal.Events.Insert(~journal.Find(stored.SequenceNr), stored);
        journal.Highest = Math.Max(journal.Highest, stored.SequenceNr);
    }

    public IReadOnlyList<StoredEvent> Read(string persistenceId, long from, long to, long max)
    {
        if (!_journals.TryGetValue(persistenceId, out var journal)) return [];
        var first = journal.Find(from);
        if (first < 0) first = ~first;
        return [.. journal.Events.Skip(first).TakeWhile(stored => stored.SequenceNr <= to).Take((int)Math.Min(max, int.MaxValue))];
    }

    public void DeleteTo(string persistenceId, long to)
    {
        if (_journals.TryGetValue(persistenceId, out var journal)) journal.Events.RemoveAll(stored => stored.SequenceNr <= to);
    }

    public void Save(StoredSnapshot snapshot)
    {
        var id = snapshot.Metadata.PersistenceId;
        if (!_snapshots.TryGetValue(id, out var snapshots)) _snapshots[id] = snapshots = [];
        snapshots.RemoveAll(stored => stored.Metadata.SequenceNr == snapshot.Metadata.SequenceNr);
        snapshots.Add(snapshot);
    }

    /// <summary>The newest that fits.</summary>
    public StoredSnapshot? Load(string persistenceId, Predicate<SnapshotMetadata> fits) =>
        Snapshots(persistenceId).Where(stored => fits(stored.Metadata)).MaxBy(stored => stored.Metadata.SequenceNr);

    /// <returns>The sequence numbers of those that it deleted, in the order in which they were saved.</returns>
    public IReadOnlyList<long> DeleteSnapshots(string persistenceId, Predicate<SnapshotMetadata> which)
    {
        if (!_snapshots.TryGetValue(persistenceId, out var snapshots)) return [];
        var gone = snapshots.Where(stored => which(stored.Metadata)).Select(stored => stored.Metadata.SequenceNr).ToList();
        snapshots.RemoveAll(stored => which(stored.Metadata));
        return gone;
    }

    /// <summary>A bit in the middle of a snapshot's bytes is another than was written.</summary>
    /// <returns>Whether there is such a snapshot.</returns>
    public bool Damage(string persistenceId, long sequenceNr)
    {
        if (!_snapshots.TryGetValue(persistenceId, out var snapshots)) return false;
        var place = snapshots.FindIndex(stored => stored.Metadata.SequenceNr == sequenceNr);
        if (place < 0) return false;
        snapshots[place] = snapshots[place] with { Payload = snapshots[place].Payload.Damaged() };
        return true;
    }

    sealed class Journal
    {
        public List<StoredEvent> Events { get; } = [];

        public long Highest { get; set; }

        /// <summary>Its place, or the complement of where it belongs. Nearly always it belongs at the end.</summary>
        public int Find(long sequenceNr)
        {
            if (Events.Count == 0 || Events[^1].SequenceNr < sequenceNr) return ~Events.Count;
            int low = 0, high = Events.Count - 1;
            while (low <= high)
            {
                var middle = (low + high) / 2;
                if (Events[middle].SequenceNr == sequenceNr) return middle;
                if (Events[middle].SequenceNr < sequenceNr) low = middle + 1;
                else high = middle - 1;
            }

            return ~low;
        }
    }
}
