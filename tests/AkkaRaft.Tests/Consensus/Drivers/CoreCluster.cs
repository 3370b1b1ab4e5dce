using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Node;
using Shouldly;

namespace AkkaRaft.Tests.Consensus;

internal sealed record Envelope(int From, int To, RaftMessage Message)
{
    /// <summary>The sender's storage; null where nodes have none.</summary>
    public StorageId? FromStorage { get; init; }

    /// <summary>The storage that the sender's log names for the receiver.</summary>
    public StorageId? ToStorage { get; init; }

    /// <summary>The index of the configuration that the sender went by.</summary>
    public LogIndex Configuration { get; init; }
}

/// <summary>
/// Several cores with message queues, virtual clocks and disks under the test's command: nothing happens that the test did not order, and the same
/// orders give the same run. After every step the oracles look at everything.
/// </summary>
internal sealed partial class CoreCluster
{
    public static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(50);

    readonly HashSet<(int, int)> _cut = [];

    /// <param name="nodes">The founders: nodes 1 to that.</param>
    /// <param name="options">Limits and times of all.</param>
    /// <param name="observer">Looks on at each.</param>
    /// <param name="priority">By node.</param>
    /// <param name="spares">So many more start empty, and wait until they are added.</param>
    /// <param name="storages">Whether disks have names, and messages of strangers are dropped, as the shell does (B71).</param>
    public CoreCluster(
        int nodes, CoreOptions? options = null, Func<INodeObserver>? observer = null, Func<int, int>? priority = null, int spares = 0, bool storages = false)
    {
        var founders = Entries.Voters(nodes);
        CoreOptions Of(int node) => (options ?? new CoreOptions()) with { ElectionPriority = priority?.Invoke(node) ?? ElectionPriority.Default };
        Nodes = [.. Enumerable.Range(1, nodes + spares)
            .Select(n => new ClusterNode(n, n <= nodes ? founders : Configuration.Empty, Of(n)) { Observer = observer?.Invoke(), HasStorage = storages })];
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
        foreach (var effect in effects.All) Oracles.JudgeChange(node, effect);
        if (!node.MachineHeld) Apply(node);
    }

    /// <summary>Carries out an effect as the shell would, once the oracles have judged it.</summary>
    public void Carry(ClusterNode node, Effect effect)
    {
        OnEffect(node, effect);
        Oracles.Judge(node, effect);
        Execute(node, effect);
    }

    /// <summary>The state machine does all that it was asked for.</summary>
    public void Apply(ClusterNode node)
    {
        while (node.IsRunning && node.MachineWork.TryDequeue(out var work))
        {
            switch (work)
            {
                case ApplyCommitted apply:
                    node.Machine.AddRange(apply.Entries);
                    foreach (var entry in apply.Entries) Oracles.Applied(node, entry);
                    Step(node, new Applied(apply.Entries[^1].Index));
                    break;
                case TakeSnapshot take:
                    node.Machine.Count.ShouldBe((int)take.At.Last.Index.Value, "a snapshot is of one moment (B58)");
                    node.StoreWork.Enqueue(take);
                    break;
                case RestoreMachine restore:
                    Restore(node, restore.Snapshot.Last.Index);
                    Step(node, new MachineRestored(restore.Snapshot.Last.Index));
                    break;
            }
        }
    }

    // What a snapshot stands for is committed: its state is made by just these entries.
    void Restore(ClusterNode node, LogIndex index)
    {
        node.Machine.Count.ShouldBeLessThanOrEqualTo((int)index.Value, "a state machine never goes back (B56)");
        node.Machine.Clear();
        node.Machine.AddRange(Oracles.Committed.Take((int)index.Value));
        Oracles.Restored(node, index);
    }

    /// <summary>The snapshot store does the oldest things that it was asked for.</summary>
    public void Store(ClusterNode node, int steps = int.MaxValue)
    {
        for (; steps > 0 && node.IsRunning && node.StoreWork.TryDequeue(out var work); steps--)
        {
            switch (work)
            {
                case TakeSnapshot take:
                    var taken = Snapshot(take.At);
                    node.Disk.Store(taken);
                    Step(node, new SnapshotTaken(taken));
                    break;
                case BeginReceiving begin:
                    node.Receiving = new Receiving(begin.Transfer, begin.Snapshot, 0);
                    break;
                case AbandonReceiving abandon:
                    if (node.Receiving?.Transfer == abandon.Transfer) node.Receiving = null;
                    break;
                case StoreSnapshotChunk chunk:
                    Receive(node, chunk);
                    break;
            }
        }
    }

    /// <summary>The snapshot that is being stored cannot be.</summary>
    public void FailStore(ClusterNode node)
    {
        if (!node.StoreWork.TryPeek(out var work) || work is not (TakeSnapshot or StoreSnapshotChunk)) return;
        node.StoreWork.Dequeue();
        if (work is TakeSnapshot take)
        {
            Step(node, new SnapshotFailed(take.At));
        }
        else if (node.Receiving is { } receiving)
        {
            node.Receiving = null;
            Step(node, new SnapshotNotReceived(receiving.Transfer));
        }
    }

    static StoredSnapshot Snapshot(SnapshotMark mark) => new(mark, 5 + (mark.Last.Index.Value % 17), (ulong)mark.Last.Index.Value);

    void Receive(ClusterNode node, StoreSnapshotChunk chunk)
    {
        if (node.Receiving is not { } receiving || receiving.Transfer != chunk.Transfer) return;
        chunk.Offset.ShouldBe(receiving.UpTo, "pieces are stored in their order, each once (B59)");
        receiving = receiving with { UpTo = receiving.UpTo + chunk.Bytes.Length };
        node.Receiving = receiving;
        if (receiving.UpTo < receiving.Snapshot.Length)
        {
            Step(node, new SnapshotChunkStored(receiving.Transfer, receiving.UpTo));
            return;
        }

        node.Receiving = null;
        node.Disk.Store(receiving.Snapshot);
        Step(node, new SnapshotReceived(receiving.Transfer, receiving.Snapshot));
    }

    public void Propose(ClusterNode node, params (long Id, string Command)[] proposals) =>
        Step(node, new Propose([.. proposals.Select(p => new Proposal(p.Id, Entries.Command(p.Command)))]));

    public void Read(ClusterNode node, params long[] ids)
    {
        foreach (var id in ids) node.WaitingReads.Add(id, Oracles.HighestCommitted);
        Step(node, new Read(ids));
    }

    public void Read(ClusterNode node, Read read)
    {
        foreach (var id in read.ReadIds) node.WaitingReads.Add(id, Oracles.HighestCommitted);
        Step(node, read);
    }

    /// <summary>A read of the node's own state: it may miss what is committed, but not what it says that it must have.</summary>
    public void Read(ClusterNode node, LocalRead read)
    {
        node.WaitingReads.Add(read.ReadId, read.MinIndex);
        Step(node, new ReadLocal([read]));
    }

    /// <summary>Somebody asks the node to hand its leadership over.</summary>
    public void Transfer(ClusterNode node, int? to, long request = 1) =>
        Step(node, new TransferLeadership(request, to is { } number ? this[number].Id : null));

    public void Deliver(Envelope envelope)
    {
        InFlight.Remove(envelope);
        DeliverCopy(envelope);
    }

    /// <summary>Delivers and leaves the message in flight, so that it comes again.</summary>
    public void DeliverCopy(Envelope envelope)
    {
        var node = this[envelope.To];
        if (!node.IsRunning || IsOfStranger(node, envelope)) return;
        if (envelope.FromStorage is { } storage && node.State.Configuration.Find(this[envelope.From].Id) is { Storage: null } sender)
        {
            if (node.State.Configurations.EffectiveIndex == LogIndex.Zero) Step(node, new Met(sender.Id, storage));
            Step(node, envelope.Message with { FromStorage = storage });
        }
        else
        {
            Step(node, envelope.Message);
        }
    }

    public void PersistTerm(ClusterNode node)
    {
        if (!node.TermWrites.TryDequeue(out var write)) return;
        node.Disk.Write(write);
        Step(node, new TermPersisted(write.Term, write.VotedFor));
    }

    /// <summary>The LogJournal carries out the oldest requests, with as few events as it can, and confirms each.</summary>
    public void PersistLog(ClusterNode node, int writes = int.MaxValue)
    {
        while (writes > 0 && node.LogWrites.Count > 0)
        {
            var queue = new AppendQueue(MaxEventBytes);
            for (; writes > 0 && node.LogWrites.TryPeek(out var next) && next is AppendToLog append; writes--)
            {
                node.LogWrites.Dequeue();
                queue.Add(append);
            }

            while (!queue.IsEmpty)
            {
                var stored = queue.Take();
                node.Disk.Write(stored);
                node.Observer?.Stored(stored);
                Step(node, new EntriesPersisted(stored.WriteId, stored.Entries[^1].Id));
            }

            // A leader may have appended more by now.
            if (writes <= 0 || !node.LogWrites.TryPeek(out var other) || other is AppendToLog) continue;
            node.LogWrites.Dequeue();
            writes--;
            WriteOther(node, other);
            if (other is RestartLog restart) Step(node, new EntriesPersisted(restart.WriteId, restart.Base));
        }
    }

    static void WriteOther(ClusterNode node, Effect request)
    {
        if (request is AppendToLog append) node.Disk.Write(append);
        else if (request is RestartLog restart) node.Disk.Restart(restart.Base);
        else node.Disk.Compact(((CompactLog)request).UpTo.Index);
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
    public void Crash(ClusterNode node, int termWritesKept = 0, int logWritesKept = 0, bool snapshotKept = false)
    {
        for (; termWritesKept > 0 && node.TermWrites.TryDequeue(out var write); termWritesKept--) node.Disk.Write(write);
        for (; logWritesKept > 0 && node.LogWrites.TryDequeue(out var write); logWritesKept--) WriteOther(node, write);
        if (snapshotKept && node.StoreWork.TryPeek(out var work) && work is TakeSnapshot take) node.Disk.Store(Snapshot(take.At));
        node.Core = null;
        node.TermWrites.Clear();
        node.LogWrites.Clear();
        node.MachineWork.Clear();
        node.StoreWork.Clear();
        node.Receiving = null;
        node.Machine.Clear();
        node.WaitingProposals.Clear();
        node.WaitingReads.Clear();
        node.Paused = false;
    }

    public void Start(ClusterNode node)
    {
        node.Core.ShouldBeNull();
        var disk = node.Disk;
        var log = RecoveredLog.Of(disk.Snapshot, disk.LogBase, [.. disk.Log]).ShouldNotBeNull("no gap between snapshot and log (B53)");
        if (log.MustRestart) disk.Restart(log.Base);
        var recovered = new RecoveredState(disk.Term, disk.VotedFor, node.FirstConfiguration, log.Entries)
        {
            Base = log.Base, Snapshot = disk.Snapshot, Storage = node.Storage,
        };
        if (disk.Snapshot is { } snapshot) Restore(node, snapshot.Last.Index);
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

                while (!node.DiskHeld && (node.TermWrites.Count > 0 || node.LogWrites.Count > 0 || node.StoreWork.Count > 0))
                {
                    PersistTerm(node);
                    PersistLog(node);
                    Store(node);
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
                Post(node, send.To, send.Message);
                break;
            case SendSnapshotChunk send:
                if (node.Disk.Snapshot is { } snapshot && snapshot.Last.Index >= send.Message.Snapshot.Last.Index)
                    Post(node, send.To, send.Message with { Bytes = new byte[send.Length] });
                break;
            case BeginReceiving or StoreSnapshotChunk or AbandonReceiving:
                node.StoreWork.Enqueue(effect);
                break;
            case PersistTerm write:
                node.TermWrites.Enqueue(write);
                break;
            case AppendToLog or RestartLog or CompactLog:
                node.LogWrites.Enqueue(effect);
                break;
            case ApplyCommitted or TakeSnapshot or RestoreMachine:
                node.MachineWork.Enqueue(effect);
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

    void Post(ClusterNode node, NodeId receiver, RaftMessage message)
    {
        var to = int.Parse(receiver.Value, System.Globalization.CultureInfo.InvariantCulture);
        if (_cut.Contains((node.Number, to))) return;
        var state = node.State;
        InFlight.Add(new Envelope(node.Number, to, message)
        {
            FromStorage = node.Storage, ToStorage = state.Configuration.Find(receiver)?.Storage, Configuration = state.Configurations.EffectiveIndex,
        });
    }
}
