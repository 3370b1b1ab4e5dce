namespace AkkaRaft.TestKit.Shrinking;

/// <summary>How much work shrinking may be. Runs are counted so that the same failure is shrunk alike everywhere; real time so that nobody waits for ever.</summary>
/// <param name="maxRuns">So many runs at most.</param>
/// <param name="maxTime">So much real time at most; a run that has begun is finished.</param>
/// <param name="clock">Real time; null for the system's.</param>
internal sealed class ShrinkBudget(int maxRuns = 400, TimeSpan? maxTime = null, TimeProvider? clock = null)
{
    readonly TimeProvider _clock = clock ?? TimeProvider.System;
    readonly TimeSpan _maxTime = maxTime ?? TimeSpan.FromSeconds(60);
    readonly long _started = (clock ?? TimeProvider.System).GetTimestamp();

    /// <summary>Runs made.</summary>
    public int Runs { get; private set; }

    public TimeSpan Passed => _clock.GetElapsedTime(_started);

    /// <summary>Which bound was reached, for people; null while none was.</summary>
    public string? Reached { get; private set; }

    /// <summary>Takes one run.</summary>
    /// <returns>Whether there was one left.</returns>
    public bool Take()
    {
        if (Reached is not null) return false;
        if (Runs >= maxRuns) Reached = $"the limit of {maxRuns} runs was reached";
        else if (Passed >= _maxTime) Reached = $"the limit of {_maxTime.TotalSeconds:0.###} seconds was reached, after {Runs} runs";
        else Runs++;
        return Reached is null;
    }
}
