namespace AkkaRaft;

/// <summary>Why a backup could not be made, or a file cannot be used as one.</summary>
public enum RaftBackupFailure
{
    /// <summary>The file is something else: it does not begin as a backup does.</summary>
    NotABackup,

    /// <summary>A newer version of AkkaRaft wrote the file.</summary>
    NewerVersion,

    /// <summary>The end of the file is missing.</summary>
    Truncated,

    /// <summary>Bytes of the file are not those that were written.</summary>
    Damaged,

    /// <summary>The file cannot be opened or read.</summary>
    Unreadable,

    /// <summary>There is a file of that name already.</summary>
    FileExists,

    /// <summary>The backup cannot be written to where it was to go.</summary>
    NotWritten,

    /// <summary>The nodes take no snapshots, and a backup is one.</summary>
    NoSnapshots,

    /// <summary>No node gave a whole snapshot in time.</summary>
    NotSent,
}

/// <summary>A backup was not made, or a file cannot be used as one. The group is as it was, and no file is there under the name of a backup that failed.</summary>
public sealed class RaftBackupException : RaftException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened, what is known, what to do.</param>
    /// <param name="failure">Why.</param>
    /// <param name="cause">The error behind it, if there is one.</param>
    public RaftBackupException(string message, RaftBackupFailure failure, Exception? cause = null) : base(RaftOutcome.NotApplied, message, cause) => Failure = failure;

    /// <summary>Why.</summary>
    public RaftBackupFailure Failure { get; }
}
