using AkkaRaft.Consensus;
using AkkaRaft.Node;
using Shouldly;

namespace AkkaRaft.Tests.Consensus;

/// <summary>What survives a crash.</summary>
internal sealed class Disk
{
    public Term Term { get; set; }

    public NodeId? VotedFor { get; set; }

    /// <summary>What follows <see cref="LogBase"/>.</summary>
    public List<LogEntry> Log { get; } = [];

    /// <summary>The entry before the first one that the log journal still has.</summary>
    public EntryId LogBase { get; private set; } = EntryId.Zero;

    /// <summary>The newest snapshot. Its bytes are of no interest here: what it stands for is known.</summary>
    public StoredSnapshot? Snapshot { get; private set; }

    public EntryId Last => Log.Count == 0 ? LogBase : Log[^1].Id;

    /// <summary>The last entry of all that is durable here, in the log or in a snapshot.</summary>
    public LogIndex LastIndex => LogIndex.Max(Last.Index, Snapshot?.Last.Index ?? LogIndex.Zero);

    public void Write(PersistTerm write)
    {
        Term = write.Term;
        VotedFor = write.VotedFor;
    }

    /// <summary>One record: what is stored up to the previous entry, then the entries, then nothing.</summary>
    public void Write(AppendToLog write)
    {
        Log.RemoveAll(e => e.Index > write.Previous.Index);
        Last.ShouldBe(write.Previous, "a write follows what the journal holds");
        Log.AddRange(write.Entries);
    }

    /// <summary>The log begins anew behind a snapshot, which is durable by then.</summary>
    public void Restart(EntryId @base)
    {
        Snapshot.ShouldNotBeNull().Last.Index.ShouldBeGreaterThanOrEqualTo(@base.Index, "the snapshot is durable before the log is given up (B61)");
        Log.Clear();
        LogBase = @base;
    }

    /// <summary>A prefix of the log is deleted.</summary>
    public void Compact(LogIndex upTo)
    {
        upTo.ShouldBeLessThanOrEqualTo(Snapshot.ShouldNotBeNull().Last.Index, "only what a durable snapshot stands for is deleted (B61)");
        if (upTo <= LogBase.Index) return;
        upTo.ShouldBeLessThanOrEqualTo(Last.Index);
        LogBase = Log[(int)(upTo - LogBase.Index) - 1].Id;
        Log.RemoveAll(e => e.Index <= upTo);
    }

    /// <summary>A whole snapshot becomes visible; an older one never takes the place of a newer one (B54).</summary>
    public void Store(StoredSnapshot snapshot)
    {
        if (Snapshot is null || snapshot.Last.Index > Snapshot.Last.Index) Snapshot = snapshot;
    }

    public bool Holds(EntryId id) => id.Index > LogBase.Index
        ? id.Index <= Last.Index && Log[(int)(id.Index - LogBase.Index) - 1].Id == id || Snapshot?.Last == id
        : id.Index < LogBase.Index || id == LogBase;
}

/// <summary>A snapshot that a node is getting: the store has taken the bytes up to a place.</summary>
internal sealed record Receiving(TransferId Transfer, StoredSnapshot Snapshot, long UpTo);

/// <summary>A core, its disk, its state machine and its users, all under the test's command.</summary>
internal sealed class ClusterNode(int number, Configuration first, CoreOptions options)
{
    public int Number { get; } = number;

    public NodeId Id { get; } = Entries.Node(number);

    /// <summary>Empty for a node that waits until it is added.</summary>
    public Configuration FirstConfiguration { get; private set; } = first;

    public CoreOptions Options { get; } = options;

    public Disk Disk { get; private set; } = new();

    /// <summary>Whether nodes have storages with names, as real ones do.</summary>
    public bool HasStorage { get; init; }

    /// <summary>The name of its disk: <c>3a</c>, and <c>3b</c> once that was wiped.</summary>
    public StorageId? Storage => HasStorage ? new StorageId($"{Number}{(char)('a' + _wiped)}") : null;

    int _wiped;

    /// <summary>Null while the process is not running.</summary>
    public RaftCore? Core { get; set; }

    public NodeState State => Core.ShouldNotBeNull($"node {Number} is down").State;

    public int Starts { get; set; }

    /// <summary>Looks on, as it would at a real node.</summary>
    public INodeObserver? Observer { get; init; }

    /// <summary>The node's own monotonic clock.</summary>
    public TimeSpan Clock { get; set; } = TimeSpan.FromSeconds(10);

    public Queue<PersistTerm> TermWrites { get; } = [];

    /// <summary>What the log journal was asked for: to append, to begin anew, to delete.</summary>
    public Queue<Effect> LogWrites { get; } = [];

    /// <summary>What the state machine was asked for: to apply, to take a snapshot, to begin anew.</summary>
    public Queue<Effect> MachineWork { get; } = [];

    /// <summary>What the snapshot store was asked for: to store what the machine has taken, or pieces that a leader sent.</summary>
    public Queue<Effect> StoreWork { get; } = [];

    public Receiving? Receiving { get; set; }

    /// <summary>Its journals confirm nothing unless told to.</summary>
    public bool DiskHeld { get; set; }

    /// <summary>Its state machine applies nothing unless told to.</summary>
    public bool MachineHeld { get; set; }

    /// <summary>The process stands still: it handles nothing, and what comes waits.</summary>
    public bool Paused { get; set; }

    /// <summary>What the state machine has applied since the process started.</summary>
    public List<LogEntry> Machine { get; } = [];

    /// <summary>Proposals that are in the log and have not ended.</summary>
    public SortedDictionary<long, EntryId> WaitingProposals { get; } = [];

    /// <summary>
    /// Reads that have not ended, with what their answer must reflect: the highest index that anybody knew to be committed when they came, or, of reads of the node's
    /// own state, what they asked for.
    /// </summary>
    public SortedDictionary<long, LogIndex> WaitingReads { get; } = [];

    /// <summary>Its disk is replaced by an empty one, and it is to wait until it is added.</summary>
    public void Wipe()
    {
        Core.ShouldBeNull();
        Disk = new Disk();
        FirstConfiguration = Configuration.Empty;
        _wiped++;
    }

    public bool IsRunning => Core is not null;

    public bool IsLeader => Core is { State.Role: RaftRole.Leader };

    /// <summary>The entries that it holds in memory.</summary>
    public IEnumerable<LogEntry> Log =>
        Enumerable.Range(1, (int)(State.Log.Last.Index - State.Log.Base.Index)).Select(i => State.Log[State.Log.Base.Index + i]);
}
