namespace AkkaRaft;

/// <summary>
/// A Raft node cannot start, or cannot go on: its storage does not fit its settings, a journal keeps failing, or its state machine has ended. The
/// message says what is known and what to do; whatever the node acknowledged is in its journals.
/// </summary>
public sealed class RaftNodeException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened, what is known, what to do.</param>
    /// <param name="cause">What led to it; null if nothing else failed.</param>
    public RaftNodeException(string message, Exception? cause = null) : base(message, cause)
    {
    }
}
