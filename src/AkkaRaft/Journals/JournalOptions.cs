namespace AkkaRaft.Journals;

/// <summary>What the journal actors need to know of the settings.</summary>
internal sealed record JournalOptions
{
    /// <summary>The path of the Akka.Persistence journal plug-in, such as <c>akka.persistence.journal.sql</c>; never empty.</summary>
    public required string JournalPluginId { get; init; }

    /// <summary>Most bytes of entries (<c>LogEntry.Size</c>) that are written as one event. One entry that alone is larger is still written.</summary>
    public int MaxEventBytes { get; init; } = 1024 * 1024;

    /// <summary>For tests: the log journal confirms no more bytes of entries in a second than this; 0 for no limit.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>The clock that what happens in a second is measured by.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
