using System.IO.Hashing;
using System.Text;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.TestKit.Invariants;

namespace AkkaRaft.Simulation.Tests.Invariants;

/// <content>Snapshots, on disk and in memory.</content>
internal sealed partial class World
{
    const int ChunkBytes = 4;

    long _directory;
    int _slot;

    /// <summary>The snapshot of an entry, and its bytes.</summary>
    public StoredSnapshot Snapshot(EntryId last, Configuration? voters = null) =>
        new(new SnapshotMark(last, voters ?? Voters), Bytes(last).Length, XxHash64.HashToUInt64(Bytes(last)));

    public StoredSnapshot Snapshot(long index, long term, Configuration? voters = null) => Snapshot(Entry(index, term), voters);

    /// <summary>A node's disk gets a snapshot: its chunks first, then a directory with it and with those that were there.</summary>
    /// <param name="node">Which.</param>
    /// <param name="snapshot">Which.</param>
    /// <param name="without">A chunk that is missing; 0 for none.</param>
    public World StoresSnapshot(int node, StoredSnapshot snapshot, int without = 0)
    {
        var rows = this[node].Disk.Snapshots;
        _slot++;
        var pieces = Bytes(snapshot.Last).Chunk(ChunkBytes).ToList();
        for (var number = 1; number <= pieces.Count; number++)
        {
            if (number == without) continue;
            rows.Store(_slot, number, new SnapshotChunk(number, pieces[number - 1], Crc32.HashToUInt32(pieces[number - 1])));
            Tell(node);
        }

        rows.Store(++_directory, new SnapshotDirectory(_directory, [.. rows.Slots, new SnapshotSlot(_slot, snapshot, pieces.Count, ChunkBytes)]));
        return Tell(node);
    }

    /// <summary>A directory without all the others.</summary>
    public World Keeps(int node, params EntryId[] kept)
    {
        var rows = this[node].Disk.Snapshots;
        rows.Store(++_directory, new SnapshotDirectory(_directory, [.. rows.Slots.Where(slot => kept.Contains(slot.Snapshot.Last))]));
        return Tell(node);
    }

    /// <summary>A chunk of the newest snapshot goes.</summary>
    public World LosesChunk(int node, long number)
    {
        this[node].Disk.Snapshots.DeleteChunk(this[node].Disk.Snapshots.Slots[^1].Number, number);
        return Tell(node);
    }

    /// <summary>The disk's log is compacted.</summary>
    public World CompactsDisk(int node, EntryId upTo)
    {
        this[node].Disk.Compact(upTo);
        return Tell(node);
    }

    /// <summary>The disk's log begins anew.</summary>
    public World RestartsDisk(int node, EntryId @base)
    {
        this[node].Disk.Restart(@base);
        return Tell(node);
    }

    /// <summary>Events of the journal are deleted.</summary>
    public World Deletes(int node, long upTo)
    {
        this[node].Disk.Delete(upTo);
        return Tell(node);
    }

    /// <summary>A node forgets its log up to here, in memory and then on disk, as after a snapshot.</summary>
    public World Compacts(int node, long index)
    {
        var log = this[node].State!.Log;
        log.CompactTo(new LogIndex(index));
        this[node].State!.Configurations.CompactTo(new LogIndex(index));
        return Wants(node, new CompactLog(log.Base)).Steps(node).CompactsDisk(node, log.Base);
    }

    /// <summary>A node takes a snapshot of what it has committed, stores it, and goes by it.</summary>
    public World TakesSnapshot(int node, long index)
    {
        var state = this[node].State!;
        state.Log.TryGetId(new LogIndex(index), out var last);
        return Hands(node, index).Wants(node, new TakeSnapshot(Snapshot(last).Mark)).StoresSnapshot(node, Snapshot(last)).Changes(node, it => it.Snapshot = Snapshot(last));
    }

    /// <summary>Committed entries go to the machine.</summary>
    public World Hands(int node, long upTo)
    {
        var state = this[node].State!;
        if (upTo <= state.Applying.Value) return this;
        var entries = state.Log.Slice(state.Applying.Next, new LogIndex(upTo), int.MaxValue, long.MaxValue);
        state.Applying = new LogIndex(upTo);
        return Wants(node, new ApplyCommitted(entries)).Steps(node);
    }

    /// <summary>A leader's snapshot is durable, and the core is told: it does what it does.</summary>
    public World Installs(int node, StoredSnapshot snapshot)
    {
        StoresSnapshot(node, snapshot);
        var effects = new Effects();
        SnapshotReceiving.OnReceived(this[node].State!, new SnapshotReceived(default, snapshot), effects);
        foreach (var effect in effects.All) Wants(node, effect);
        return Steps(node);
    }

    /// <summary>The machine has begun anew.</summary>
    public World Restores(int node, EntryId last)
    {
        _invariant.OnRestored(this[node], last, View);
        return this;
    }

    /// <summary>A node starts with this on its disk: a snapshot, and a log behind an entry.</summary>
    public World StartFrom(int node, long term, StoredSnapshot snapshot, EntryId @base, string log = "", int? vote = null)
    {
        Stores(node, term, vote);
        if (!this[node].Disk.Snapshots.Has(snapshot.Last)) StoresSnapshot(node, snapshot);
        RestartsDisk(node, @base);
        var entries = Log(log, @base.Index.Value);
        if (entries.Count > 0) Stores(node, @base, entries);
        return Joins(node, new RecoveredState(new Term(term), vote is { } v ? Id(v) : null, Voters, entries) { Base = @base, Snapshot = snapshot });
    }

    /// <summary>A machine's state is looked at.</summary>
    public World IsIn(int node, long index, string state)
    {
        _invariant.OnState(this[node], new LogIndex(index), state, View);
        return this;
    }

    World Tell(int node)
    {
        _invariant.OnStored(this[node], View);
        return this;
    }

    static byte[] Bytes(EntryId last) => Encoding.UTF8.GetBytes($"the state at {last}");
}
