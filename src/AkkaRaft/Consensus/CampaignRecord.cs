namespace AkkaRaft.Consensus;

/// <summary>
/// Whom this node asked for votes in its last campaign, and what each answered. No rule looks at it: it is what people are told who ask why there is no leader.
/// </summary>
/// <param name="kind">Rehearsal or election.</param>
/// <param name="term">The term in which the node would lead.</param>
/// <param name="round">The campaign's number.</param>
/// <param name="began">When the voters were asked.</param>
/// <param name="asked">The other voters.</param>
internal sealed class CampaignRecord(ElectionKind kind, Term term, long round, TimeSpan began, IReadOnlyList<NodeId> asked)
{
    readonly SortedDictionary<NodeId, VoterAnswer> _answers = [];

    public ElectionKind Kind => kind;

    public Term Term => term;

    public TimeSpan Began => began;

    public IReadOnlyList<NodeId> Asked => asked;

    /// <summary>By voter; who is not here has not answered.</summary>
    public IReadOnlyDictionary<NodeId, VoterAnswer> Answers => _answers;

    /// <summary>Notes an answer to this very campaign, also one that comes when the campaign is over.</summary>
    public void Note(VoteReply reply, TimeSpan now)
    {
        if (reply.Kind == kind && reply.Round == round && asked.Contains(reply.From)) _answers[reply.From] = new VoterAnswer(reply.Refusal, reply.Term, now);
    }
}

/// <param name="Refusal">Why it says no; none if it says yes.</param>
/// <param name="Term">The voter's term when it answered.</param>
/// <param name="At">When its answer came.</param>
internal readonly record struct VoterAnswer(VoteRefusal Refusal, Term Term, TimeSpan At);
