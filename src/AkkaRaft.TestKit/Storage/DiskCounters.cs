using System.Globalization;

namespace AkkaRaft.TestKit;

/// <summary>What a disk has really been through: a run in which nothing happened proves nothing.</summary>
public sealed class DiskCounters
{
    /// <summary>Batches of events that a journal was asked to write.</summary>
    public long Writes { get; internal set; }

    /// <summary>Events that became durable.</summary>
    public long Events { get; internal set; }

    /// <summary>Bytes of the events and snapshots that became durable; 0 while objects are kept instead.</summary>
    public long Bytes { get; internal set; }

    /// <summary>Operations that were slow or stalled.</summary>
    public long Slow { get; internal set; }

    /// <summary>Operations that were reported as failed because they took longer than the plug-in's call-timeout.</summary>
    public long TimedOut { get; internal set; }

    /// <summary>Writes and deletions that failed.</summary>
    public long Failed { get; internal set; }

    /// <summary>Writes that failed and are on disk, whole or in part.</summary>
    public long FailedButStored { get; internal set; }

    /// <summary>Writes that failed because their sequence number was taken: another writer has been there.</summary>
    public long Conflicts { get; internal set; }

    /// <summary>Atomic writes that were rejected.</summary>
    public long Rejected { get; internal set; }

    /// <summary>Recoveries' reads.</summary>
    public long Reads { get; internal set; }

    /// <summary>Recoveries' reads that failed.</summary>
    public long ReadErrors { get; internal set; }

    /// <summary>Snapshots that became durable.</summary>
    public long Snapshots { get; internal set; }

    /// <summary>Crashes.</summary>
    public long Crashes { get; internal set; }

    /// <summary>Writes under way that a crash lost.</summary>
    public long Lost { get; internal set; }

    /// <summary>Writes under way that a crash left whole.</summary>
    public long KeptWhole { get; internal set; }

    /// <summary>Writes under way of which a crash left the beginning.</summary>
    public long KeptPrefix { get; internal set; }

    /// <summary>Adds another disk's counts to these.</summary>
    /// <param name="other">The other's.</param>
    public void Add(DiskCounters other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Writes += other.Writes;
        Events += other.Events;
        Bytes += other.Bytes;
        Slow += other.Slow;
        TimedOut += other.TimedOut;
        Failed += other.Failed;
        FailedButStored += other.FailedButStored;
        Conflicts += other.Conflicts;
        Rejected += other.Rejected;
        Reads += other.Reads;
        ReadErrors += other.ReadErrors;
        Snapshots += other.Snapshots;
        Crashes += other.Crashes;
        Lost += other.Lost;
        KeptWhole += other.KeptWhole;
        KeptPrefix += other.KeptPrefix;
    }

    /// <summary>In one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Writes} writes, {Events} events, {Bytes} bytes, {Snapshots} snapshots; {Slow} slow, {TimedOut} timed out, {Failed} failed ({FailedButStored} of them stored), "
        + $"{Conflicts} conflicts, {Rejected} rejected; {Reads} reads, {ReadErrors} read errors; {Crashes} crashes: {Lost} writes lost, {KeptWhole} kept, {KeptPrefix} kept in part");
}
