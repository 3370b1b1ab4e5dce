namespace AkkaRaft.Consensus;

/// <summary>
/// Everything that a Raft node knows (Raft figure 2), for the functions of the rules to read and change. Role changes go through
/// <see cref="RoleChanges"/>, terms and votes through <see cref="CurrentTerm"/>.
/// </summary>
internal sealed class NodeState
{
    public NodeState(NodeId self, CoreOptions options, RecoveredState recovered, ulong seed, Instant now)
    {
        Self = self;
        Storage = recovered.Storage;
        Options = options;
        Random = new ElectionRandom(seed);
        Vote = new CurrentTerm(recovered.Term, recovered.VotedFor);
        Log = new RaftLog(recovered.Base, recovered.Entries);
        Snapshot = recovered.Snapshot;
        var mark = Snapshot?.Mark ?? new SnapshotMark(EntryId.Zero, recovered.FirstConfiguration);
        Invariant.Holds(recovered.Base.Index <= mark.Last.Index && Log.Matches(mark.Last));
        // What the snapshot stands for is committed, and the state machine has it.
        CommitIndex = Applying = Applied = LastSnapshotTry = mark.Last.Index;
        Configurations = new ConfigurationHistory(mark.Last.Index, mark.Configuration, recovered.FirstConfiguration);
        Configurations.OnAppended(new AppendToLog(0, mark.Last, [.. recovered.Entries.Where(entry => entry.Index > mark.Last.Index)]));
        SnapshotShare = Random.Fraction();
        Now = now;
        LastTick = now.Monotonic;
        CampaignRound = (long)(Random.Next() >> 2);
        Reads = new WaitingReads(CampaignRound);
        LeaderContact = now.Monotonic;
        // Before it stopped, the node may have promised a leader to vote for nobody else. Who was never in any term, or votes alone, has not.
        if (recovered.Term > Term.Zero && !IsOnlyVoter) Promise();
        // The only voter has nobody to wait for.
        ElectionDeadline = now.Monotonic + (IsOnlyVoter ? TimeSpan.Zero : ElectionPriority.Wait(options, Random, 0));
    }

    public NodeId Self { get; }

    /// <summary>This node's storage; null where nodes have none.</summary>
    public StorageId? Storage { get; }

    /// <summary>The storages of founders that were met before the log named any.</summary>
    public SortedDictionary<NodeId, StorageId> MetFounders { get; } = [];

    public CoreOptions Options { get; }

    public ElectionRandom Random { get; }

    /// <summary>The time of the input being handled.</summary>
    public Instant Now { get; set; }

    public TimeSpan LastTick { get; set; }

    /// <summary>Whether that tick came far too late.</summary>
    public bool LastTickWasLate { get; set; }

    /// <summary>
    /// The process stood still since the first of these, and until the second one words of others that waited for it may still come: they are as old as that (B91).
    /// </summary>
    public (TimeSpan Since, TimeSpan Until)? StoodStill { get; set; }

    // ----- Persistent state, and how much of it is durable (Raft figure 2) -----

    public CurrentTerm Vote { get; }

    public Term Term => Vote.Term;

    public RaftLog Log { get; }

    public ConfigurationHistory Configurations { get; }

    public Configuration Configuration => Configurations.Effective;

    public Quorum Quorum => Configuration.Quorum;

    public bool IsOnlyVoter => Quorum.Voters.Length == 1 && Quorum.Contains(Self);

    /// <summary>
    /// A node may stand for election if it votes in the configuration in force, or in the one that is surely agreed on, or in one between: an uncommitted removal
    /// must not silence the only up-to-date voter (B21, B72). After a restart nothing of the log is known to be committed.
    /// </summary>
    public bool MayCampaign => !WasToldRemoved && Configurations.MayVote(Self, CommitIndex);

    /// <summary>Whether another node knows that this one was removed, which the log here does not say (B23). Until a leader is heard again.</summary>
    public bool WasToldRemoved { get; set; }

    /// <summary>
    /// Whether this node is known to be no member any more: by its own log, or by another's. Not who is just being sent what was before it came: it never was one so far, or
    /// lacks what its leader has committed.
    /// </summary>
    public bool IsRemoved => WasToldRemoved || (Configurations.EffectiveIndex <= CommitIndex && Configuration.Find(Self) is null && Configurations.WasEverMember(Self, Storage)
        && !(LeaderIsAlive && CommitIndex < LeaderCommit));

    // ----- Volatile state of every node -----

    public RaftRole Role { get; set; } = RaftRole.Follower;

    /// <summary>The leader of this term, once it has been heard.</summary>
    public NodeId? Leader { get; set; }

    /// <summary>When a leader was last heard, or this node last led; the start if never.</summary>
    public TimeSpan LeaderContact { get; set; }

    /// <summary>
    /// Until then this node votes for nobody: a minimum election timeout from when it last heard a leader, or started. A leader's lease rests on it, so that neither
    /// a later term nor another role ends it (thesis 6.4.1; B78).
    /// </summary>
    public TimeSpan? PromisedUntil { get; private set; }

    public TimeSpan ElectionDeadline { get; set; }

    public LogIndex CommitIndex { get; set; }

    /// <summary>When the commit index last rose; null if it has not since the start. Evidence for people, not for the rules.</summary>
    public TimeSpan? LastCommit { get; set; }

    /// <summary>Up to here entries were handed to the state machine.</summary>
    public LogIndex Applying { get; set; }

    /// <summary>Up to here the state machine has applied them.</summary>
    public LogIndex Applied { get; set; }

    // ----- Reads (thesis 6.4) -----

    public WaitingReads Reads { get; }

    public Freshness Freshness { get; } = new();

    /// <summary>All that wait here, a leader's included.</summary>
    public int PendingReads => Reads.Count + (Leadership?.PendingReads ?? 0);

    // ----- Snapshots (Raft 7) -----

    /// <summary>The newest snapshot that is durable here.</summary>
    public StoredSnapshot? Snapshot { get; set; }

    /// <summary>The one that is being taken.</summary>
    public SnapshotMark? Taking { get; set; }

    /// <summary>Requests for a snapshot that is newer than any here.</summary>
    public List<RequestSnapshot> SnapshotRequests { get; } = [];

    /// <summary>Bytes of the entries that were handed to the state machine since the last snapshot was asked for.</summary>
    public long BytesSinceSnapshot { get; set; }

    /// <summary>Nothing is taken before this is applied: the last snapshot, or the last try.</summary>
    public LogIndex LastSnapshotTry { get; set; }

    /// <summary>From 0 to 1, drawn for each snapshot, so that not all nodes take theirs at the same time.</summary>
    public double SnapshotShare { get; set; }

    /// <summary>What a leader is sending to this node.</summary>
    public IncomingSnapshot? Incoming { get; set; }

    /// <summary>Whether the state machine is beginning anew from a snapshot; nothing is handed to it meanwhile (B56).</summary>
    public bool IsRestoring { get; set; }

    /// <summary>Whether this node is getting a snapshot: it does not campaign then.</summary>
    public bool IsInstalling => Incoming is not null || IsRestoring;

    // ----- What a follower knows of this term's leader; forgotten with the term -----

    /// <summary>Up to here the log in memory is known to equal this term's leader's (B31, B34).</summary>
    public LogIndex Verified { get; set; }

    /// <summary>The highest commit index that this term's leader has told.</summary>
    public LogIndex LeaderCommit { get; set; }

    /// <summary>The newest round of heartbeats seen of this term's leader.</summary>
    public long LastRound { get; set; }

    /// <summary>The round of the vote request that was granted, for the reply that waits for the journal.</summary>
    public long GrantedRound { get; set; }

    // ----- Candidates -----

    public long CampaignRound { get; set; }

    /// <summary>Whether a leader asked this node to stand.</summary>
    public bool CampaignIsTransfer { get; set; }

    /// <summary>How often this node stood since it last heard a leader, or led.</summary>
    public int FruitlessCampaigns { get; set; }

    public SortedSet<NodeId> VotesGranted { get; } = [];

    public SortedSet<NodeId> VotesRefused { get; } = [];

    /// <summary>Whom this node asked last, and what they said; null if it never stood. Evidence for people, not for the rules.</summary>
    public CampaignRecord? LastCampaign { get; set; }

    // ----- Leader -----

    public LeaderState? Leadership { get; set; }

    /// <summary>Messages that wait until the term that they met here is durable.</summary>
    public Queue<RaftMessage> Deferred { get; } = [];

    public void RestartElectionTimer() =>
        ElectionDeadline = Now.Monotonic + ElectionPriority.Wait(Options, Random, FruitlessCampaigns);

    /// <summary>From now on it votes for nobody for a minimum election timeout.</summary>
    public void Promise() => PromisedUntil = Now.Monotonic + Options.ElectionTimeoutMin;

    /// <summary>
    /// Whether a leader has been heard so recently that nobody should want to replace it (Raft 6, thesis 4.2.3). A node that has just started may have heard one
    /// before.
    /// </summary>
    public bool LeaderIsAlive => Role == RaftRole.Leader || Now.Monotonic < PromisedUntil;
}

/// <summary>What the journals and the snapshot store hold when a node starts. The state machine is as the snapshot says.</summary>
/// <param name="Term">The current term.</param>
/// <param name="VotedFor">The vote in it.</param>
/// <param name="FirstConfiguration">The one at index 0.</param>
/// <param name="Entries">The log behind <see cref="Base"/>.</param>
internal sealed record RecoveredState(Term Term, NodeId? VotedFor, Configuration FirstConfiguration, IReadOnlyList<LogEntry> Entries)
{
    /// <summary>The node's storage; null where nodes have none.</summary>
    public StorageId? Storage { get; init; }

    /// <summary>The entry before the first one that the log still holds; not behind the snapshot's.</summary>
    public EntryId Base { get; init; } = EntryId.Zero;

    /// <summary>The newest snapshot; null if there is none.</summary>
    public StoredSnapshot? Snapshot { get; init; }
}

/// <summary>A snapshot on its way to this node.</summary>
internal sealed class IncomingSnapshot(NodeId from, TransferId transfer, StoredSnapshot snapshot)
{
    public NodeId From => from;

    public TransferId Transfer => transfer;

    public StoredSnapshot Snapshot => snapshot;

    /// <summary>The next byte that has not come.</summary>
    public long Next { get; set; }

    /// <summary>The next byte that the store has not taken.</summary>
    public long Stored { get; set; }

    /// <summary>The leader was told what is missing, and has not sent it since.</summary>
    public bool GapTold { get; set; }
}
