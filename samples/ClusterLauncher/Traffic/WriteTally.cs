
namespace AkkaRaft.Samples.ClusterLauncher.Traffic;

/// <summary>How writes have ended, so far. Safe to use from many threads.</summary>
internal sealed class WriteTally
{
    long _acknowledged;
    long _notApplied;
    long _unknown;

    /// <summary>Writes whose success the client was told.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Writes that surely changed nothing.</summary>
    public long NotApplied => Volatile.Read(ref _notApplied);

    /// <summary>Writes that may or may not have been applied.</summary>
    public long Unknown => Volatile.Read(ref _unknown);

    /// <summary>Counts one.</summary>
    public void Count(RaftOutcome outcome)
    {
        if (outcome == RaftOutcome.Applied) Interlocked.Increment(ref _acknowledged);
        else if (outcome == RaftOutcome.NotApplied) Interlocked.Increment(ref _notApplied);
        else Interlocked.Increment(ref _unknown);
    }
}
