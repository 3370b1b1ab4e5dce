namespace AkkaRaft;

/// <summary>
/// A committed command could not be applied: its handler threw, it has no handler, or it cannot be read. The node stops, because an entry is never
/// skipped; nothing after it was applied. The entry stays in the log, so that the node fails there again until the state machine is repaired.
/// </summary>
public sealed class StateMachineFailedException : RaftException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="entry">The entry that could not be applied.</param>
    /// <param name="commandType">The type of its command, or what its payload claims to be.</param>
    /// <param name="message">What happened, what is known, what to do.</param>
    /// <param name="cause">What the handler or the serializer threw; null if there is no handler.</param>
    public StateMachineFailedException(EntryId entry, string commandType, string message, Exception? cause)
        : base(RaftOutcome.Unknown, message, cause)
    {
        Entry = entry;
        CommandType = commandType;
    }

    /// <summary>Index and term of the entry that could not be applied.</summary>
    public EntryId Entry { get; }

    /// <summary>The type of its command, or what its payload claims to be.</summary>
    public string CommandType { get; }
}
