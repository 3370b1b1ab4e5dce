using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Journal;
using AkkaRaft.Journals;

namespace AkkaRaft.Tests.Journals;

/// <summary>
/// A journal plug-in for tests: its disk outlives the actor system, and a test decides when and how each write ends. Found by the plug-in through
/// its configuration (key <c>disk</c>).
/// </summary>
internal sealed class FaultyDisk : IDisposable
{
    public const string PluginId = "akka.persistence.journal.faulty";

    const string ImpatientPluginId = "akka.persistence.journal.faulty-impatient";

    static readonly ConcurrentDictionary<string, FaultyDisk> All = new();

    readonly Lock _lock = new();
    readonly Dictionary<string, List<IPersistentRepresentation>> _stored = [];
    readonly Dictionary<string, long> _highest = [];
    readonly List<int> _deletions = [];
    readonly BlockingCollection<HeldWrite> _held = [];
    readonly string _name = Guid.NewGuid().ToString("N");

    public FaultyDisk() => All[_name] = this;

    /// <summary>Whether writes wait for <see cref="NextWrite"/>; otherwise they are stored at once.</summary>
    public bool HoldsWrites { get; set; }

    /// <summary>What a replay waits for before it reads: it can fail it, or never end.</summary>
    public Task Replays { get; set; } = Task.CompletedTask;

    /// <summary>Whether nothing can be deleted.</summary>
    public bool FailsDeletions { get; set; }

    /// <summary>How many events each deletion took, in order.</summary>
    public IReadOnlyList<int> Deletions
    {
        get
        {
            lock (_lock) return [.. _deletions];
        }
    }

    /// <summary>Writes that wait.</summary>
    public int HeldWrites => _held.Count;

    public JournalOptions Options => new() { JournalPluginId = PluginId };

    /// <summary>For tests in which the disk never answers: the plug-in gives up after 2 s. Everywhere else a slow machine must not look like a failed disk.</summary>
    public JournalOptions ImpatientOptions => new() { JournalPluginId = ImpatientPluginId };

    public Config Config => PluginConfig(PluginId, "60s").WithFallback(PluginConfig(ImpatientPluginId, "2s"));

    Config PluginConfig(string pluginId, string patience) => ConfigurationFactory.ParseString($$"""
        {{pluginId}} {
          class = "{{typeof(FaultyJournal).AssemblyQualifiedName}}"
          plugin-dispatcher = "akka.actor.default-dispatcher"
          disk = "{{_name}}"
          recovery-event-timeout = {{patience}}
          circuit-breaker.call-timeout = {{patience}}
          replay-filter.mode = fail
        }
        """);

    public static FaultyDisk Find(string name) => All[name];

    /// <summary>The next write that waits; the test ends it.</summary>
    public HeldWrite NextWrite() =>
        _held.TryTake(out var write, TimeSpan.FromSeconds(10)) ? write : throw new TimeoutException("The journal was given no write within 10 s.");

    public IReadOnlyList<JournalEvent> Events(string persistenceId)
    {
        lock (_lock) return [.. Of(persistenceId).Select(stored => (JournalEvent)stored.Payload)];
    }

    /// <summary>Puts an event there as another writer would.</summary>
    public void Plant(string persistenceId, long sequenceNr, JournalEvent stored, string writer = "planted")
    {
        lock (_lock) Of(persistenceId).Add(new Persistent(stored, sequenceNr, persistenceId, "", false, null, writer));
    }

    public void Forget(string persistenceId, long sequenceNr)
    {
        lock (_lock) Of(persistenceId).RemoveAll(stored => stored.SequenceNr == sequenceNr);
    }

    public void Dispose()
    {
        All.TryRemove(_name, out _);
        _held.Dispose();
    }

    internal Task<IImmutableList<Exception>?> Write(IReadOnlyList<AtomicWrite> writes)
    {
        var write = new HeldWrite(this, writes);
        if (HoldsWrites) _held.Add(write);
        else write.Store();
        return write.Completion;
    }

    internal IReadOnlyList<IPersistentRepresentation> Read(string persistenceId)
    {
        lock (_lock) return [.. Of(persistenceId)];
    }

    internal Task Delete(string persistenceId, long toSequenceNr)
    {
        if (FailsDeletions) return Task.FromException(new IOException("nothing can be deleted"));
        lock (_lock)
        {
            if (HeldWrites > 0) return Task.FromException(new InvalidOperationException("a deletion came beside a write"));
            _highest[persistenceId] = Of(persistenceId)[^1].SequenceNr;
            _deletions.Add(Of(persistenceId).RemoveAll(stored => stored.SequenceNr <= toSequenceNr));
        }

        return Task.CompletedTask;
    }

    // Numbers of deleted events are not given again.
    internal long HighestOf(string persistenceId)
    {
        lock (_lock) return Of(persistenceId) is [.., var last] ? last.SequenceNr : _highest.GetValueOrDefault(persistenceId);
    }

    internal void Store(IEnumerable<AtomicWrite> writes)
    {
        lock (_lock)
        {
            foreach (var write in writes) Of(write.PersistenceId).AddRange((IEnumerable<IPersistentRepresentation>)write.Payload);
        }
    }

    List<IPersistentRepresentation> Of(string persistenceId) =>
        _stored.TryGetValue(persistenceId, out var list) ? list : _stored[persistenceId] = [];
}

/// <summary>A write that waits for the test to say how it ends.</summary>
internal sealed class HeldWrite(FaultyDisk disk, IReadOnlyList<AtomicWrite> writes)
{
    readonly TaskCompletionSource<IImmutableList<Exception>?> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<IImmutableList<Exception>?> Completion => _completion.Task;

    public JournalEvent Event => (JournalEvent)((IEnumerable<IPersistentRepresentation>)writes.Single().Payload).Single().Payload;

    public void Store()
    {
        disk.Store(writes);
        _completion.SetResult(null);
    }

    public void Fail(string why) => _completion.SetException(new IOException(why));

    public void StoreButFail(string why)
    {
        disk.Store(writes);
        Fail(why);
    }

    public void Reject(string why) => _completion.SetResult([.. writes.Select(_ => (Exception)new InvalidOperationException(why))]);
}

/// <summary>The plug-in over a <see cref="FaultyDisk"/>.</summary>
public sealed class FaultyJournal : AsyncWriteJournal
{
    readonly FaultyDisk _disk;

    public FaultyJournal(Config config) => _disk = FaultyDisk.Find(config.GetString("disk"));

    public override async Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback)
    {
        await _disk.Replays;
        foreach (var stored in _disk.Read(persistenceId).Where(e => e.SequenceNr >= fromSequenceNr && e.SequenceNr <= toSequenceNr)) recoveryCallback(stored);
    }

    public override Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken) =>
        Task.FromResult(_disk.HighestOf(persistenceId));

    protected override Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken) =>
        _disk.Write([.. messages])!;

    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken) =>
        _disk.Delete(persistenceId, toSequenceNr);
}
