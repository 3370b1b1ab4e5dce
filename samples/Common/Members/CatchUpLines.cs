namespace AkkaRaft.Samples.Common.Members;

/// <summary>How far a node has come: a line for each step, and while a step lasts at most one a second.</summary>
/// <param name="say">Where the lines go.</param>
public sealed class CatchUpLines(Action<string> say) : IProgress<RaftMemberProgress>
{
    static readonly TimeSpan s_pace = TimeSpan.FromSeconds(1);

    readonly TimeProvider _time = TimeProvider.System;
    (RaftMemberProgress Progress, long At)? _last;

    /// <inheritdoc />
    public void Report(RaftMemberProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (_last is { } last && last.Progress.Role == value.Role && (last.Progress == value || _time.GetElapsedTime(last.At) < s_pace)) return;
        _last = (value, _time.GetTimestamp());
        say(MembersText.Progress(value));
    }
}
