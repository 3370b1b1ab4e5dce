using Akka.Actor;
using Akka.Event;
using AkkaRaft.Consensus;
using AkkaRaft.Events;
using AkkaRaft.Journals;
using AkkaRaft.Protocol;

namespace AkkaRaft.Node;

/// <summary>
/// The way to the other nodes: who is where, what every message carries besides itself, whose messages are let in, and who has been silent for
/// long. Peers are named by id and address; a restarted peer is the same peer.
/// </summary>
internal sealed class PeerLinks
{
    /// <summary>Far more than a group has members.</summary>
    const int MaxReplyAddresses = 256;

    const int MaxDroppedKinds = 64;

    readonly NodeIdentity _me;
    readonly RaftSettings _settings;
    readonly string _address;
    readonly ulong _incarnation;
    readonly uint _founders;
    readonly ILoggingAdapter _log;
    readonly Func<string, ICanTell> _nodeAt;
    readonly Action<RaftEvent> _publish;
    readonly SortedDictionary<NodeId, Peer> _peers = [];
    readonly Dictionary<NodeId, string> _former = [];
    readonly Dictionary<string, ICanTell> _nodes = [];
    readonly Dictionary<NodeId, (string Address, StorageId Storage)> _repliesTo = [];
    readonly Dictionary<NodeId, TimeSpan> _refusedAt = [];
    readonly Dictionary<string, long> _dropped = [];

    readonly Dictionary<NodeId, StorageId> _storages = [];
    readonly HashSet<NodeId> _unmet = [];
    LogIndex _configurationIndex;

    ulong _recoveryMark;

    // What this node knows, if that is for it to say: nothing, where its name stands for another storage, or for none yet.
    LogIndex _vouchedIndex;

    /// <param name="me">This node.</param>
    /// <param name="address">Where this node is reached, <c>host:port</c>.</param>
    /// <param name="incarnation">Drawn at this start.</param>
    /// <param name="settings">Times after which silence is told.</param>
    /// <param name="nodeAt">The node at an address.</param>
    /// <param name="log">For people.</param>
    /// <param name="publish">For the application.</param>
    public PeerLinks(
        NodeIdentity me, string address, ulong incarnation, RaftSettings settings, Func<string, ICanTell> nodeAt, ILoggingAdapter log, Action<RaftEvent> publish)
    {
        _me = me;
        _address = address;
        _incarnation = incarnation;
        _founders = me.FirstConfiguration.Members.IsEmpty ? 0 : me.FirstConfiguration.Mark;
        _settings = settings;
        _nodeAt = nodeAt;
        _log = log;
        _publish = publish;
    }

    /// <summary>Where an address book says that nodes are.</summary>
    public AddressHints Hints { get; init; } = new();

    /// <summary>When a message of a peer came last; null if none has.</summary>
    public TimeSpan? HeardAt(NodeId node) => _peers.TryGetValue(node, out var peer) ? peer.HeardAt : null;

    /// <summary>Messages that were not let in, by reason.</summary>
    public IReadOnlyDictionary<string, long> Dropped => _dropped;

    /// <summary>These are the members now. Who is none any more can still be told so.</summary>
    public void Follow(LogIndex index, Configuration configuration, TimeSpan now)
    {
        _configurationIndex = index;
        _recoveryMark = configuration.RecoveryMark;
        _vouchedIndex = configuration.Find(_me.Node)?.Storage == _me.Storage ? index : LogIndex.Zero;
        _storages.Clear();
        _unmet.Clear();
        if (_former.Count >= MaxReplyAddresses) _former.Clear();
        foreach (var (id, peer) in _peers.Where(known => configuration.Find(known.Key) is null).ToList())
        {
            _former[id] = peer.Address;
            _peers.Remove(id);
        }

        foreach (var member in configuration.Members)
        {
            if (member.Storage is { } storage) _storages.Add(member.Id, storage);
            else _unmet.Add(member.Id);
            if (member.Id == _me.Node) continue;
            if (_peers.TryGetValue(member.Id, out var known)) known.Address = member.Address;
            else _peers.Add(member.Id, new Peer { Address = member.Address, SilentSince = now });
        }
    }

    public string? AddressOf(NodeId node) =>
        node == _me.Node ? _address : _peers.TryGetValue(node, out var peer) ? WayTo(node, peer) : null;

    public void Send(NodeId to, RaftMessage message, IActorRef self)
    {
        var isReply = message is VoteReply or AppendEntriesReply or InstallSnapshotReply or ReadIndexReply;
        _peers.TryGetValue(to, out var peer);

        // An answer goes where the question came from, and to that storage; a node that asks may not be in our configuration yet (thesis 4.1).
        if (isReply && _repliesTo.TryGetValue(to, out var asker))
            NodeAt(asker.Address).Tell(new PeerMessage(HeaderTo(to, asker.Storage), message), self);
        else if ((peer is null ? _former.GetValueOrDefault(to) : WayTo(to, peer)) is { } address)
            NodeAt(address).Tell(new PeerMessage(HeaderTo(to), message), self);
    }

    /// <summary>Says to every peer that this node is there: without it a restarted node stays deaf until the peers' remoting opens its gates again.</summary>
    public void GreetAll(TimeSpan now, IActorRef self)
    {
        foreach (var (id, peer) in _peers) Greet(id, peer, now, self);
    }

    /// <summary>An address book has named a peer: it is greeted at once, so that it is found without waiting for it to speak first.</summary>
    public void OnHint(NodeId id, TimeSpan now, IActorRef self)
    {
        if (_peers.TryGetValue(id, out var peer)) Greet(id, peer, now, self);
    }

    /// <summary>Lets a message in, or drops and counts it.</summary>
    public bool Accepts(PeerHeader header, TimeSpan now)
    {
        var (kind, stranger) = header.Cluster != _me.Cluster ? ("of another cluster", $"of cluster \"{header.Cluster}\"")
            : header.Group != _me.Group ? ("of another group", $"of group \"{header.Group}\"")
            : header.To != _me.Node ? ("for another node", $"for node \"{header.To}\"")
            : header.From == _me.Node ? ("of this node's own id", "of a node with this node's own id")
            : IsOfOtherFounders(header) ? ("of other founders", "of a node whose cluster was founded with another list of members")
            : ("", "");
        if (kind.Length > 0)
        {
            Drop(kind, $"A message {stranger}, sent by node \"{header.From}\" at {header.FromAddress}, was dropped: this is node \"{_me.Node}\" of group " +
                $"\"{_me.Group}\" in cluster \"{_me.Cluster}\", founded with {_me.FirstConfiguration}. Check addresses, cluster id and the list of members on both sides: " +
                "the list is the same, letter for letter, on each node.");
            return false;
        }

        if (IsOfOtherRecovery(header))
        {
            Drop("of another recovery", $"A message of node \"{header.From}\" at {header.FromAddress} was dropped: group \"{_me.Group}\" of cluster \"{_me.Cluster}\" was recovered or restored, and the two nodes " +
                $"have different histories since then (the mark there is {Marked(header.RecoveryMark)}, here {Marked(_recoveryMark)}). The node that was left behind must not go on with its data: empty its folder, start it " +
                $"with akka.raft.join = on, and add it to the members of the other one.");
            return false;
        }

        if (header.ToStorage is { } meant && meant != _me.Storage)
        {
            Drop("for another storage", $"A message of node \"{header.From}\" at {header.FromAddress} was dropped: it is meant for node \"{_me.Node}\" with storage {meant}, and this " +
                $"one has storage {_me.Storage}. Its disk was wiped, or its name is used twice, or the sender has not heard yet that it was removed and added again.");
            return false;
        }

        if (StorageInsteadOf(header) is { } known)
        {
            Drop("of another storage", $"A message of node \"{header.From}\" at {header.FromAddress}, with storage {header.FromStorage}, was dropped: that name stands for storage " +
                $"{known} since entry {_configurationIndex}. Its disk was wiped, or its name is used twice. Remove node \"{header.From}\" from the members and add it again with an empty folder.");
            return false;
        }

        RememberWhereToReply(header);
        if (_peers.TryGetValue(header.From, out var peer)) Heard(header.From, peer, now);
        return true;
    }

    /// <summary>
    /// Whether the sender's history is another one since a recovery. Who belongs to none yet gets its first one from whoever adds it, and has nothing to say but answers.
    /// </summary>
    public bool IsOfOtherRecovery(PeerHeader header) =>
        header.RecoveryMark != _recoveryMark && !header.IsNewcomer && !(_founders == 0 && _vouchedIndex == LogIndex.Zero);

    /// <summary>Whether the sender belongs to this group as it was recovered, and this node to what it was before.</summary>
    public bool IsLeftBehind(PeerHeader header) =>
        _recoveryMark == 0 && IsOfOtherRecovery(header) && !IsOfOtherFounders(header) && header.Cluster == _me.Cluster && header.Group == _me.Group && header.To == _me.Node;

    /// <summary>Tells a node of another history, or of another founding, that there is this one; now and then. It drops that, and its people learn of it, too.</summary>
    public void TellHistory(PeerHeader header, TimeSpan now, IActorRef self)
    {
        if (header.Cluster == _me.Cluster && header.Group == _me.Group && (IsOfOtherRecovery(header) || IsOfOtherFounders(header)) && MayRefuse(header.From, now))
            NodeAt(header.FromAddress).Tell(new Greeting(HeaderTo(header.From, header.FromStorage), IsReply: true), self);
    }

    /// <summary>Whether a message of this cluster was not let in because of its sender's storage.</summary>
    public bool IsOfOtherStorage(PeerHeader header) =>
        header.Cluster == _me.Cluster && header.Group == _me.Group && header.To == _me.Node && StorageInsteadOf(header) is not null;

    /// <summary>The storage for which the sender's name stands here, if that is another one and the sender cannot know better (B71).</summary>
    StorageId? StorageInsteadOf(PeerHeader header) =>
        _storages.TryGetValue(header.From, out var storage) && storage != header.FromStorage && header.Configuration <= _configurationIndex ? storage : null;

    /// <summary>Whether the sender is a member whose storage the log does not name yet.</summary>
    public bool IsNew(PeerHeader header) => _unmet.Contains(header.From);

    /// <summary>Tells a node that its name stands for another storage; now and then.</summary>
    public void Refuse(PeerHeader header, StorageId known, LogIndex index, TimeSpan now, IActorRef self)
    {
        if (MayRefuse(header.From, now)) NodeAt(header.FromAddress).Tell(new IdentityRefused(HeaderTo(header.From, header.FromStorage), known, index), self);
    }

    bool IsOfOtherFounders(PeerHeader header) => header.Founders != 0 && _founders != 0 && header.Founders != _founders;

    bool MayRefuse(NodeId node, TimeSpan now)
    {
        if (_refusedAt.TryGetValue(node, out var last) && now - last < _settings.GreetingInterval) return false;
        if (_refusedAt.Count >= MaxReplyAddresses) _refusedAt.Clear();
        _refusedAt[node] = now;
        return true;
    }

    static string Marked(ulong recovery) => recovery == 0 ? "none" : $"{recovery:x16}";

    /// <summary>Answers a greeting that was let in.</summary>
    public void OnGreeting(Greeting greeting, IActorRef self)
    {
        if (greeting.IsReply) return;
        NodeAt(greeting.Header.FromAddress).Tell(new Greeting(HeaderTo(greeting.Header.From, greeting.Header.FromStorage), IsReply: true), self);
    }

    /// <summary>Counts what was not let in, and tells people once of each kind.</summary>
    public void Drop(string kind, string message)
    {
        // A kind may hold what a stranger made up.
        if (_dropped.Count >= MaxDroppedKinds && !_dropped.ContainsKey(kind)) kind = "of further kinds";
        _dropped[kind] = _dropped.GetValueOrDefault(kind) + 1;
        if (_dropped[kind] == 1) _log.Warning("{0} This is logged once; further ones are counted.", message);
    }

    /// <summary>Tells people about silence, and greets whom it has not heard since it started.</summary>
    /// <param name="now">The time.</param>
    /// <param name="leading">Whether this node leads: a leader is answered by everybody, all the time.</param>
    /// <param name="self">This node.</param>
    public void Watch(TimeSpan now, bool leading, IActorRef self)
    {
        foreach (var (id, peer) in _peers)
        {
            if ((!peer.EverHeard || UnprovenHint(id, peer) is not null) && now - peer.LastGreeting >= _settings.GreetingInterval) Greet(id, peer, now, self);

            var expected = leading || !peer.EverHeard;
            if (!expected)
            {
                // Followers do not talk to each other: their silence means nothing.
                if (!peer.IsLost) peer.SilentSince = now;
                continue;
            }

            var silence = now - peer.SilentSince;
            if (!peer.IsLost && peer.EverHeard && silence > _settings.ElectionTimeoutMax)
            {
                peer.IsLost = true;
                _log.Info("peer {0} lost: nothing was heard from {1} for {2} ms", id, peer.Address, (long)silence.TotalMilliseconds);
                _publish(new PeerUnreachable(id, peer.Address, silence));
            }

            if (!peer.IsTold && silence > _settings.PeerUnreachableWarningAfter)
            {
                peer.IsTold = true;
                _log.Warning("Node {0} cannot reach node {1} at {2} for {3} s. It is down, the network is cut, or its canonical address is another one: " +
                    "Akka.Remote drops messages whose host:port is not letter for letter the receiver's public-hostname:public-port. With TLS on one of the two only, or with a " +
                    "certificate that one of them refuses, it looks the same: both logs say so.",
                    _me.Node, id, peer.Address, (long)silence.TotalSeconds);
                if (!peer.IsLost) _publish(new PeerUnreachable(id, peer.Address, silence));
            }
        }
    }

    /// <summary>A leadership starts: from now on everybody is expected to answer.</summary>
    public void ExpectAnswers(TimeSpan now)
    {
        foreach (var peer in _peers.Values)
        {
            if (peer.EverHeard && !peer.IsLost) peer.SilentSince = now;
        }
    }

    void RememberWhereToReply(PeerHeader header)
    {
        // Who is no member yet is answered too (thesis 4.1), but does not fill the memory with names.
        if (_repliesTo.Count >= MaxReplyAddresses && !_repliesTo.ContainsKey(header.From)) _repliesTo.Clear();
        _repliesTo[header.From] = (header.FromAddress, header.FromStorage);
    }

    void Heard(NodeId id, Peer peer, TimeSpan now)
    {
        if (!peer.EverHeard || peer.IsLost)
        {
            _log.Info("peer {0} found at {1}", id, WayTo(id, peer));
            _publish(new PeerReachable(id, WayTo(id, peer)));
        }

        peer.EverHeard = true;
        peer.IsLost = false;
        peer.IsTold = false;
        peer.SilentSince = now;
        peer.HeardAt = now;
    }

    void Greet(NodeId id, Peer peer, TimeSpan now, IActorRef self)
    {
        peer.LastGreeting = now;
        NodeAt(WayTo(id, peer)).Tell(new Greeting(HeaderTo(id), IsReply: false), self);
        if (UnprovenHint(id, peer) is { } hint) NodeAt(hint).Tell(new Greeting(HeaderTo(id), IsReply: false), self);
    }

    /// <summary>
    /// Where a peer is sent to: as the configuration says, unless an address book names another place and the peer itself has spoken from there last. So a wrong hint
    /// costs a greeting now and then, and never a connection that works.
    /// </summary>
    string WayTo(NodeId id, Peer peer) => Hints.Of(id) is { } hint && UnprovenHint(id, peer) is null ? hint : peer.Address;

    string? UnprovenHint(NodeId id, Peer peer) =>
        Hints.Of(id) is { } hint && hint != peer.Address && !(_repliesTo.TryGetValue(id, out var spoken) && spoken.Address == hint) ? hint : null;

    ICanTell NodeAt(string address)
    {
        if (_nodes.TryGetValue(address, out var node)) return node;
        if (_nodes.Count >= MaxReplyAddresses) _nodes.Clear();
        return _nodes[address] = _nodeAt(address);
    }

    PeerHeader HeaderTo(NodeId to, StorageId? storage = null) => new(_me.Cluster, _me.Group, to, _me.Node, _me.Storage, _address, _incarnation, _founders)
    {
        ToStorage = storage ?? (_storages.TryGetValue(to, out var known) ? known : null),
        Configuration = _vouchedIndex,
        RecoveryMark = _recoveryMark,
    };

    sealed class Peer
    {
        public required string Address { get; set; }

        public TimeSpan SilentSince { get; set; }

        public TimeSpan LastGreeting { get; set; }

        public TimeSpan? HeardAt { get; set; }

        public bool EverHeard { get; set; }

        public bool IsLost { get; set; }

        public bool IsTold { get; set; }
    }
}
