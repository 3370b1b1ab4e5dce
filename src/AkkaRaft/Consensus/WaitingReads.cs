namespace AkkaRaft.Consensus;

/// <summary>The reads that wait at a node, whatever its role; a leader's that wait for a round are in its <see cref="LeaderState"/>.</summary>
/// <param name="requestsBefore">
/// Drawn at each start: the numbers of this life's requests follow it, and no answer to a request of another life is taken for one of this (B76).
/// </param>
internal sealed class WaitingReads(long requestsBefore)
{
    /// <summary>Reads that the leader is asked for, in the order in which they came.</summary>
    public Queue<ForwardedRead> Forwarded { get; } = [];

    /// <summary>Reads that wait only for the state machine.</summary>
    public Queue<ConfirmedRead> Confirmed { get; } = [];

    /// <summary>Reads of this node's own state that is not yet as they want it.</summary>
    public List<WaitingLocalRead> Local { get; } = [];

    public int Count => Forwarded.Count + Confirmed.Count + Local.Count;

    public long RequestsBefore { get; } = requestsBefore;

    /// <summary>The number of the newest request to a leader.</summary>
    public long LastRequest { get; set; } = requestsBefore;

    /// <summary>Whether that request has not been answered.</summary>
    public bool IsAsked { get; set; }

    public TimeSpan AskedAt { get; set; }
}

/// <param name="ReadId">The shell's name for the read.</param>
/// <param name="Request">The first request to a leader that left after the read came.</param>
/// <param name="ByLease">The leader's lease is good enough for it.</param>
internal readonly record struct ForwardedRead(long ReadId, long Request, bool ByLease);

/// <param name="ReadId">The shell's name for the read.</param>
/// <param name="Index">The state machine must have applied this.</param>
internal readonly record struct ConfirmedRead(long ReadId, LogIndex Index);

/// <param name="Read">What it wants.</param>
/// <param name="Until">When it waits no longer.</param>
internal readonly record struct WaitingLocalRead(LocalRead Read, TimeSpan Until);

/// <summary>Answers what waits at this node for its own state machine, as soon as that is where it must be.</summary>
internal static class ReadAnswers
{
    /// <summary>The state machine got on, a read was confirmed, or a leader was heard.</summary>
    public static void Give(NodeState node, Effects effects)
    {
        // A state machine that begins anew from a snapshot is nowhere until it has.
        if (node.IsRestoring) return;
        while (node.Reads.Confirmed.TryPeek(out var read) && read.Index <= node.Applied)
        {
            node.Reads.Confirmed.Dequeue();
            effects.Add(new ReadReady(read.ReadId, node.Applied));
        }

        LocalReads.Give(node, effects);
    }

    public static void OnTick(NodeState node, Effects effects)
    {
        FollowerReads.OnTick(node, effects);
        LocalReads.OnTick(node, effects);
    }
}
