using AkkaRaft.TestKit.Storage;

namespace AkkaRaft.Simulation.Tests.Storage;

/// <summary>A clock that the test moves.</summary>
internal sealed class ManualClock : IDiskClock
{
    readonly PriorityQueue<Action, (TimeSpan, long)> _events = new();
    long _count;

    public TimeSpan Now { get; private set; }

    public void After(TimeSpan delay, Action what) => _events.Enqueue(what, (Now + delay, ++_count));

    /// <summary>Does what is due next, if that is not after the end.</summary>
    public bool Step(TimeSpan end)
    {
        if (!_events.TryPeek(out _, out var due) || due.Item1 > end) return false;
        Now = due.Item1;
        _events.Dequeue()();
        return true;
    }

    public void MoveTo(TimeSpan time) => Now = time > Now ? time : Now;
}
