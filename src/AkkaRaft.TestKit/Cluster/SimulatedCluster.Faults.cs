using AkkaRaft.TestKit.Network;

namespace AkkaRaft.TestKit;

/// <content>What goes wrong.</content>
public sealed partial class SimulatedCluster
{
    /// <summary>How the network behaves from now on; what is under way keeps its fate, but for cuts.</summary>
    public NetworkFaults NetworkFaults
    {
        get => Network.Faults;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Network.Faults = value.Checked();
            _trace.Note(Now, "", $"network: {value}");
            Observer?.NetworkChanged();
        }
    }

    /// <summary>
    /// Cuts the network into groups of nodes that do not reach each other. A node that is in no group is alone. Clients reach the nodes of the first group only.
    /// </summary>
    /// <param name="groups">Numbers of nodes, each in one group at most.</param>
    public void Partition(params int[][] groups) => CutInto(groups, Reach.FirstGroup);

    /// <summary>As <see cref="Partition"/>, but clients reach all nodes: what they see in the groups may be compared.</summary>
    /// <param name="groups">Numbers of nodes, each in one group at most.</param>
    public void PartitionNodes(params int[][] groups) => CutInto(groups, Reach.AllNodes);

    enum Reach
    {
        FirstGroup,
        AllNodes,
    }

    void CutInto(int[][] groups, Reach clients)
    {
        ArgumentNullException.ThrowIfNull(groups);
        if (groups.Contains(null!)) throw new ArgumentException("A group is null. Nothing was cut. A group without nodes is [].", nameof(groups));
        foreach (var node in groups.SelectMany(group => group)) NodeAt(node);
        if (groups.SelectMany(group => group).Count() != groups.SelectMany(group => group).Distinct().Count())
            throw new ArgumentException("A node is in two groups, or twice in one. Nothing was cut. Name each once.", nameof(groups));
        var what = $"partition {string.Join(" | ", groups.Select(group => string.Join(",", group)))}";
        _trace.Note(Now, "", what);
        int GroupOf(int node) => Array.FindIndex(groups, group => group.Contains(node)) is >= 0 and var at ? at : groups.Length + node;
        foreach (var from in _nodes)
        {
            foreach (var to in _nodes)
            {
                if (from != to) Cut($"n{from.Number}", $"n{to.Number}", GroupOf(from.Number) != GroupOf(to.Number));
            }

            foreach (var client in _clientHosts)
            {
                var isCut = clients == Reach.FirstGroup && GroupOf(from.Number) != 0;
                Cut($"n{from.Number}", client.Name, isCut);
                Cut(client.Name, $"n{from.Number}", isCut);
            }
        }

        Observer?.CutsChanged(what);
    }

    /// <summary>Cuts one direction: what <paramref name="from"/> sends does not reach <paramref name="to"/>.</summary>
    /// <param name="from">A node's number.</param>
    /// <param name="to">A node's number.</param>
    public void CutOneWay(int from, int to)
    {
        if (from == to) throw new ArgumentException($"Node {from} has no link to itself. Nothing was cut.", nameof(to));
        _trace.Note(Now, "", $"cut {from} -> {to}");
        Cut($"n{NodeAt(from).Number}", $"n{NodeAt(to).Number}", true);
        Observer?.CutsChanged($"cut {from} -> {to}");
    }

    /// <summary>Cuts a node off from everybody, clients too.</summary>
    /// <param name="node">Its number.</param>
    public void Isolate(int node)
    {
        _trace.Note(Now, "", $"isolate {node}");
        var name = $"n{NodeAt(node).Number}";
        foreach (var other in _nodes.Select(other => $"n{other.Number}").Concat(_clientHosts.Select(host => host.Name)))
        {
            if (other == name) continue;
            Cut(name, other, true);
            Cut(other, name, true);
        }

        Observer?.CutsChanged($"isolate {node}");
    }

    /// <summary>
    /// Nothing passes between a node and the other nodes for so long, and nothing is lost: it all comes afterwards, in its order, as over a connection that hung.
    /// Clients reach the node all the time, so that one which leads, and is followed by nobody any more, goes on being asked. It is the network that hangs: a restart
    /// of the node does not end it, nor does <see cref="Heal"/>, but <see cref="EndFaults"/> does. Of two that overlap the one counts that ends later.
    /// </summary>
    /// <param name="node">Its number.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="direction">What hangs: what the others send to the node, what it sends to them, or both.</param>
    public void StallLinks(int node, TimeSpan duration, LinkDirection direction = LinkDirection.Both)
    {
        RequireUsable();
        RequireDuration(duration);
        if (!Enum.IsDefined(direction)) throw new ArgumentOutOfRangeException(nameof(direction), direction, "There is no such direction of links. Nothing hangs.");
        var stalled = NodeAt(node);
        var what = $"links {direction switch { LinkDirection.To => "from the other nodes", LinkDirection.From => "to the other nodes", _ => "to and from the other nodes" }} hang";
        _trace.Note(Now, $"n{node}", $"{what} for {duration.TotalSeconds:0.###} s");
        foreach (var other in _nodes)
        {
            if (other == stalled) continue;
            if (direction != LinkDirection.To) Network.Stall($"n{node}", $"n{other.Number}", duration);
            if (direction != LinkDirection.From) Network.Stall($"n{other.Number}", $"n{node}", duration);
        }

        Observer?.LinksHang(stalled, duration, what);
    }

    /// <summary>Does <see cref="StallLinks"/> to the node that leads with a majority behind it. No effect if none leads.</summary>
    /// <param name="duration">For how long.</param>
    /// <param name="direction">What hangs: what the others send to the leader, what it sends to them, or both.</param>
    public void StallLeaderLinks(TimeSpan duration, LinkDirection direction = LinkDirection.Both)
    {
        if (Leader is { } leader) StallLinks(leader, duration, direction);
    }

    /// <summary>Mends all cuts.</summary>
    public void Heal()
    {
        _trace.Note(Now, "", "heal");
        Network.HealAll();
        Observer?.CutsChanged("heal");
    }

    /// <summary>
    /// Kills a node's process as <c>kill -9</c> or a power cut would: what it had not been told to be durable may be lost, kept, or kept in part. No effect if it is
    /// down.
    /// </summary>
    /// <param name="node">Its number.</param>
    public void Crash(int node) => GoDown(node, "crash");

    void GoDown(int node, string what)
    {
        var crashed = NodeAt(node);
        if (crashed.Host is null) return;
        _trace.Note(Now, $"n{node}", what);
        _counters.Crashes++;
        crashed.Crash();
        Observer?.Crashed(crashed, what);
        _view.Now = Now;
        foreach (var invariant in _invariants) invariant.OnCrashed(crashed.View, _view);
    }

    /// <summary>Kills the node that leads with a majority behind it, as <see cref="Crash"/> does. No effect if none leads.</summary>
    public void CrashLeader()
    {
        if (Leader is { } leader) Crash(leader);
    }

    /// <summary>Lets a node crash in the middle of its work: when its actors have handled so many more messages. No effect if it is down.</summary>
    /// <param name="node">Its number.</param>
    /// <param name="messages">How many; at least 1.</param>
    public void CrashAfter(int node, int messages)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(messages);
        if (NodeAt(node).Host is null) return;
        NodeAt(node).MessagesToCrash = messages;
        _trace.Note(Now, $"n{node}", $"to crash after {messages} messages");
    }

    /// <summary>
    /// Lets a node crash while it gets a snapshot: when the next one has begun to come and its actors have handled so many more messages since. The node may be down now.
    /// </summary>
    /// <param name="node">Its number.</param>
    /// <param name="messages">How many; at least 1.</param>
    public void CrashInInstall(int node, int messages)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(messages);
        NodeAt(node).MessagesToCrashInInstall = messages;
        _trace.Note(Now, $"n{node}", $"to crash {messages} messages into the next snapshot that it gets");
    }

    /// <summary>Starts a node that is down, with what its disk holds. No effect if it is up.</summary>
    /// <param name="node">Its number.</param>
    public void Restart(int node)
    {
        RequireUsable();
        var started = NodeAt(node);
        if (started.Host is not null) return;
        _trace.Note(Now, $"n{node}", "start");
        Observer?.Starts(started);
        var settings = _settings.WithNodeId(started.Id);
        started.Boot(started.Joins ? settings.WithMembers().WithJoin(true) : settings, _options.StateMachine);
    }

    /// <summary>A node's process stands still, as in a long GC or on a paused virtual machine; its clock goes on. No effect if it is down or paused.</summary>
    /// <param name="node">Its number.</param>
    public void Pause(int node)
    {
        if (NodeAt(node).Host is not { IsPaused: false } host) return;
        _trace.Note(Now, $"n{node}", "pause");
        _counters.Pauses++;
        host.Pause();
        Observer?.Paused(NodeAt(node));
    }

    /// <summary>A paused node goes on. No effect if it is down or not paused.</summary>
    /// <param name="node">Its number.</param>
    public void Resume(int node)
    {
        if (NodeAt(node).Host is not { IsPaused: true } host) return;
        _trace.Note(Now, $"n{node}", "resume");
        host.Resume();
        Observer?.Resumed(NodeAt(node));
    }

    /// <summary>
    /// A client's process ends and starts again: the outcome of what it had under way is unknown, and its next operation is that of a client which knows nothing of
    /// the cluster but the contact points.
    /// </summary>
    /// <param name="client">Which client, from 1.</param>
    public void RestartClient(int client)
    {
        var restarted = ClientAt(client);
        _trace.Note(Now, restarted.Host.Name, $"client {client} starts again");
        _counters.ClientRestarts++;
        restarted.Restart();
    }

    /// <summary>
    /// A client asks the leader to hand its leadership over (thesis 3.10), beside whatever else it has under way. Nothing waits for the end of it: see who leads.
    /// </summary>
    /// <param name="to">The node that is to lead; null for the most up-to-date one.</param>
    /// <param name="client">Which client asks, from 1.</param>
    public void TransferLeadership(int? to = null, int client = 1)
    {
        RequireUsable();
        var asking = ClientAt(client);
        NodeId? target = to is { } number ? NodeAt(number).Id : null;
        _trace.Note(Now, asking.Host.Name, $"transfer leadership{(to is null ? "" : $" to {to}")}");
        _counters.TransfersAsked++;
        asking.TransferLeadership(target, () => _counters.TransfersDone++);
    }

    /// <summary>Makes a node's clock run faster or slower from now on.</summary>
    /// <param name="node">Its number.</param>
    /// <param name="rate">Its seconds per true second; above 0. 1 is right.</param>
    public void SetClockRate(int node, double rate)
    {
        if (rate is not (>= 0.01 and <= 100)) throw new ArgumentOutOfRangeException(nameof(rate), rate, "A clock's rate is between 0.01 and 100; 1 is right.");
        NodeAt(node).Clock.SetRate(rate);
        _trace.Note(Now, $"n{node}", $"clock rate {rate}");
        _counters.ClockChanges++;
        Observer?.ClockChanged(NodeAt(node));
    }

    /// <summary>Makes a node's wall clock wrong from now on.</summary>
    /// <param name="node">Its number.</param>
    /// <param name="skew">What it shows too much; negative if it is late. A year at most.</param>
    public void SetClockSkew(int node, TimeSpan skew)
    {
        if (skew.Duration() > TimeSpan.FromDays(365)) throw new ArgumentOutOfRangeException(nameof(skew), skew, "A clock is wrong by a year at most. Nothing was changed.");
        NodeAt(node).Clock.Skew = skew;
        _trace.Note(Now, $"n{node}", $"clock skew {skew}");
        _counters.ClockChanges++;
        Observer?.ClockChanged(NodeAt(node));
    }

    /// <summary>How a node's disk behaves from now on.</summary>
    /// <param name="node">Its number.</param>
    /// <param name="faults">Its faults; <see cref="DiskFaults.None"/> for a good disk.</param>
    public void SetDiskFaults(int node, DiskFaults faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        NodeAt(node).Disk.Faults = faults;
        _trace.Note(Now, $"n{node}", $"disk: {faults}");
        Observer?.DiskChanged(NodeAt(node));
    }

    /// <summary>A node's disk hangs: nothing that it was asked for is done for so long.</summary>
    /// <param name="node">Its number.</param>
    /// <param name="duration">For how long.</param>
    public void StallDisk(int node, TimeSpan duration)
    {
        RequireDuration(duration);
        NodeAt(node).Disk.Stall(duration);
        _trace.Note(Now, $"n{node}", $"disk hangs for {duration.TotalSeconds:0.###} s");
        Observer?.DiskHangs(NodeAt(node), duration);
    }

    /// <summary>Ends all faults: cuts are mended, nothing hangs, network and disks are good, clocks run right, nodes that are paused go on, and those that are down start.</summary>
    public void EndFaults()
    {
        _trace.Note(Now, "", "all faults end");
        Observer?.FaultsEnded();
        Network.HealAll();
        Network.EndStalls();
        Network.Faults = NetworkFaults.None;
        foreach (var node in _nodes)
        {
            node.Disk.Faults = DiskFaults.None;
            node.Disk.EndStalls();
            node.Clock.Skew = TimeSpan.Zero;
            if (node.Clock.Rate != 1) node.Clock.SetRate(1);
            node.MessagesToCrash = null;
            node.MessagesToCrashInInstall = null;
            Resume(node.Number);
            Restart(node.Number);
        }
    }

    void Cut(string from, string to, bool isCut)
    {
        if (isCut && !Network.IsCut(from, to)) _counters.Cuts++;
        Network.SetCut(from, to, isCut);
    }
}
