using AkkaRaft.Consensus;
using AkkaRaft.Node;
using CsCheck;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Consensus.Properties;

/// <summary>
/// The core under everything at once: delays, drops, duplicates, reordering, crashes with lost writes, restarts, slow journals, slow machines, processes
/// that stand still, cut links. After each step the oracles check the invariants (Raft figure 3); and when the faults stop, the cluster must heal and serve.
/// </summary>
public sealed class ClusterProperties(ITestOutputHelper output)
{
    static readonly Gen<(int Kind, int A, int B)> Event = Gen.Select(Gen.Int[0, 99], Gen.Int[0, 1000], Gen.Int[0, 1000]);

    [Theory, InlineData(3, 800), InlineData(5, 500), InlineData(4, 200), InlineData(2, 200)]
    [Trait("RaftBug", "B01"), Trait("RaftBug", "B08"), Trait("RaftBug", "B10"), Trait("RaftBug", "B28"), Trait("RaftBug", "B30"), Trait("RaftBug", "B33")]
    [Trait("RaftBug", "B41"), Trait("RaftBug", "B50"), Trait("RaftBug", "B51"), Trait("RaftBug", "B76"), Trait("RaftBug", "B77"), Trait("RaftBug", "B80"), Trait("RaftBug", "B81"), Trait("RaftBug", "B82")]
    public void Under_any_faults_the_invariants_hold_and_afterwards_the_cluster_heals(int nodes, int iterations)
    {
        // For a long search: AKKARAFT_SOAK=20 runs twenty times as many.
        if (int.TryParse(Environment.GetEnvironmentVariable("AKKARAFT_SOAK"), out var times)) iterations *= times;
        long commits = 0, elections = 0, done = 0, failed = 0, reads = 0, byFollowers = 0, taken = 0, installed = 0, handedOver = 0;
        Event.Array[200, 800].Sample(events =>
        {
            var chaos = new Chaos(nodes);
            foreach (var (kind, a, b) in events) chaos.Happens(kind, a, b);
            chaos.HealsAndServes();
            Interlocked.Add(ref commits, chaos.Cluster.Oracles.Committed.Count);
            Interlocked.Add(ref elections, chaos.Elections);
            Interlocked.Add(ref done, chaos.Cluster.Oracles.Fates.Values.Count(f => f == "done"));
            Interlocked.Add(ref failed, chaos.Cluster.Oracles.Fates.Values.Count(f => f == "failed"));
            Interlocked.Add(ref reads, chaos.ReadsAnswered);
            Interlocked.Add(ref byFollowers, chaos.FollowerReadsAnswered);
            Interlocked.Add(ref taken, chaos.SnapshotsTaken);
            Interlocked.Add(ref installed, chaos.SnapshotsInstalled);
            Interlocked.Add(ref handedOver, chaos.HandedOver);
        }, iter: iterations);

        output.WriteLine($"{commits} commits, {elections} elections, {done} proposals done, {failed} failed, {reads} reads answered, {byFollowers} of them linearizable ones by followers, {taken} snapshots, {installed} installed, {handedOver} handed over");
        commits.ShouldBeGreaterThan(iterations * 4, "a run in which nothing happens shows nothing");
        elections.ShouldBeGreaterThan(iterations);
        reads.ShouldBeGreaterThan(iterations / 4);
        byFollowers.ShouldBeGreaterThan(iterations / 20);
        taken.ShouldBeGreaterThan(iterations);
        handedOver.ShouldBeGreaterThan(iterations / 100);
        if (nodes == 2) return;   // where both are the majority, neither falls behind nor loses what it has
        failed.ShouldBeGreaterThan(0, "leaders are deposed with entries that nobody else has");
        installed.ShouldBeGreaterThan(iterations / 10);
    }

    /// <summary>
    /// Thesis 6.4.1: as long as no clock runs faster than another by more than the bound, reads by lease are linearizable, whatever else happens; voters that start
    /// again at once keep what they promised.
    /// </summary>
    [Theory, InlineData(3, 600), InlineData(5, 300)]
    [Trait("RaftBug", "B78")]
    public void Reads_by_lease_are_linearizable_while_clocks_keep_the_bound(int nodes, int iterations)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("AKKARAFT_SOAK"), out var times)) iterations *= times;
        long elections = 0, byLease = 0;
        Event.Array[200, 800].Sample(events =>
        {
            var chaos = new Chaos(nodes, leases: true);
            foreach (var (kind, a, b) in events) chaos.Happens(kind, a, b);
            chaos.HealsAndServes();
            Interlocked.Add(ref elections, chaos.Elections);
            Interlocked.Add(ref byLease, chaos.LeaseReadsAnsweredAtOnce);
        }, iter: iterations);

        output.WriteLine($"{elections} elections, {byLease} reads answered by lease");
        elections.ShouldBeGreaterThan(iterations / 2);
        byLease.ShouldBeGreaterThan(iterations / 20);
    }
}

/// <summary>A cluster to which anything may happen.</summary>
internal sealed partial class Chaos
{
    readonly SortedDictionary<long, bool> _linearizable = [];
    readonly bool _leases;
    long _proposals;
    long _reads;
    long _leaseRead;

    /// <param name="nodes">How many.</param>
    /// <param name="observer">Looks on at each.</param>
    /// <param name="maxEventBytes">The most bytes of entries in one event of a LogJournal.</param>
    /// <param name="leases">There are reads by lease, and all clocks run, some faster than others but not by more than the bound; else each clock runs as it likes.</param>
    /// <param name="spares">So many more nodes start empty, and members change all the time; 0 for members that stay.</param>
    public Chaos(int nodes, Func<INodeObserver>? observer = null, int maxEventBytes = int.MaxValue, bool leases = false, int spares = 0)
    {
        _leases = leases;
        _membersChange = spares > 0;
        Cluster = new CoreCluster(nodes, new CoreOptions
        {
            MaxInflightAppends = 3, MaxAppendEntries = 3, MaxDeferredMessages = 8, MaxApplyEntries = 4, MaxPendingProposals = 30,
            LeaseReads = leases, ClockDriftBound = Drift, TakesSnapshots = true, SnapshotEntries = 6, TrailingEntries = 2, SnapshotChunkBytes = 4, SnapshotWindowBytes = 9,
        }, observer, spares: spares, storages: spares > 0)
        {
            MaxEventBytes = maxEventBytes,
            OnEffect = (node, effect) =>
            {
                if (effect is RoleChanged { To: RaftRole.Leader }) Elections++;
                if (effect is ReadReady ready) OnAnswered(node, ready);
                if (effect is TakeSnapshot) SnapshotsTaken++;
                if (effect is RestoreMachine) SnapshotsInstalled++;
                if (effect is TransferEnded { Outcome: TransferOutcome.HandedOver }) HandedOver++;
                OnChange(node, effect);
            },
        };
    }

    public CoreCluster Cluster { get; }

    public int Elections { get; private set; }

    public int ReadsAnswered { get; private set; }

    /// <summary>Linearizable ones.</summary>
    public int FollowerReadsAnswered { get; private set; }

    /// <summary>In the very step in which they came, while a majority could not answer.</summary>
    public int LeaseReadsAnsweredAtOnce { get; private set; }

    public int SnapshotsTaken { get; private set; }

    public int SnapshotsInstalled { get; private set; }

    public int HandedOver { get; private set; }

    public void Happens(int kind, int a, int b)
    {
        var node = Cluster.Nodes[a % Cluster.Nodes.Count];
        if (_membersChange && a / 7 % 6 == 0) Members(node, a, b);
        else if (kind < 30 && Cluster.InFlight.Count > 0) Message(kind, Cluster.InFlight[b % Cluster.InFlight.Count], node);
        else if (kind is >= 95) Restart(node);
        else if (!node.IsRunning) return;
        else if (kind < 65) Work(kind, node, b);
        else if (kind < 80) Fault(kind, node, b);
        else Progress(kind, node, b);
    }

    void Message(int kind, Envelope envelope, ClusterNode node)
    {
        switch (kind)
        {
            case < 12:
                Cluster.Deliver(envelope);
                break;
            case < 14:
                Cluster.InFlight.Remove(envelope);
                break;
            case < 17:
                Cluster.DeliverCopy(envelope);
                break;
            default:
                foreach (var each in Cluster.InFlight.Where(e => e.To == node.Number).ToList()) Cluster.Deliver(each);
                break;
        }
    }

    void Work(int kind, ClusterNode node, int b)
    {
        switch (kind)
        {
            case < 40:
                Tick(node, 1 + (b % 6));
                break;
            case < 43:
                Cluster.PersistTerm(node);
                break;
            case < 45:
                Cluster.Store(node, 1 + (b % 3));
                break;
            case < 52:
                Cluster.PersistLog(node, 1 + (b % 3));
                break;
            case < 60:
                // Old leaders are asked too.
                var target = b % 2 == 0 ? node : Cluster.Leader ?? node;
                Cluster.Propose(target, [.. Enumerable.Range(0, 1 + (b % 3)).Select(_ => (++_proposals, $"p{_proposals}"))]);
                break;
            default:
                Read(b % 2 == 0 ? node : Cluster.Leader ?? node, b / 2);
                break;
        }
    }

    void Read(ClusterNode node, int b)
    {
        var id = ++_reads;
        _linearizable.Add(id, b % 4 != 3);
        switch (b % 4)
        {
            case 0:
                Cluster.Read(node, id);
                break;
            case 1:
                Cluster.Read(node, new Read([id]) { Anywhere = true });
                break;
            case 2:
                _leaseRead = id;
                Cluster.Read(node, new Read([id]) { Anywhere = true, ByLease = true });
                _leaseRead = 0;
                break;
            default:
                var highest = Cluster.Oracles.HighestCommitted.Value;
                Cluster.Read(node, new LocalRead(
                    id, new LogIndex(Math.Max(0, highest - 2 + (b / 4 % 5))), b % 8 == 3 ? TimeSpan.FromMilliseconds(b % 400) : null, TimeSpan.FromMilliseconds(b % 700)));
                break;
        }
    }

    void OnAnswered(ClusterNode node, ReadReady ready)
    {
        ReadsAnswered++;
        if (!node.IsLeader && _linearizable[ready.ReadId]) FollowerReadsAnswered++;
        if (node.IsLeader && ready.ReadId == _leaseRead && Cluster.Nodes.Count > 1) LeaseReadsAnsweredAtOnce++;
    }

    /// <summary>Of all clocks, when there are leases: node 1's is the slowest, the last one's the fastest.</summary>
    const double Drift = 0.3;

    TimeSpan Local(ClusterNode node, TimeSpan time) => time * (1 + (Drift * (node.Number - 1) / Math.Max(1, Cluster.Nodes.Count - 1)));

    /// <summary>Time passes at a node: with leases, for all of them.</summary>
    void Tick(ClusterNode node, int ticks)
    {
        if (!_leases)
        {
            Cluster.Tick(node, CoreCluster.TickInterval * ticks);
            return;
        }

        Passes(CoreCluster.TickInterval * (ticks - 1));
        foreach (var other in Cluster.Nodes.Where(other => other != node)) other.Clock += Local(other, CoreCluster.TickInterval);
        node.Clock += Local(node, CoreCluster.TickInterval);
        Cluster.Step(node, AkkaRaft.Consensus.Tick.Instance);
    }

    void Passes(TimeSpan time)
    {
        foreach (var each in Cluster.Nodes) each.Clock += Local(each, time);
    }

    void Fault(int kind, ClusterNode node, int b)
    {
        switch (kind)
        {
            case < 68:
                Crash(node, b);
                break;
            case 68:
                Cluster.Cut(node.Number, 1 + (b % Cluster.Nodes.Count));
                break;
            case < 72:
                foreach (var other in Cluster.Nodes.Where(n => n != node))
                {
                    Cluster.Cut(node.Number, other.Number);
                    Cluster.Cut(other.Number, node.Number);
                }

                break;
            case < 76:
                Cluster.Heal();
                break;
            case 76:
                node.MachineHeld = true;
                break;
            case 77:
                node.MachineHeld = false;
                Cluster.Apply(node);
                break;
            case 78:
                Cluster.FailStore(node);
                break;
            default:
                // It stood still.
                if (_leases) Passes(TimeSpan.FromMilliseconds(500 + b));
                else node.Clock += TimeSpan.FromMilliseconds(500 + b);
                break;
        }
    }

    void Progress(int kind, ClusterNode node, int b)
    {
        switch (kind)
        {
            case 80:
                Cluster.Step(node, Campaign.Instance);
                break;
            case 81:
                Cluster.Transfer(Cluster.Leader ?? node, b % 3 == 0 ? null : 1 + (b % Cluster.Nodes.Count));
                break;
            case < 84:
                // The leader went silent, and this node is the first to notice.
                foreach (var each in Cluster.Nodes) each.Clock += TimeSpan.FromMilliseconds(700);
                Cluster.PersistLog(node);
                Cluster.Step(node, Campaign.Instance);
                break;
            case < 87:
                Cluster.PersistTerm(node);
                Cluster.PersistLog(node);
                break;
            default:
                if (_leases && Cluster.Leader is { } leader) Tick(leader, 2);   // a round of heartbeats, for those who are there
                Cluster.Stabilize(Cluster.Nodes.Where(n => n.IsRunning && (n.Number + b) % 4 != 0).ToList());
                if (_leases && node.IsRunning) Read(node, 2);
                break;
        }
    }

    void Restart(ClusterNode node)
    {
        if (!node.IsRunning) Cluster.Start(node);
    }

    /// <summary>The faults stop: within some seconds there is a leader that knows what is committed, a second later all have what it proposes.</summary>
    public void HealsAndServes()
    {
        Cluster.Heal();
        foreach (var node in Cluster.Nodes)
        {
            node.MachineHeld = false;
            if (!node.IsRunning) Cluster.Start(node);
            Cluster.Apply(node);
        }

        // An old leader that has lost its majority needs so long to notice.
        Passes(1500, () => false);
        Passes(6000, () => Cluster.Leader is { } l && l.State.CommitIndex >= l.State.Leadership!.FirstIndex && IsSettled(l)
            && Group(l).All(n => n.State.Leader == l.Id && n.State.Term == l.State.Term)).ShouldBeTrue($"a leader of all within 6 s{Situation()}");
        var leader = Cluster.Leader!;
        var group = Group(leader);
        var mine = ++_proposals;
        Cluster.Propose(leader, (mine, "after all"));
        Passes(4000, () => group.All(n => n.Machine.Count == leader.State.Log.Last.Index.Value)).ShouldBeTrue("all have everything some seconds later, by snapshot too");

        Cluster.Oracles.Fates[mine].ShouldBe("done");
        Cluster.Leader.ShouldBe(leader, "and nobody wants another leader");
        foreach (var node in group)
        {
            node.State.Log.Last.ShouldBe(leader.State.Log.Last);
            node.Machine.Count.ShouldBe(Cluster.Oracles.Committed.Count);
            node.Disk.Last.ShouldBe(leader.Disk.Last);
            node.WaitingProposals.ShouldBeEmpty("every proposal has ended, or was lost with its node");
            node.WaitingReads.ShouldBeEmpty("every read has ended");
        }

        _waitingChanges.ShouldBeEmpty("every change has ended, or was lost with its node");
    }

    /// <summary>Time passes without faults until something is so.</summary>
    bool Passes(int milliseconds, Func<bool> until)
    {
        for (var passed = 0; passed < milliseconds; passed += 50)
        {
            Cluster.Stabilize(Cluster.Nodes);
            if (until()) return true;
            foreach (var node in Cluster.Nodes) Cluster.Tick(node, CoreCluster.TickInterval);
        }

        return until();
    }
}
