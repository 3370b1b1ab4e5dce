using Akka.Actor;

namespace AkkaRaft.Journals;

/// <summary>For tests: makes a journal as slow as a disk that takes so many bytes in a second.</summary>
/// <param name="bytesPerSecond">0 for no limit.</param>
/// <param name="time">The clock.</param>
internal sealed class JournalThrottle(long bytesPerSecond, TimeProvider time)
{
    TimeSpan _freeAt;

    /// <summary>How long a write of so many bytes, stored just now, is to be held back.</summary>
    public TimeSpan DelayOf(long bytes)
    {
        if (bytesPerSecond <= 0) return TimeSpan.Zero;
        var now = time.GetElapsedTime(0);
        // A timer fires late rather than early: what it is late, the next write need not wait.
        _freeAt = Max(_freeAt, now - TimeSpan.FromMilliseconds(50)) + TimeSpan.FromSeconds((double)bytes / bytesPerSecond);
        return Max(_freeAt - now, TimeSpan.Zero);
    }

    static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}

/// <summary>Journal to itself: a write that was held back is confirmed now.</summary>
internal sealed record ConfirmHeldBack(Action Confirm) : INoSerializationVerificationNeeded;
