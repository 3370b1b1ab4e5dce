using AkkaRaft.Consensus;
using BenchmarkDotNet.Attributes;

namespace AkkaRaft.Benchmarks.Micro;

/// <summary>
/// What the rules alone cost the leader of three nodes: a batch of proposals from its arrival to its commit, with both journals and followers answering at once.
/// Figures are per proposal.
/// </summary>
[MemoryDiagnoser]
public class ReplicationBenchmarks
{
    const int Proposals = 1000;

    static readonly NodeId One = NodeId.Parse("1");
    static readonly NodeId Two = NodeId.Parse("2");
    static readonly NodeId Three = NodeId.Parse("3");

    readonly Effects _effects = new();
    readonly Payload _command = new(7462, "benchmark", new byte[256]);
    Instant _now;
    RaftCore _leader = null!;

    /// <summary>How many proposals come as one batch.</summary>
    [Params(1, 100)]
    public int Batch { get; set; }

    /// <summary>A new leadership each time: the log must not grow from one measurement to the next.</summary>
    [IterationSetup]
    public void Lead()
    {
        var founders = new Configuration([new Member(One, "h:1"), new Member(Two, "h:2"), new Member(Three, "h:3")]);
        _now = default;
        _leader = new RaftCore(One, new CoreOptions(), new RecoveredState(Term.Zero, null, founders, []), seed: 1, _now);
        Step(Campaign.Instance);
        Step(new VoteReply(Two, Term.Zero, ElectionKind.PreVote, _leader.State.CampaignRound, VoteRefusal.None));
        Step(new TermPersisted(_leader.State.Term, One));
        Step(new VoteReply(Two, _leader.State.Term, ElectionKind.Vote, _leader.State.CampaignRound, VoteRefusal.None));
        Commit(1);
    }

    [Benchmark(OperationsPerInvoke = Proposals)]
    public LogIndex ProposeAndCommit()
    {
        var batch = new Propose([.. Enumerable.Range(0, Batch).Select(id => new Proposal(id, _command))]);
        for (var write = 2; write <= 1 + Proposals / Batch; write++)
        {
            Step(batch);
            Commit(write);
        }

        return _leader.State.CommitIndex;
    }

    void Commit(long write)
    {
        var last = _leader.State.Log.Last;
        Step(AppendEntriesReply.Accepted(Two, last.Term, 0, last.Index, last.Index));
        Step(AppendEntriesReply.Accepted(Three, last.Term, 0, last.Index, last.Index));
        Step(new EntriesPersisted(write, last));
        Step(new Applied(last.Index));
    }

    void Step(Input input)
    {
        _effects.Clear();
        _leader.Step(_now, input, _effects);
    }
}
