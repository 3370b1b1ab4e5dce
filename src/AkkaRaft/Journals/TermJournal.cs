using Akka.Persistence;
using AkkaRaft.Consensus;
using Akka.Actor;

namespace AkkaRaft.Journals;

/// <summary>
/// Keeps a node's identity, its term and its vote (Raft figure 2, persistent state). Each change is one event, and an event is stored whole or not at
/// all: there is no moment at which the old vote is gone and the new one not yet there (B05).
/// </summary>
internal sealed class TermJournal : NodeJournal
{
    /// <summary>So many changes of term or vote are stored before identity, term and vote are written anew and what was before is deleted.</summary>
    internal const int MaxChanges = 16;

    readonly ClusterId _cluster;
    readonly GroupId _group;
    readonly NodeId _node;

    // As they will be once everything requested is stored.
    NodeIdentity? _identity;
    Term _term;
    NodeId? _vote;

    NodeIdentity? _identityToStore;
    PersistTerm? _newestTerm;

    // Changes since the identity was last written.
    int _changes;

    // Where the identity was written anew; what is before may go once the term is written behind it.
    long? _rewrittenAt;
    bool _deleting;

    public TermJournal(ClusterId cluster, GroupId group, NodeId node, JournalOptions options)
        : base(JournalKind.Term, PersistenceIdOf(JournalKind.Term, cluster, group, node), options)
    {
        _cluster = cluster;
        _group = group;
        _node = node;
    }

    public static Props Props(ClusterId cluster, GroupId group, NodeId node, JournalOptions options) =>
        Akka.Actor.Props.Create(typeof(TermJournal), cluster, group, node, options);

    protected override void Replay(JournalEvent stored)
    {
        switch (stored)
        {
            case IdentityRecorded { Identity: var identity }:
                if (_identity is { } before && !AreSame(before, identity)) throw Unreadable("two identities of the node are stored");
                if (!IsOurs(identity)) throw Unreadable($"it is the journal of node \"{identity.Node}\" of {identity.Cluster}/{identity.Group}");
                _identity = identity;
                _changes = 0;
                break;
            case TermChanged { Term: var term, VotedFor: var vote }:
                if (_identity is null) throw Unreadable($"term {term} is stored before the node's identity");
                if (!MayBecome(term, vote)) throw Unreadable($"term {term} with vote \"{vote}\" follows term {_term} with vote \"{_vote}\"");
                _term = term;
                _vote = vote;
                _changes++;
                break;
            default:
                throw Unreadable($"a {stored.GetType().Name} stands in a term journal");
        }
    }

    protected override void Recovered() => Context.Parent.Tell(new TermJournalRecovered(_identity, _term, _vote), Self);

    protected override bool Request(object message)
    {
        switch (message)
        {
            case StoreIdentity store:
                Store(store.Identity);
                return true;
            case PersistTerm change:
                Change(change);
                return true;
            case DeleteMessagesSuccess or DeleteMessagesFailure:
                // What is not deleted now is deleted with what comes after it.
                _deleting = false;
                return true;
            default:
                return false;
        }
    }

    // Terms only grow and a vote is only given: the newest change says all that those before it said, and its ack stands for theirs.
    protected override void WriteNext()
    {
        if (_deleting) return;
        if (_identityToStore is { } identity)
        {
            _identityToStore = null;
            Write(new IdentityRecorded(identity), new IdentityStored(identity));
        }
        else if (_newestTerm is { } change)
        {
            _newestTerm = null;
            Write(new TermChanged(change.Term, change.VotedFor), new TermPersisted(change.Term, change.VotedFor), DeleteWhatIsBefore);
        }
        else if (_rewrittenAt is not null)
        {
            Write(new TermChanged(_term, _vote), null, DeleteWhatIsBefore);
        }
        else if (_changes >= MaxChanges)
        {
            // At no moment is anything missing: all of it is there twice before the first goes.
            Write(new IdentityRecorded(_identity!), null, () => _rewrittenAt = LastSequenceNr);
        }
    }

    protected override void DropQueue()
    {
        _identityToStore = null;
        _newestTerm = null;
    }

    void Store(NodeIdentity identity)
    {
        if (_identity is not null) Invariant.Broken($"node \"{_node}\" has its identity already and cannot get another one");
        if (!IsOurs(identity)) Invariant.Broken($"the journal of node \"{_node}\" of {_cluster}/{_group} cannot become that of {identity}");
        _identity = identity;
        _identityToStore = identity;
    }

    void DeleteWhatIsBefore()
    {
        _changes++;
        if (_rewrittenAt is not { } identity) return;
        _rewrittenAt = null;
        _changes = 1;
        _deleting = true;
        DeleteMessages(identity - 1);
    }

    void Change(PersistTerm change)
    {
        if (_identity is null) Invariant.Broken("a node stores its identity before any term");
        if (!MayBecome(change.Term, change.VotedFor))
            Invariant.Broken($"term {_term} with vote \"{_vote}\" cannot become term {change.Term} with vote \"{change.VotedFor}\"");
        _term = change.Term;
        _vote = change.VotedFor;
        _newestTerm = change;
    }

    // A term never falls, and within a term a vote once given stands (Raft 5.2: at most one vote in a term).
    bool MayBecome(Term term, NodeId? vote) => term > _term || (term == _term && (_vote is null || vote == _vote));

    static bool AreSame(NodeIdentity left, NodeIdentity right) =>
        left.Storage == right.Storage && left.Cluster == right.Cluster && left.Group == right.Group && left.Node == right.Node
        && left.FirstConfiguration.Equals(right.FirstConfiguration);

    bool IsOurs(NodeIdentity identity) => identity.Cluster == _cluster && identity.Group == _group && identity.Node == _node;
}
