namespace AkkaRaft.Consensus;

/// <summary>
/// The configurations of the log, oldest first. The last one is in force from the moment it is appended (Raft 6), and when its entry is cut off, the one
/// before is in force again (B65).
/// </summary>
internal sealed class ConfigurationHistory
{
    readonly List<(LogIndex Index, Configuration Configuration)> _history = [];

    /// <param name="index">Where the log begins.</param>
    /// <param name="first">The configuration there: at first the one that every initial node stored before it greeted anyone.</param>
    public ConfigurationHistory(LogIndex index, Configuration first) => _history.Add((index, first));

    public Configuration Effective => _history[^1].Configuration;

    public LogIndex EffectiveIndex => _history[^1].Index;

    /// <summary>The newest configuration whose entry is committed.</summary>
    public Configuration CommittedAt(LogIndex commitIndex) => CommittedWithIndex(commitIndex).Configuration;

    /// <summary>The same, with the index from which it is known to be in force.</summary>
    public (LogIndex Index, Configuration Configuration) CommittedWithIndex(LogIndex commitIndex) =>
        _history.FindLast(h => h.Index <= commitIndex) is { Configuration: not null } found ? found : _history[0];

    /// <summary>Forgets what nothing in the log can bring back: all but the newest at or below <paramref name="index"/>, and those above.</summary>
    public void CompactTo(LogIndex index)
    {
        var first = _history.FindLastIndex(h => h.Index <= index);
        if (first > 0) _history.RemoveRange(0, first);
    }

    /// <summary>The log begins anew behind a snapshot, whose configuration stands there (B57).</summary>
    public void Restart(LogIndex index, Configuration first)
    {
        _history.Clear();
        _history.Add((index, first));
    }

    /// <returns>Whether the effective configuration is another one now.</returns>
    public bool OnAppended(AppendToLog appended)
    {
        var before = Effective;
        _history.RemoveAll(h => h.Index > appended.Previous.Index && h.Index > _history[0].Index);
        foreach (var entry in appended.Entries)
        {
            if (entry is ConfigurationEntry change) _history.Add((change.Index, change.Configuration));
        }

        return !ReferenceEquals(before, Effective);
    }
}
