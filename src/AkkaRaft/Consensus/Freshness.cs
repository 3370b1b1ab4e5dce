namespace AkkaRaft.Consensus;

/// <summary>
/// How old the state of a node's machine is, as far as the node can know: the moment at which it last heard a leader whose commit index it has applied. The leader's
/// message was under way before that moment, and a leader that has lost its majority may not know it yet; no clock of another node is asked.
/// </summary>
internal sealed class Freshness
{
    // The newest word of a leader, and the oldest that was not applied when the next one came: a machine that is always a little behind would never reach the newest.
    (TimeSpan At, EntryId Commit)? _newest;
    (TimeSpan At, EntryId Commit)? _oldest;

    /// <summary>Null while there was no such moment since the node started.</summary>
    public TimeSpan? At { get; private set; }

    /// <param name="at">When the leader was heard.</param>
    /// <param name="commit">What it knew to be committed, with its own term.</param>
    public void Heard(TimeSpan at, EntryId commit)
    {
        _oldest ??= (at, commit);
        _newest = (at, commit);
    }

    /// <summary>The state machine has applied everything up to here.</summary>
    public void Settle(LogIndex applied, RaftLog log)
    {
        if (_oldest is { } oldest && applied >= oldest.Commit.Index)
        {
            Take(oldest, log);
            _oldest = null;
        }

        if (_newest is { } newest && applied >= newest.Commit.Index)
        {
            Take(newest, log);
            _newest = null;
        }
    }

    void Take((TimeSpan At, EntryId Commit) heard, RaftLog log)
    {
        // Until an entry of its own term is committed, a leader may know less than its predecessor acknowledged (B75).
        if (!log.TryGetId(heard.Commit.Index, out var id) || id != heard.Commit) return;
        if (At is null || heard.At > At) At = heard.At;
    }
}
