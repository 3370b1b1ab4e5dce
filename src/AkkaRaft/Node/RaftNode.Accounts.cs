using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Events;

namespace AkkaRaft.Node;

/// <summary>What a node tells people: how it is, what it knows of troubles, and what happens.</summary>
internal sealed partial class RaftNode
{
    readonly Instant _startedAt;

    JournalLatency _latency = new();

    RaftStatus Status
    {
        get
        {
            var now = Now;
            var status = _core is { State: var state }
                ? StatusReport.Of(StateName, state, now.Monotonic, peer => _peers!.HeardAt(peer))
                : new RaftStatus(_settings.NodeId, StateName, Term.Zero, null, EntryId.Zero, LogIndex.Zero, LogIndex.Zero, LogIndex.Zero);
            return status with
            {
                Peers = [.. status.Peers.Select(peer => peer with { Address = _peers?.AddressOf(peer.Node) ?? peer.Address })],
                Cluster = _settings.ClusterId,
                Group = _settings.GroupId,
                Address = _address,
                StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(_startedAt.Utc.ToUnixTimeMilliseconds()),
                Uptime = now.Monotonic - _startedAt.Monotonic,
                Journal = _latency.StatusAt(now.Monotonic) with { Failures = _journalFailures },
                Dropped = _peers is null ? [] : [.. _peers.Dropped.OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => new RaftDroppedMessages(kind.Key, kind.Value))],
            };
        }
    }

    RaftExplanation Explanation => _core is { State: var state }
        ? ExplanationReport.Of(Status, state, Now)
        : new RaftExplanation(Status) { ElectionTimeoutMin = _settings.ElectionTimeoutMin, ElectionTimeoutMax = _settings.ElectionTimeoutMax };

    /// <summary>Tells whoever has subscribed to the EventStream.</summary>
    void Publish(RaftEvent happened) => Context.System.EventStream.Publish(happened with
    {
        Cluster = _settings.ClusterId, Group = _settings.GroupId, Node = _settings.NodeId, At = Now.Utc,
    });
}
