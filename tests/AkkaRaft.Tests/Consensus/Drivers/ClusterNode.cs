using AkkaRaft.Consensus;
using AkkaRaft.Node;
using Shouldly;

namespace AkkaRaft.Tests.Consensus;

/// <summary>What survives a crash.</summary>
internal sealed class Disk
{
    public Term Term { get; set; }

    public NodeId? VotedFor { get; set; }

    public List<LogEntry> Log { get; } = [];

    public EntryId Last => Log.Count == 0 ? EntryId.Zero : Log[^1].Id;

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

    public bool Holds(EntryId id) => id.Index.Value >= 1 && id.Index.Value <= Log.Count && Log[(int)id.Index.Value - 1].Id == id;
}

/// <summary>A core, its disk, its state machine and its users, all under the test's command.</summary>
internal sealed class ClusterNode(int number, Configuration first, CoreOptions options)
{
    public int Number { get; } = number;

    public NodeId Id { get; } = Entries.Node(number);

    public Configuration FirstConfiguration { get; } = first;

    public CoreOptions Options { get; } = options;

    public Disk Disk { get; } = new();

    /// <summary>Null while the process is not running.</summary>
    public RaftCore? Core { get; set; }

    public NodeState State => Core.ShouldNotBeNull($"node {Number} is down").State;

    public int Starts { get; set; }

    /// <summary>Looks on, as it would at a real node.</summary>
    public INodeObserver? Observer { get; init; }

    /// <summary>The node's own monotonic clock.</summary>
    public TimeSpan Clock { get; set; } = TimeSpan.FromSeconds(10);

    public Queue<PersistTerm> TermWrites { get; } = [];

    public Queue<AppendToLog> LogWrites { get; } = [];

    public Queue<ApplyCommitted> MachineWork { get; } = [];

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

    /// <summary>Reads that have not ended, with the highest index that anybody knew to be committed when they came.</summary>
    public SortedDictionary<long, LogIndex> WaitingReads { get; } = [];

    public bool IsRunning => Core is not null;

    public bool IsLeader => Core is { State.Role: RaftRole.Leader };

    public IEnumerable<LogEntry> Log => Enumerable.Range(1, (int)State.Log.Last.Index.Value).Select(i => State.Log[new LogIndex(i)]);
}
