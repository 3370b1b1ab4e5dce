using Akka.Persistence;

namespace AkkaRaft.TestKit.Storage;

/// <summary>
/// The disk of one node, and the databases on it. It outlives the node's crashes. An operation takes effect in one moment, after its latency; until then a crash
/// may lose it, from then on nothing does. Its answer comes after that moment, so that a crash between the two leaves what nobody was told of.
/// </summary>
/// <remarks>
/// A call's time-out answers "failed" while the operation goes on, and it may succeed later: then a recovery of the same actor waits for it, as with
/// Akka.Persistence.Sql. What is not simulated: a database server that commits after its client has died, while the next life of the client is reading.
/// </remarks>
internal sealed class SimulatedDisk(IDiskClock clock, SimulationRandom random)
{
    // In the order in which they were asked for.
    readonly List<DiskOperation> _underWay = [];
    readonly Dictionary<string, Queue<DiskOperation>> _lanes = [];
    readonly List<DiskSession> _sessions = [];
    readonly List<string> _held = [];
    int _stalls;
    int _stallEra;
    int _life;

    /// <summary>How it behaves from now on.</summary>
    public DiskFaults Faults
    {
        get;
        set => field = value.Checked();
    } = DiskFaults.None;

    public DiskCounters Counters { get; } = new();

    /// <summary>
    /// Told of each event that became durable (persistence id, sequence number, event), in the order in which they did, before anyone is told that it is.
    /// </summary>
    public Action<string, long, object>? EventStored { get; set; }

    /// <summary>Told when events were deleted (persistence id, up to which sequence number), before anyone is told that they are.</summary>
    public Action<string, long>? EventsDeleted { get; set; }

    /// <summary>Told of each snapshot that became durable (persistence id, sequence number, what was saved), before anyone is told that it is.</summary>
    public Action<string, long, object>? SnapshotStored { get; set; }

    /// <summary>Told of each snapshot that was deleted (persistence id, sequence number), before anyone is told that it is.</summary>
    public Action<string, long>? SnapshotDeleted { get; set; }

    /// <summary>
    /// Told of each write to a journal that begins, with its events; what it returns is told how the write was answered, which a crash prevents. Null while nobody
    /// wants to know.
    /// </summary>
    public Func<IEnumerable<object>, Action<WriteResult>>? WriteBegan { get; set; }

    /// <summary>Keeps objects instead of bytes: quicker, and it proves nothing about the serializers.</summary>
    public bool KeepsObjects { get; init; }

    public DiskContents Contents { get; private set; } = new();

    /// <summary>Nothing is on it any more. The node must be down.</summary>
    public void Wipe() => Contents = new DiskContents();

    /// <summary>Operations that have not taken effect yet.</summary>
    public int UnderWay => _underWay.Count;

    internal DiskDice Dice { get; } = new(random);

    internal TimeSpan Now => clock.Now;

    /// <summary>A plug-in of the node's present life.</summary>
    /// <param name="callTimeout">After how long it gives an operation up.</param>
    public DiskSession Connect(TimeSpan callTimeout)
    {
        var session = new DiskSession(this, callTimeout);
        _sessions.Add(session);
        return session;
    }

    /// <summary>The node is gone. What was under way is lost or kept, by lot; nothing of it is ever answered.</summary>
    public void Crash()
    {
        Counters.Crashes++;
        _life++;
        foreach (var session in _sessions) session.Die();
        _sessions.Clear();
        var cutShort = new HashSet<string>();
        var underWay = _underWay.ToArray();
        _underWay.Clear();
        _lanes.Clear();
        _held.Clear();
        _stalls = 0;
        foreach (var operation in underWay)
        {
            if (!operation.Crash(mayBeKept: !cutShort.Contains(operation.Lane))) cutShort.Add(operation.Lane);
        }
    }

    /// <summary>The whole disk hangs: nothing takes effect for so long.</summary>
    public void Stall(TimeSpan duration)
    {
        _stalls++;
        var era = _stallEra;
        After(duration, () =>
        {
            if (era == _stallEra) Resume();
        });
    }

    /// <summary>It hangs no longer.</summary>
    public void EndStalls()
    {
        if (_stalls == 0) return;
        _stallEra++;
        _stalls = 1;
        Resume();
    }

    internal void Start(DiskOperation operation)
    {
        var (time, isSlow) = Dice.Latency(Faults);
        if (isSlow) Counters.Slow++;
        _underWay.Add(operation);
        if (!_lanes.TryGetValue(operation.Lane, out var lane)) _lanes[operation.Lane] = lane = new Queue<DiskOperation>();
        lane.Enqueue(operation);
        After(time, () =>
        {
            operation.IsReady = true;
            Proceed(operation.Lane);
        });
    }

    /// <summary>Not done when the node crashes before.</summary>
    internal void After(TimeSpan delay, Action what)
    {
        var life = _life;
        clock.After(delay, () =>
        {
            if (life == _life) what();
        });
    }

    internal void Save(StoredSnapshot snapshot, object saved)
    {
        Contents.Save(snapshot);
        Counters.Snapshots++;
        Counters.Bytes += snapshot.Payload.Size;
        SnapshotStored?.Invoke(snapshot.Metadata.PersistenceId, snapshot.Metadata.SequenceNr, saved);
    }

    internal void DeleteTo(string persistenceId, long to)
    {
        Contents.DeleteTo(persistenceId, to);
        EventsDeleted?.Invoke(persistenceId, to);
    }

    internal void DeleteSnapshots(string persistenceId, Predicate<SnapshotMetadata> which)
    {
        foreach (var sequenceNr in Contents.DeleteSnapshots(persistenceId, which)) SnapshotDeleted?.Invoke(persistenceId, sequenceNr);
    }

    void Resume()
    {
        if (--_stalls > 0) return;
        var held = _held.ToArray();
        _held.Clear();
        foreach (var lane in held) Proceed(lane);
    }

    void Proceed(string name)
    {
        if (_stalls > 0)
        {
            _held.Add(name);
            return;
        }

        var lane = _lanes[name];
        while (lane.TryPeek(out var next) && next.IsReady)
        {
            lane.Dequeue();
            _underWay.Remove(next);
            next.End();
        }
    }
}
