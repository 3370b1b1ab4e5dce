using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Benchmarks.Workers;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>What a node of ours used while its cluster did so many writes.</summary>
/// <param name="Work">Which work's name.</param>
/// <param name="Round">From 1.</param>
/// <param name="IsLeader">Whether it led.</param>
/// <param name="Writes">So many.</param>
/// <param name="Used">By its process.</param>
/// <param name="BytesSent">Over TCP, to other nodes and to clients; null where that cannot be said.</param>
/// <param name="JournalRows">Rows of its journal.</param>
/// <param name="JournalBytes">Their payloads.</param>
/// <param name="FileGrowth">Of the journal's file and its write-ahead log, in bytes.</param>
internal sealed record NodeCost(string Work, int Round, bool IsLeader, double Writes, ProcessCost Used, long? BytesSent, long JournalRows, double JournalBytes, long FileGrowth)
{
    /// <summary>Milliseconds of CPU for 1,000 writes.</summary>
    public double CpuMilliseconds => Used.CpuSeconds / Writes * 1e6;

    /// <summary>Kilobytes allocated for 1,000 writes: bytes for one.</summary>
    public double AllocatedKilobytes => Used.AllocatedBytes / Writes;

    /// <summary>Milliseconds in which all threads stood still, for 1,000 writes.</summary>
    public double GcPauseMilliseconds => Used.GcPauseSeconds / Writes * 1e6;

    /// <summary>Bytes sent for each byte of a value; NaN where that cannot be said.</summary>
    public double SentPerByte => BytesSent / (Writes * LoadRequest.ValueBytes) ?? double.NaN;
}

/// <summary>What a node of ours has used since its start.</summary>
internal sealed record NodeUse(ProcessCost Process, long? BytesSent, JournalUse Journal);

/// <summary>What the nodes of ours have used since their start.</summary>
internal sealed record ClusterUse(RaftCluster Cluster, IReadOnlyList<NodeUse> Nodes)
{
    /// <summary>Now.</summary>
    public static async Task<ClusterUse> Of(RaftCluster cluster)
    {
        var nodes = new List<NodeUse>();
        var sent = await SentBytes.OfProcesses();
        foreach (var (place, node) in cluster.Nodes.Index()) nodes.Add(new NodeUse(await node.Cost(), sent?.GetValueOrDefault(node.Id), JournalUse.Of(cluster.DataFolder(place))));
        return new ClusterUse(cluster, nodes);
    }

    /// <summary>What each node has used from then to now.</summary>
    /// <param name="before">Then.</param>
    /// <param name="work">What was done.</param>
    /// <param name="round">From 1.</param>
    /// <param name="writes">So many.</param>
    public async Task<IReadOnlyList<NodeCost>> Since(ClusterUse before, Work work, int round, double writes)
    {
        var leader = await Cluster.Leader();
        return [.. Nodes.Select((now, place) => CostOf(now, before.Nodes[place], place))];

        NodeCost CostOf(NodeUse now, NodeUse then, int place)
        {
            var rows = now.Journal.Rows - then.Journal.Rows;
            return new NodeCost(work.Name, round, place == leader, writes, now.Process.Since(then.Process), now.BytesSent - then.BytesSent,
                rows, rows * JournalUse.BytesPerRow(Cluster.DataFolder(place), then.Journal), now.Journal.FileBytes - then.Journal.FileBytes);
        }
    }
}
