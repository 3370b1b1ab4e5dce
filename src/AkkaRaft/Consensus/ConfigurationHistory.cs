namespace AkkaRaft.Consensus;

/// <summary>
/// The configurations of the log, oldest first. The last one is in force from the moment it is appended (Raft 6), and when its entry is cut off, the one
/// before is in force again (B65).
/// </summary>
internal sealed class ConfigurationHistory
{
    readonly List<(LogIndex Index, Configuration Configuration)> _history = [];
    readonly HashSet<NodeId> _founders = [];
    readonly HashSet<(NodeId Node, StorageId? Storage)> _everMembers = [];

    /// <param name="index">Where the log begins.</param>
    /// <param name="first">The configuration there: at first the one that every initial node stored before it greeted anyone.</param>
    /// <param name="founded">What the node's disk was founded with, however long ago.</param>
    public ConfigurationHistory(LogIndex index, Configuration first, Configuration founded)
    {
        Add(index, first);
        foreach (var member in founded.Members) _founders.Add(member.Id);
    }

    public Configuration Effective => _history[^1].Configuration;

    public LogIndex EffectiveIndex => _history[^1].Index;

    /// <summary>The newest configuration whose entry is committed.</summary>
    public Configuration CommittedAt(LogIndex commitIndex) => CommittedWithIndex(commitIndex).Configuration;

    /// <summary>The same, with the index from which it is known to be in force.</summary>
    public (LogIndex Index, Configuration Configuration) CommittedWithIndex(LogIndex commitIndex) =>
        _history.FindLast(h => h.Index <= commitIndex) is { Configuration: not null } found ? found : _history[0];

    /// <summary>
    /// Whether a node with this storage is known to be or to have been a member: a founder, or named by the log. One that had its name before is another. That is forgotten when the log begins
    /// anew behind a leader's snapshot: those go to members only, whatever stands there.
    /// </summary>
    public bool WasEverMember(NodeId node, StorageId? storage) => _founders.Contains(node) || _everMembers.Contains((node, storage));

    /// <summary>Whether a node votes in a configuration that others may go by: the newest that is known to be committed, or one behind it.</summary>
    public bool MayVote(NodeId node, LogIndex commitIndex)
    {
        var committed = Math.Max(0, _history.FindLastIndex(h => h.Index <= commitIndex));
        return _history.FindIndex(committed, h => h.Configuration.IsVoter(node)) >= 0;
    }

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
        _founders.Clear();
        _everMembers.Clear();
        Add(index, first);
    }

    /// <returns>Whether the effective configuration is another one now.</returns>
    public bool OnAppended(AppendToLog appended)
    {
        var before = Effective;
        _history.RemoveAll(h => h.Index > appended.Previous.Index && h.Index > _history[0].Index);
        foreach (var entry in appended.Entries)
        {
            if (entry is ConfigurationEntry change) Add(change.Index, change.Configuration);
        }

        return !ReferenceEquals(before, Effective);
    }

    void Add(LogIndex index, Configuration configuration)
    {
        _history.Add((index, configuration));
        foreach (var member in configuration.Members) _everMembers.Add((member.Id, member.Storage));
    }
}
