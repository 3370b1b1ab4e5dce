namespace AkkaRaft.Consensus;

/// <summary>
/// currentTerm and votedFor (Raft 5.1, 5.2), and how far the TermJournal has confirmed them. One term counter for everything (B09); the vote is
/// cleared only by a higher term (B03, B10). The value in memory is in force at once; what announces it waits until it is durable.
/// </summary>
internal sealed class CurrentTerm(Term term, NodeId? votedFor)
{
    NodeId? _durableVote = votedFor;
    (Term, NodeId?) _requested = (term, votedFor);

    public Term Term { get; private set; } = term;

    public NodeId? VotedFor { get; private set; } = votedFor;

    /// <summary>The newest term that the journal has confirmed: what anybody may be told.</summary>
    public Term DurableTerm { get; private set; } = term;

    /// <summary>Whether a message or an entry of this term may exist.</summary>
    public bool IsTermDurable => DurableTerm == Term;

    /// <summary>Whether the vote of this term may be announced.</summary>
    public bool IsVoteDurable => IsTermDurable && _durableVote == VotedFor;

    public void Raise(Term term)
    {
        Invariant.Holds(term > Term);
        Term = term;
        VotedFor = null;
    }

    /// <summary>Gives the one vote of this term.</summary>
    public void Give(NodeId candidate)
    {
        Invariant.Holds(VotedFor is null || VotedFor == candidate);
        VotedFor = candidate;
    }

    /// <summary>What the journal has not been asked for yet; one write for all that a step changed.</summary>
    public PersistTerm? NextWrite()
    {
        if (_requested == (Term, VotedFor)) return null;
        _requested = (Term, VotedFor);
        return new PersistTerm(Term, VotedFor);
    }

    public void Confirm(TermPersisted written)
    {
        Invariant.Holds(written.Term >= DurableTerm && written.Term <= Term);
        DurableTerm = written.Term;
        _durableVote = written.VotedFor;
    }
}
