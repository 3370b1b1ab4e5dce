namespace AkkaRaft;

/// <summary>
/// A node's data folder cannot be used: another process holds it, it belongs to another node, or its file system or database cannot keep what is
/// written. The node does not start; nothing that was stored is changed.
/// </summary>
public sealed class RaftStorageException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was found in which folder, and what to do.</param>
    /// <param name="cause">The error underneath, if there is one.</param>
    public RaftStorageException(string message, Exception? cause = null) : base(message, cause)
    {
    }
}
