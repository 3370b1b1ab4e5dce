using Akka.Actor;
using Akka.Persistence;

namespace AkkaRaft.Journals;

/// <summary>
/// Speaks to a snapshot-store plug-in of Akka.Persistence for an actor that keeps rows in it: one request at a time, in the order in which they were made. The plug-in
/// answers each request once, after its circuit breaker's call-timeout at the latest.
/// </summary>
internal sealed class SnapshotPlugin(IActorRef plugin, IActorRef self, TimeProvider time)
{
    readonly Queue<(object Request, Action<object> OnAnswer)> _waiting = new();

    Action<object>? _underWay;
    bool _closed;

    /// <summary>Whether a request has not been answered yet.</summary>
    public bool IsBusy => _underWay is not null;

    /// <param name="id">The persistence id.</param>
    /// <param name="number">The row's number.</param>
    /// <param name="row">The row.</param>
    /// <param name="done">Told null, or why it failed; then it may be stored all the same.</param>
    public void Save(string id, long number, object row, Action<Exception?> done) => Ask(
        new SaveSnapshot(new SnapshotMetadata(id, number, time.GetUtcNow().UtcDateTime), row),
        answer => done((answer as SaveSnapshotFailure)?.Cause));

    /// <summary>The row of the highest number up to <paramref name="upTo"/>.</summary>
    /// <param name="id">The persistence id.</param>
    /// <param name="upTo">The highest number to look at.</param>
    /// <param name="done">Told what is there, or null; or why it failed.</param>
    public void Load(string id, long upTo, Action<SelectedSnapshot?, Exception?> done) => Ask(
        new LoadSnapshot(id, new SnapshotSelectionCriteria(upTo, DateTime.MaxValue), upTo),
        answer => done((answer as LoadSnapshotResult)?.Snapshot, (answer as LoadSnapshotFailed)?.Cause));

    /// <summary>Deletes the rows with numbers up to <paramref name="upTo"/>.</summary>
    public void DeleteTo(string id, long upTo, Action<Exception?> done) => Ask(
        new DeleteSnapshots(id, new SnapshotSelectionCriteria(upTo, DateTime.MaxValue)),
        answer => done((answer as DeleteSnapshotsFailure)?.Cause));

    /// <summary>Nothing is sent any more; what is under way is still answered.</summary>
    public void Close()
    {
        _closed = true;
        _waiting.Clear();
    }

    /// <summary>Takes an answer of the plug-in.</summary>
    /// <returns>False when it is none.</returns>
    public bool OnMessage(object message)
    {
        if (message is not (SaveSnapshotSuccess or SaveSnapshotFailure or LoadSnapshotResult or LoadSnapshotFailed or DeleteSnapshotsSuccess or DeleteSnapshotsFailure)
            || _underWay is not { } onAnswer) return false;
        _underWay = null;
        onAnswer(message);
        SendNext();
        return true;
    }

    void Ask(object request, Action<object> onAnswer)
    {
        if (_closed) return;
        _waiting.Enqueue((request, onAnswer));
        SendNext();
    }

    void SendNext()
    {
        if (_underWay is not null || !_waiting.TryDequeue(out var next)) return;
        _underWay = next.OnAnswer;
        plugin.Tell(next.Request, self);
    }
}
