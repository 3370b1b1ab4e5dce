namespace AkkaRaft.Consensus;

/// <summary>A snapshot on its way to one peer: a window of bytes, sent in order, and sent again from where the peer is when it says or shows that something is missing.</summary>
internal sealed class OutgoingSnapshot(TransferId transfer, StoredSnapshot snapshot, TimeSpan now)
{
    /// <summary>The leader's number for this sending.</summary>
    public TransferId Transfer => transfer;

    public StoredSnapshot Snapshot => snapshot;

    /// <summary>Up to here the peer has stored it.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Up to here it was sent.</summary>
    public long Sent { get; private set; }

    /// <summary>When the peer last got on, or was last asked how far it is.</summary>
    public TimeSpan LastProgress { get; private set; } = now;

    public bool HasMore => Sent < snapshot.Length;

    /// <summary>The next piece leaves.</summary>
    /// <returns>Its length.</returns>
    public int SendNext(int maxBytes)
    {
        var length = (int)Math.Min(maxBytes, snapshot.Length - Sent);
        Sent += length;
        return length;
    }

    /// <summary>The peer has stored more.</summary>
    public void Stored(long upTo, TimeSpan at)
    {
        if (upTo <= Acknowledged) return;
        Acknowledged = upTo;
        Sent = Math.Max(Sent, upTo);
        LastProgress = at;
    }

    /// <summary>What was sent and not acknowledged goes again.</summary>
    public void GoBack(TimeSpan at)
    {
        Sent = Acknowledged;
        LastProgress = at;
    }
}
