namespace AkkaRaft.Tests.Client;

/// <summary>
/// Code that awaits, one turn at a time on the test's own thread: what comes after an await runs when <see cref="TakeAll"/> says so, and never beside the test. So a test
/// knows that nothing more will happen before time passes.
/// </summary>
public sealed class Turns : SynchronizationContext
{
    readonly Queue<(SendOrPostCallback Turn, object? State)> _waiting = [];
    readonly Lock _gate = new();

    /// <summary>Begins something whose turns these are to be.</summary>
    public T Begin<T>(Func<T> call)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            return call();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Takes all turns that wait.</summary>
    /// <returns>Whether there was any.</returns>
    public bool TakeAll()
    {
        var any = false;
        while (Next() is var (turn, state))
        {
            any = true;
            Begin(() =>
            {
                turn(state);
                return true;
            });
        }

        return any;
    }

    /// <inheritdoc />
    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate) _waiting.Enqueue((d, state));
    }

    (SendOrPostCallback Turn, object? State)? Next()
    {
        lock (_gate) return _waiting.TryDequeue(out var next) ? next : null;
    }
}
