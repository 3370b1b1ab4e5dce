using Akka.Actor;
using Akka.Persistence;
using AkkaRaft.Consensus;
using AkkaRaft.Protocol;

namespace AkkaRaft.Journals;

/// <summary>
/// Keeps a node's snapshots (Raft 7) as rows in a snapshot-store plug-in: those it takes, those a leader sends, and reads them for the state machine and for peers. The
/// rows of a snapshot are stored first and named by the directory last, so that half of one is never visible (B60); the directory is one row, the newest counts.
/// </summary>
internal sealed class SnapshotStore : UntypedActor, IWithTimers
{
    /// <summary>The most rows, and bytes of them, that are deleted at once: other requests go between.</summary>
    const int MaxRowsDeleted = 16;
    const int MaxBytesDeleted = 2 * 1024 * 1024;

    /// <summary>Snapshots that clients read: each takes room for as long as it is read.</summary>
    const int MaxLent = 2;

    /// <summary>How long one stays that a client has begun to read and does not go on with.</summary>
    static readonly TimeSpan LentFor = TimeSpan.FromSeconds(30);

    readonly string _id;
    readonly SnapshotOptions _options;
    readonly SlotDirectory _directory = new();
    readonly HashSet<int> _cleaning = [];
    readonly List<SnapshotName> _lent = [];

    SnapshotPlugin _plugin = null!;
    SlotReader _reader = null!;
    (SnapshotMark At, SlotWriter Slot, IActorRef Writer)? _taking;
    (TransferId Transfer, StoredSnapshot Snapshot, SlotWriter Slot)? _receiving;
    bool _finishing;

    public SnapshotStore(ClusterId cluster, GroupId group, NodeId node, SnapshotOptions options)
    {
        _id = PersistenceIdOf(cluster, group, node);
        _options = options;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ClusterId cluster, GroupId group, NodeId node, SnapshotOptions options) =>
        Akka.Actor.Props.Create(typeof(SnapshotStore), cluster, group, node, options);

    /// <summary>The name under which the directory is stored, for ever; the rows of a slot follow under it.</summary>
    public static string PersistenceIdOf(ClusterId cluster, GroupId group, NodeId node) => $"raft/{cluster}/{group}/{node}/snapshots";

    protected override void PreStart()
    {
        try
        {
            _plugin = new SnapshotPlugin(Persistence.Instance.Apply(Context.System).SnapshotStoreFor(_options.PluginId), Self, _options.Time);
        }
        catch (Exception cause)
        {
            Fail($"The snapshot-store plug-in \"{_options.PluginId}\" of {_id} could not be started", cause);
            Context.Stop(Self);
            return;
        }

        _reader = new SlotReader(_plugin, SlotId);
        _plugin.Load(_id, long.MaxValue, OnDirectory);
    }

    // A user's code makes the bytes of a snapshot: whatever it throws concerns that snapshot alone, and the writer has told it.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void OnReceive(object message)
    {
        if (_plugin.OnMessage(message))
        {
            EndIfFinished();
            return;
        }

        switch (message)
        {
            case FinishJournal:
                // Its answer is waited for: what the plug-in is still writing would else come into the node's next life.
                _finishing = true;
                _plugin.Close();
                EndIfFinished();
                break;
            case not null when _finishing:
                break;
            case WriteSnapshot write:
                Take(write);
                break;
            case SnapshotWriter.Piece piece:
                OnPiece(piece);
                break;
            case SnapshotWriter.ContentFailed failed:
                if (IsWriter(Sender)) NotTaken("its bytes could not be made", failed.Cause);
                break;
            case RetainSnapshots retain:
                Retain(retain.Kept);
                break;
            case SendSnapshotChunk send:
                Send(send);
                break;
            case BeginReceiving begin:
                Begin(begin);
                break;
            case StoreSnapshotChunk chunk:
                Store(chunk);
                break;
            case AbandonReceiving abandon:
                if (_receiving is { } receiving && receiving.Transfer == abandon.Transfer) Abandon();
                break;
            case BeginReading begin:
                _directory.Hold(begin.Snapshot.Last);
                break;
            case EndReading end:
                _directory.Release(end.Last);
                Clean();
                break;
            case ReadRow read:
                Read(read, Sender);
                break;
            case LendSnapshot lend:
                Lend(lend.Snapshot);
                break;
            case ReadSnapshotPiece read:
                Read(read);
                break;
            case LoanOver over:
                TakeBack(over.Snapshot);
                break;
            case DeleteMoreRows more:
                DeleteRows(more.Slot, more.Deleted, more.Rows, null);
                break;
            default:
                Unhandled(message!);
                break;
        }
    }

    // ----- The directory -----

    void OnDirectory(SelectedSnapshot? found, Exception? cause)
    {
        if (cause is not null)
        {
            if (IsDamage(cause)) Unreadable($"the directory of snapshots {_id}", cause);
            else Fail($"The directory of snapshots {_id} could not be read from the plug-in \"{_options.PluginId}\"", cause);
            return;
        }

        if (found is not null && found.Snapshot is not SnapshotDirectory)
        {
            Unreadable($"the directory of snapshots {_id}", new InvalidDataException($"row {found.Metadata.SequenceNr} is a {found.Snapshot?.GetType().Name ?? "null"}"));
            return;
        }

        _directory.Recover((SnapshotDirectory?)found?.Snapshot);
        Context.Parent.Tell(new SnapshotsRecovered(_directory.Newest?.Snapshot), Self);
        if (_directory.HasGarbage) Save(_ => { });
    }

    /// <summary>Stores the directory as it is now; what it does not name any more goes after that.</summary>
    void Save(Action<Exception?> done)
    {
        var (directory, covers) = _directory.NextVersion();
        _plugin.Save(_id, directory.Version, directory, failure =>
        {
            if (failure is not null) Trouble($"the directory of snapshots {_id} could not be stored", failure);
            else
            {
                _directory.Stored(covers);
                _plugin.DeleteTo(_id, directory.Version - 1, _ => { });   // else with the next one
            }

            done(failure);
            Clean();
        });
    }

    void Clean()
    {
        foreach (var slot in _directory.Deletable)
        {
            if (_cleaning.Add(slot)) _reader.Count(slot, (rows, failure) => DeleteRows(slot, 0, failure is null ? rows : 0, failure));
        }
    }

    void DeleteRows(int slot, int deleted, int rows, Exception? failure)
    {
        if (failure is not null) Trouble($"rows of {SlotId(slot)}, which nobody needs, could not be deleted; they take room until that is tried again", failure);
        if (failure is not null || deleted >= rows)
        {
            _cleaning.Remove(slot);
            if (failure is null) _directory.Deleted(slot);
            return;
        }

        var next = Math.Min(rows, deleted + Math.Clamp(MaxBytesDeleted / _options.RowBytes, 1, MaxRowsDeleted));
        _plugin.DeleteTo(SlotId(slot), next, cause =>
        {
            // What is deleted may have to be read from the disk that the log is written to: it goes no faster than a snapshot is written.
            var wait = TimeSpan.FromSeconds((double)(next - deleted) * _options.RowBytes / _options.WriteRate);
            if (cause is null && next < rows && wait > TimeSpan.FromMilliseconds(5)) Timers.StartSingleTimer(slot, new DeleteMoreRows(slot, next, rows), wait);
            else DeleteRows(slot, next, rows, cause);
        });
    }

    void Retain(IReadOnlyList<EntryId> kept)
    {
        if (_directory.Retain(kept)) Save(_ => { });
    }

    // ----- Taking -----

    void Take(WriteSnapshot write)
    {
        Invariant.Holds(_taking is null);
        var slot = new SlotWriter(_directory.Open(), _options.RowBytes);
        _taking = (write.At, slot, ActorRefs.Nobody);
        Save(failure =>
        {
            if (_taking?.Slot != slot) return;
            if (failure is not null) NotTaken("its place could not be made", failure);
            else _taking = (write.At, slot, Context.ActorOf(SnapshotWriter.Props(write.Content, _options)));
        });
    }

    void OnPiece(SnapshotWriter.Piece piece)
    {
        if (!IsWriter(Sender)) return;
        var (at, slot, writer) = _taking!.Value;
        StoreRows(slot, slot.Add(piece.Bytes), piece.IsLast, failure =>
        {
            if (failure is not null) NotTaken("a row of it could not be stored", failure);
            else if (!piece.IsLast) writer.Tell(SnapshotWriter.PieceTaken.Instance, Self);
            else if (slot.Length == 0) NotTaken("it has no bytes", null);
            else Commit(slot, at, committed => OnTaken(at, slot, committed));
        });
    }

    void OnTaken(SnapshotMark at, SlotWriter slot, Exception? failure)
    {
        if (failure is not null)
        {
            NotTaken("the directory that names it could not be stored", failure);
            return;
        }

        EndTaking();
        Tell(new SnapshotTaken(slot.ToSlot(at).Snapshot));
    }

    void NotTaken(string why, Exception? cause)
    {
        if (_taking is not { } taking) return;
        Trouble($"the snapshot at {taking.At.Last} was not stored: {why}", cause, taking.At.Last);
        _directory.Discard(taking.Slot.Slot);
        EndTaking();
        Tell(new SnapshotFailed(taking.At));
    }

    void EndTaking()
    {
        _taking!.Value.Slot.End();
        Context.Stop(_taking.Value.Writer);
        _taking = null;
    }

    bool IsWriter(IActorRef sender) => _taking is { } taking && sender.Equals(taking.Writer);

    // ----- Receiving -----

    void Begin(BeginReceiving begin)
    {
        if (_receiving is not null) Abandon();
        _receiving = (begin.Transfer, begin.Snapshot, new SlotWriter(_directory.Open(), _options.RowBytes));
        Save(failure =>
        {
            if (failure is not null && _receiving?.Transfer == begin.Transfer) NotReceived("its place could not be made", failure);
        });
    }

    void Store(StoreSnapshotChunk chunk)
    {
        if (_receiving is not { } receiving || receiving.Transfer != chunk.Transfer) return;
        var slot = receiving.Slot;
        Invariant.Holds(chunk.Offset == slot.Length);
        var before = slot.Taken;
        var rows = slot.Add(chunk.Bytes);
        var isLast = slot.Length == receiving.Snapshot.Length;
        StoreRows(slot, rows, isLast, failure =>
        {
            if (_receiving?.Slot != slot) return;
            if (failure is not null) NotReceived("a row of it could not be stored", failure);
            else if (isLast && slot.IsStored) OnAllStored(receiving);
            else if (slot.Taken > before) Tell(new SnapshotChunkStored(receiving.Transfer, slot.Taken));
        });
    }

    void OnAllStored((TransferId Transfer, StoredSnapshot Snapshot, SlotWriter Slot) receiving)
    {
        if (receiving.Slot.Checksum != receiving.Snapshot.Checksum)
        {
            NotReceived($"its bytes have the checksum {receiving.Slot.Checksum:x16}, and the leader's have {receiving.Snapshot.Checksum:x16}", null);
            return;
        }

        // From here on it is finished whoever leads meanwhile: what is in the store must be what the node knows.
        _receiving = null;
        Commit(receiving.Slot, receiving.Snapshot.Mark, failure =>
        {
            if (failure is null)
            {
                Tell(new SnapshotReceived(receiving.Transfer, receiving.Snapshot));
                return;
            }

            _directory.Discard(receiving.Slot.Slot);
            Trouble($"the snapshot at {receiving.Snapshot.Last} that a leader sent was not stored: the directory that names it could not be", failure, receiving.Snapshot.Last);
            Tell(new SnapshotNotReceived(receiving.Transfer));
        });
    }

    void NotReceived(string why, Exception? cause)
    {
        var transfer = _receiving!.Value.Transfer;
        var last = _receiving.Value.Snapshot.Last;
        Trouble($"the snapshot at {last} that a leader sends was not stored: {why}", cause, last);
        Abandon();
        Tell(new SnapshotNotReceived(transfer));
    }

    void Abandon()
    {
        var slot = _receiving!.Value.Slot;
        _receiving = null;
        slot.End();
        _directory.Discard(slot.Slot);
    }

    // ----- Rows -----

    void StoreRows(SlotWriter slot, IEnumerable<SnapshotChunk> rows, bool isLast, Action<Exception?> done)
    {
        var all = rows.ToList();
        if (isLast && slot.Finish() is { } last) all.Add(last);
        if (all.Count == 0)
        {
            done(null);
            return;
        }

        for (var place = 0; place < all.Count; place++)
        {
            var row = all[place];
            _plugin.Save(SlotId(slot.Slot), row.Number, row, failure =>
            {
                if (slot.IsOver) return;
                if (failure is null) slot.Stored(row);
                else slot.End();
                if (failure is not null || ReferenceEquals(row, all[^1])) done(failure);
            });
        }
    }

    void Commit(SlotWriter slot, SnapshotMark mark, Action<Exception?> done)
    {
        _directory.Name(slot.ToSlot(mark));
        Save(done);
    }

    // ----- Reading -----

    void Send(SendSnapshotChunk send)
    {
        var self = Self;
        var parent = Context.Parent;
        if (_directory.Find(send.Message.Snapshot) is not { } slot)
        {
            Tell(new SnapshotGone(send.To, send.Message.Transfer));
            return;
        }

        _reader.Read(slot, send.Message.Offset, send.Length, (bytes, cause) =>
        {
            if (cause is null) parent.Tell(new SnapshotChunkRead(send.To, send.Message with { Bytes = bytes }), self);
            else if (_directory.Find(send.Message.Snapshot) is null) Tell(new SnapshotGone(send.To, send.Message.Transfer));
            else if (IsDamage(cause)) Unreadable($"the snapshot at {slot.Snapshot.Last}, {SlotId(slot.Number)}", cause);
            else Trouble($"a piece of the snapshot at {slot.Snapshot.Last} could not be read; it is tried again", cause);   // as if it had been lost on the way
        });
    }

    void Read(ReadRow read, IActorRef machine)
    {
        var self = Self;
        if (_directory.Find(read.Last) is not { } slot)
        {
            Unreadable($"the snapshot at {read.Last}", new InvalidDataException("it is not in the directory"));
            return;
        }

        if (read.Number > slot.Chunks)
        {
            machine.Tell(new RowRead(default), self);
            return;
        }

        _reader.ReadRow(slot, read.Number, (row, cause) =>
        {
            if (cause is null) machine.Tell(new RowRead(row), self);
            else if (IsDamage(cause)) Unreadable($"the snapshot at {slot.Snapshot.Last}, {SlotId(slot.Number)}", cause);
            else Fail($"Row {read.Number} of {SlotId(slot.Number)} could not be read from the plug-in \"{_options.PluginId}\"", cause);
        });
    }

    // ----- Lending -----

    /// <summary>It stays until nobody has asked for a piece of it for a while, whatever newer ones come. The one that was asked for longest ago makes room.</summary>
    void Lend(SnapshotName snapshot)
    {
        if (_directory.Find(snapshot) is null) return;
        if (!_lent.Remove(snapshot))
        {
            if (_lent.Count == MaxLent) TakeBack(_lent[0]);
            _directory.Hold(snapshot.Last);
        }

        _lent.Add(snapshot);
        var over = new LoanOver(snapshot);
        Timers.StartSingleTimer(over, over, LentFor);
    }

    void TakeBack(SnapshotName snapshot)
    {
        if (!_lent.Remove(snapshot)) return;
        Timers.Cancel(new LoanOver(snapshot));
        _directory.Release(snapshot.Last);
        if (_directory.HasGarbage) Save(_ => { });
        else Clean();
    }

    void Read(ReadSnapshotPiece read)
    {
        var self = Self;
        var parent = Context.Parent;
        var name = read.Request.Snapshot;
        Lend(name);
        if (_directory.Find(name) is not { } slot)
        {
            parent.Tell(new SnapshotPieceRead(read.Client, read.Request, null), self);
            return;
        }

        _reader.Read(slot, read.Request.Offset, (int)Math.Min(read.Length, name.Length - read.Request.Offset), (bytes, cause) =>
        {
            if (cause is null) parent.Tell(new SnapshotPieceRead(read.Client, read.Request, bytes), self);
            else if (_directory.Find(name) is null) parent.Tell(new SnapshotPieceRead(read.Client, read.Request, null), self);
            else if (IsDamage(cause)) Unreadable($"the snapshot at {slot.Snapshot.Last}, {SlotId(slot.Number)}", cause);
            else Trouble($"a piece of the snapshot at {slot.Snapshot.Last} could not be read for a backup; it is tried again when it is asked for again", cause);
        });
    }

    // ----- What the node is told -----

    string SlotId(int slot) => $"{_id}/{slot}";

    // A plug-in that cannot make an object of a row's bytes says so in its own words; anything else may be a trouble that passes.
    static bool IsDamage(Exception cause) => cause is System.Runtime.Serialization.SerializationException or InvalidDataException
        || (cause.InnerException is { } inner && IsDamage(inner));

    void Tell(Input input) => Context.Parent.Tell(new Written(input), Self);

    void Trouble(string what, Exception? cause, EntryId? snapshot = null) => Context.Parent.Tell(new SnapshotTrouble(what, cause, snapshot), Self);

    void Unreadable(string what, Exception cause) => Context.Parent.Tell(
        new SnapshotUnreadable($"{what} in {_options.Place} cannot be read: {cause.Message}", cause), Self);

    void Fail(string what, Exception cause) => Context.Parent.Tell(new JournalFailed(JournalKind.Snapshots, what, cause), Self);

    void EndIfFinished()
    {
        if (_finishing && !_plugin.IsBusy) Context.Stop(Self);
    }

    /// <summary>The store to itself: more of a slot may be deleted now.</summary>
    sealed record DeleteMoreRows(int Slot, int Deleted, int Rows) : INoSerializationVerificationNeeded;
}
