using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Node;
using Shouldly;

namespace AkkaRaft.Tests.Consensus;

internal sealed record Envelope(int From, int To, RaftMessage Message);

/// <summary>
/// Several cores with message queues, virtual clocks and disks under the test's command: nothing happens that the test did not order, and the same
/// orders give the same run. After every step the oracles look at everything.
/// </summary>
internal sealed class CoreCluster
{
    public static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(50);

    readonly HashSet<(int, int)> _cut = [];

    public CoreCluster(int nodes, CoreOptions? options = null, Func<INodeObserver>? observer = null)
    {
        var configuration = Entries.Voters(nodes);
        Nodes = [.. Enumerable.Range(1, nodes).Select(n => new ClusterNode(n, configuration, options ?? new CoreOptions()) { Observer = observer?.Invoke() })];
        Oracles = new Oracles(this);
        foreach (var node in Nodes) Start(node);
    }

    public IReadOnlyList<ClusterNode> Nodes { get; }

    public Oracles Oracles { get; }

    /// <summary>On their way, oldest first.</summary>
    public List<Envelope> InFlight { get; } = [];

    /// <summary>The most bytes of entries in one event of a LogJournal.</summary>
    public int MaxEventBytes { get; init; } = int.MaxValue;

    /// <summary>Hears of each effect, in order.</summary>
    public Action<ClusterNode, Effect> OnEffect { get; set; } = (_, _) => { };

    public ClusterNode this[int number] => Nodes[number - 1];

    public ClusterNode? Leader => Nodes.Where(n => n.IsLeader).MaxBy(n => n.State.Term);

    public void Step(ClusterNode node, Input input)
    {
        var before = Oracles.Look(node);
        var effects = new Effects();
        node.Core.ShouldNotBeNull().Step(new Instant(node.Clock, Entries.Epoch + node.Clock), input, effects);
        node.Observer?.Stepped(node.Core, input, effects.All);
        foreach (var effect in effects.All) Carry(node, effect);
        Oracles.Compare(node, before);
        if (!node.MachineHeld) Apply(node);
    }

    /// <summary>Carries out an effect as the shell would, once the oracles have judged it.</summary>
    public void Carry(ClusterNode node, Effect effect)
    {
        OnEffect(node, effect);
        Oracles.Judge(node, effect);
        Execute(node, effect);
    }

    /// <summary>The state machine applies all that it was given.</summary>
    public void Apply(ClusterNode node)
    {
        while (node.IsRunning && node.MachineWork.TryDequeue(out var work))
        {
            node.Machine.AddRange(work.Entries);
            foreach (var entry in work.Entries) Oracles.Applied(node, entry);
            Step(node, new Applied(work.Entries[^1].Index));
        }
    }

    public void Propose(ClusterNode node, params (long Id, string Command)[] proposals) =>
        Step(node, new Propose([.. proposals.Select(p => new Proposal(p.Id, Entries.Command(p.Command)))]));

    /// <summary>A leader appends a configuration. Membership changes have no input of their own yet; this is what one will do.</summary>
    public void Reconfigure(ClusterNode node, IEnumerable<int> voters)
    {
        var before = Oracles.Look(node);
        var id = new EntryId(node.State.Log.Last.Index.Next, node.State.Term);
        var effects = new Effects();
        LeaderReplication.Append(node.State, [new ConfigurationEntry(id, Entries.Epoch + node.Clock, Entries.Voters(voters))], effects);
        foreach (var effect in effects.All) Carry(node, effect);
        Oracles.Compare(node, before);
        Apply(node);
    }

    public void Read(ClusterNode node, params long[] ids)
    {
        foreach (var id in ids) node.WaitingReads.Add(id, Oracles.HighestCommitted);
        Step(node, new Read(ids));
    }

    public void Deliver(Envelope envelope)
    {
        InFlight.Remove(envelope);
        DeliverCopy(envelope);
    }

    /// <summary>Delivers and leaves the message in flight, so that it comes again.</summary>
    public void DeliverCopy(Envelope envelope)
    {
        var node = this[envelope.To];
        if (node.IsRunning) Step(node, envelope.Message);
    }

    public void PersistTerm(ClusterNode node)
    {
        if (!node.TermWrites.TryDequeue(out var write)) return;
        node.Disk.Write(write);
        Step(node, new TermPersisted(write.Term, write.VotedFor));
    }

    /// <summary>The LogJournal makes the oldest writes durable with as few events as it can, and confirms each.</summary>
    public void PersistLog(ClusterNode node, int writes = int.MaxValue)
    {
        var queue = new AppendQueue(MaxEventBytes);
        for (; writes > 0 && node.LogWrites.TryDequeue(out var write); writes--) queue.Add(write);
        while (!queue.IsEmpty)
        {
            var stored = queue.Take();
            node.Disk.Write(stored);
            node.Observer?.Stored(stored);
            Step(node, new EntriesPersisted(stored.WriteId, stored.Entries[^1].Id));
        }
    }

    /// <summary>Time passes for one node, with a tick every tick interval.</summary>
    public void Tick(ClusterNode node, TimeSpan time)
    {
        for (var end = node.Clock + time; node.Clock < end && node.IsRunning;)
        {
            node.Clock = node.Clock + TickInterval < end ? node.Clock + TickInterval : end;
            Step(node, AkkaRaft.Consensus.Tick.Instance);
        }
    }

    public void Cut(int from, int to)
    {
        _cut.Add((from, to));
        InFlight.RemoveAll(e => e.From == from && e.To == to);
    }

    public void Heal() => _cut.Clear();

    /// <summary>The process dies. Writes that were not confirmed are lost but for the oldest ones, which had reached the disk.</summary>
    public void Crash(ClusterNode node, int termWritesKept = 0, int logWritesKept = 0)
    {
        for (; termWritesKept > 0 && node.TermWrites.TryDequeue(out var write); termWritesKept--) node.Disk.Write(write);
        for (; logWritesKept > 0 && node.LogWrites.TryDequeue(out var write); logWritesKept--) node.Disk.Write(write);
        node.Core = null;
        node.TermWrites.Clear();
        node.LogWrites.Clear();
        node.MachineWork.Clear();
        node.Machine.Clear();
        node.WaitingProposals.Clear();
        node.WaitingReads.Clear();
        node.Paused = false;
    }

    public void Start(ClusterNode node)
    {
        node.Core.ShouldBeNull();
        var recovered = new RecoveredState(node.Disk.Term, node.Disk.VotedFor, node.FirstConfiguration, [.. node.Disk.Log]);
        var seed = (ulong)((node.Number * 1000) + node.Starts++);
        node.Core = new RaftCore(node.Id, node.Options, recovered, seed, new Instant(node.Clock, Entries.Epoch + node.Clock));
        node.Observer?.Joined(node.Core);
    }

    /// <summary>Delivers, writes and applies until nothing is left to do; messages to others and held disks stay as they are.</summary>
    public void Stabilize(IReadOnlyCollection<ClusterNode> among)
    {
        for (var steps = 0; ; steps++)
        {
            steps.ShouldBeLessThan(100_000, "the nodes go on talking for ever");
            var busy = false;
            foreach (var node in among.Where(n => n.IsRunning))
            {
                foreach (var envelope in InFlight.Where(e => e.To == node.Number).ToList())
                {
                    Deliver(envelope);
                    busy = true;
                }

                while (!node.DiskHeld && (node.TermWrites.Count > 0 || node.LogWrites.Count > 0))
                {
                    PersistTerm(node);
                    PersistLog(node);
                    busy = true;
                }
            }

            InFlight.RemoveAll(e => !this[e.To].IsRunning);
            if (!busy) return;
        }
    }

    void Execute(ClusterNode node, Effect effect)
    {
        switch (effect)
        {
            case Send send:
                var to = int.Parse(send.To.Value, System.Globalization.CultureInfo.InvariantCulture);
                if (!_cut.Contains((node.Number, to))) InFlight.Add(new Envelope(node.Number, to, send.Message));
                break;
            case PersistTerm write:
                node.TermWrites.Enqueue(write);
                break;
            case AppendToLog write:
                node.LogWrites.Enqueue(write);
                break;
            case ApplyCommitted work:
                node.MachineWork.Enqueue(work);
                break;
            case ProposalAppended appended:
                node.WaitingProposals.Add(appended.ProposalId, appended.Entry);
                break;
            case ReadReady ready:
                node.WaitingReads.Remove(ready.ReadId).ShouldBeTrue("a read ends once");
                break;
            case ReadRefused refused:
                node.WaitingReads.Remove(refused.ReadId).ShouldBeTrue("a read ends once");
                break;
        }
    }
}
