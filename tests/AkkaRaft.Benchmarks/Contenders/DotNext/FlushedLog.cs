using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace AkkaRaft.Benchmarks.Contenders.DotNext;

/// <summary>
/// A log that is flushed before a follower acknowledges what its leader sent. In 6.12 every node flushes on each commit, whatever FlushInterval and FlushOnCommit are (both have no effect any
/// more), and a leader commits when a majority has acknowledged; but a follower acknowledges as soon as the entries are in its mapped memory.
/// </summary>
internal sealed class FlushedLog(WriteAheadLog.Options options, IStateMachine machine) : WriteAheadLog(options, machine), IAuditTrail<IRaftLogEntry>
{
    // A follower appends by this one, and acknowledges when it has returned and what was committed before is marked so.
    async ValueTask IAuditTrail<IRaftLogEntry>.AppendAsync<TEntry>(ILogEntryProducer<TEntry> entries, long startIndex, bool skipCommitted, CancellationToken token)
    {
        await AppendAsync(entries, startIndex, skipCommitted, token).ConfigureAwait(false);
        await FlushAsync(token).ConfigureAwait(false);
    }
}
