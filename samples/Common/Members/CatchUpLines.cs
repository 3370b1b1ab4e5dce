namespace AkkaRaft.Samples.Common.Members;

/// <summary>One line for each change of how far a node has come.</summary>
/// <param name="say">Where the lines go.</param>
public sealed class CatchUpLines(Action<string> say) : IProgress<RaftMemberProgress>
{
    string _last = "";

    /// <inheritdoc />
    public void Report(RaftMemberProgress value)
    {
        var line = MembersText.Progress(value);
        if (line == _last) return;
        _last = line;
        say(line);
    }
}
