using System.Globalization;
using Akka.Actor;
using Akka.Event;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Protocol;
using AkkaRaft.TestKit.Cluster;
using AkkaRaft.TestKit.Kernel;
using AkkaRaft.TestKit.Network;
using AkkaRaft.TestKit.Storage;

namespace AkkaRaft.TestKit.Reports;

/// <summary>Fills a <see cref="RunRecord"/> while a simulated cluster runs.</summary>
internal sealed class RunRecorder : IClusterObserver
{
    readonly SimulatedCluster _cluster;
    readonly Dictionary<string, List<Lane>> _lanesOfHost = [];
    readonly Dictionary<long, Queue<int>> _underWay = [];
    readonly FaultSpans _faults;

    (string What, TimeSpan At)? _failure;

    /// <param name="cluster">The cluster; before it starts.</param>
    /// <param name="title">What is run, for people.</param>
    public RunRecorder(SimulatedCluster cluster, string title)
    {
        _cluster = cluster;
        Record = new RunRecord(cluster.Seed, title, [.. cluster.AllNodes.Select(node => node.Id)], cluster.AllClients.Count) { Replay = cluster.ReplayCommand };
        foreach (var node in cluster.AllNodes)
        {
            _lanesOfHost[node.Address.Host!] = [LaneOf(node)];
            node.Disk.WriteBegan = events => OnWrite(node, events);
        }

        foreach (var client in cluster.AllClients)
        {
            var lane = Record.ClientLane(client.Number);
            if (!_lanesOfHost.TryGetValue(client.Host.Name, out var lanes)) _lanesOfHost[client.Host.Name] = lanes = [];
            lanes.Add(lane);
        }

        _faults = new FaultSpans(cluster, Record, _lanesOfHost);
        Record.Phase(cluster.Now, "faults");
        cluster.Observer = this;
    }

    /// <summary>What was seen so far.</summary>
    public RunRecord Record { get; }

    /// <summary>The run is over.</summary>
    /// <param name="history">What the clients did; operations that have not ended too.</param>
    /// <param name="end">When it ended.</param>
    /// <param name="verdict">What a check of the history found; null if none failed.</param>
    public void Finish(History history, TimeSpan end, Verdict? verdict)
    {
        Record.Reach(end);
        foreach (var operation in history.Operations) Record.Add(operation);
        // What is wrong with a history has no moment of its own.
        if (_failure is { } failure) Record.Fail(failure.What, verdict is null ? failure.At : null, verdict?.Picture);
    }

    public void Sent(Parcel parcel)
    {
        var (from, to) = (LaneOf(parcel.Link.From, parcel.Sender), LaneOf(parcel.Link.To, parcel.Receiver));
        _underWay[parcel.Number] = new Queue<int>([Record.Sent(_cluster.Now, from, to, KindOf(parcel.Message), MessageText.Of(parcel.Message))]);
    }

    public void Doubled(Parcel parcel) => _underWay[parcel.Number].Enqueue(Record.Duplicated(_underWay[parcel.Number].Peek()));

    public void Ended(Parcel parcel, ParcelFate fate)
    {
        // Which of two copies came first makes no difference: they are the same, and left at the same time.
        var copies = _underWay[parcel.Number];
        var message = copies.Dequeue();
        if (copies.Count == 0) _underWay.Remove(parcel.Number);
        switch (fate)
        {
            case ParcelFate.Delivered:
                Record.Delivered(message, _cluster.Now);
                break;
            case ParcelFate.Lost:
                Record.Lost(message, _cluster.Now, MessageFate.Lost);
                break;
            case ParcelFate.Cut:
                Record.Lost(message, _cluster.Now, MessageFate.Cut);
                break;
            default:
                Record.Lost(message, _cluster.Now, MessageFate.ReceiverDown);
                break;
        }
    }

    public void Stepped(SimulatedNode node)
    {
        _faults.Pass();
        Record.Sample(_cluster.Now, LaneOf(node), SampleOf(node));
    }

    public void Starts(SimulatedNode node)
    {
        if (node.View.Incarnation > 0) Record.Restarted(_cluster.Now, LaneOf(node));
        else Record.Sample(_cluster.Now, LaneOf(node), OnDisk(node, NodeCondition.Recovering));
    }

    public void Crashed(SimulatedNode node, string what)
    {
        _faults.DiskFree(node);
        Record.Crashed(_cluster.Now, LaneOf(node), OnDisk(node, NodeCondition.Down), what);
    }

    public void Paused(SimulatedNode node) => Record.Paused(_cluster.Now, LaneOf(node));

    public void Resumed(SimulatedNode node) => Record.Resumed(_cluster.Now, LaneOf(node));

    public void CutsChanged(string what) => _faults.CutsChanged(what);

    public void NetworkChanged() => _faults.NetworkChanged();

    public void DiskChanged(SimulatedNode node) => _faults.DiskChanged(node);

    public void DiskHangs(SimulatedNode node, TimeSpan duration) => _faults.DiskHangs(node, duration);

    public void LinksHang(SimulatedNode node, TimeSpan duration, string what) => _faults.LinksHang(node, duration, what);

    public void ClockChanged(SimulatedNode node) => _faults.ClockChanged(node);

    public void FaultsEnded()
    {
        _faults.End();
        Record.Phase(_cluster.Now, "healing");
    }

    public void Logged(TraceLine line)
    {
        if (line.Message is not LogEvent { } log || log.LogLevel() < LogLevel.WarningLevel) return;
        var lanes = _lanesOfHost[line.Host];
        Record.Note(line.At, lanes.Count == 1 ? lanes[0] : null, lanes.Count == 1 ? MessageText.Of(log) : $"{line.Host}: {MessageText.Of(log)}");
    }

    public void Failed(string problem, string what)
    {
        if (_failure is not null) return;
        _failure = ($"{problem}: {what}", _cluster.Now);
        Record.Note(_cluster.Now, null, $"failed: {problem}");
    }

    Lane LaneOf(SimulatedNode node) => Record.NodeLane(node.Id);

    /// <summary>Several clients may share a host; the actor tells them apart.</summary>
    Lane LaneOf(string host, ActorPath? actor) =>
        actor is not null && _cluster.AllClients.FirstOrDefault(client => client.Host.Name == host && client.ActorNames.Contains(actor.Name)) is { } client
            ? Record.ClientLane(client.Number)
            : _lanesOfHost[host][0];

    NodeSample SampleOf(SimulatedNode node)
    {
        if (node.Host is null) return OnDisk(node, NodeCondition.Down);
        if (node.View.State is not { } state) return OnDisk(node, NodeCondition.Recovering);
        Lane? leader = state.Leader is { } leading ? Record.NodeLane(leading) : null;
        return new NodeSample(ConditionOf(state.Role), state.Term, leader, state.Log.Last, state.Log.Durable, state.CommitIndex, state.Applied);
    }

    static NodeSample OnDisk(SimulatedNode node, NodeCondition condition) =>
        new(condition, node.View.Disk.Term, null, node.View.Disk.Last, node.View.Disk.Last.Index, LogIndex.Zero, LogIndex.Zero);

    static NodeCondition ConditionOf(RaftRole role) => role switch
    {
        RaftRole.Recovering => NodeCondition.Recovering,
        RaftRole.Follower => NodeCondition.Follower,
        RaftRole.PreCandidate => NodeCondition.PreCandidate,
        RaftRole.Candidate => NodeCondition.Candidate,
        RaftRole.Leader => NodeCondition.Leader,
        RaftRole.Stopping => NodeCondition.Stopping,
        RaftRole.InstallingSnapshot => NodeCondition.InstallingSnapshot,
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "The page knows no such role."),
    };

    Action<WriteResult> OnWrite(SimulatedNode node, IEnumerable<object> events)
    {
        var write = Record.WriteBegan(_cluster.Now, LaneOf(node), string.Join(", ", events.Select(TextOf)));
        return result => Record.WriteEnded(write, _cluster.Now, result == WriteResult.Stored ? WriteOutcome.Durable : WriteOutcome.Failed);
    }

    static string TextOf(object journalEvent) => journalEvent switch
    {
        TermChanged change => $"term {change.Term} vote {change.VotedFor?.ToString() ?? "-"}",
        EntriesAppended appended => string.Create(CultureInfo.InvariantCulture, $"after {appended.Previous} +{appended.Entries.Count} up to {appended.Entries[^1].Id}"),
        _ => journalEvent.GetType().Name,
    };

    static string KindOf(object message) => message switch
    {
        PeerMessage { Message: VoteRequest request } => $"{request.Kind}Request",
        PeerMessage { Message: VoteReply reply } => $"{reply.Kind}Reply",
        PeerMessage peer => peer.Message.GetType().Name,
        _ => message.GetType().Name,
    };
}
