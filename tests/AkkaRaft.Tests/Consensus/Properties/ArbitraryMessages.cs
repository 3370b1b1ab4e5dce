using AkkaRaft.Consensus;
using CsCheck;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Consensus.Properties;

/// <summary>
/// Messages that no correct peer would send, but that have the right form: the core stops with a <see cref="RaftInvariantException"/> or goes on with a
/// state that can be, and nothing else.
/// </summary>
public sealed class ArbitraryMessages(ITestOutputHelper output)
{
    static readonly long[] Extremes = [long.MaxValue, long.MaxValue - 1, long.MinValue, 0];

    static readonly Gen<long> Extreme = Gen.Int[0, 3].Select(i => Extremes[i]);

    static readonly Gen<long> Number = Gen.OneOf(Gen.Long[0, 6], Gen.Long[0, 6], Gen.Long[-2, 40], Extreme);

    static readonly Gen<NodeId> Sender = Gen.Int[0, 5].Select(Entries.Node);

    static readonly Gen<Term> AnyTerm = Number.Select(n => new Term(n));

    static readonly Gen<EntryId> AnyId = Gen.Select(Number, Number).Select((index, term) => new EntryId(new LogIndex(index), new Term(term)));

    static readonly Gen<RaftMessage> Message = Gen.OneOf(
        Gen.Select(Sender, AnyTerm, Gen.Bool, Number, AnyId)
            .Select((from, term, pre, round, last) => (RaftMessage)new VoteRequest(from, term, pre ? ElectionKind.PreVote : ElectionKind.Vote, round, last)
            {
                IsTransfer = term.Value % 3 == 0,
            }),
        Gen.Select(Sender, AnyTerm, AnyId).Select((from, term, last) => (RaftMessage)new TimeoutNow(from, term, last)),
        Gen.Select(Sender, AnyTerm, Gen.Bool, Number, Gen.Enum<VoteRefusal>())
            .Select((from, term, pre, round, refusal) => (RaftMessage)new VoteReply(
                from, term, pre ? ElectionKind.PreVote : ElectionKind.Vote, round, refusal)),
        Gen.Select(Sender, AnyTerm, Number, AnyId, Gen.Long[0, 3].Array[0, 4], Number)
            .Select((from, term, round, previous, steps, commit) => (RaftMessage)new AppendEntries(
                from, term, round, previous, Run(previous, steps), new LogIndex(commit))),
        Gen.Select(Sender, AnyTerm, Gen.Enum<AppendOutcome>(), Number, Gen.Select(Number, Number), Gen.Select(AnyId, AnyId))
            .Select((from, term, outcome, round, indexes, ids) => (RaftMessage)new AppendEntriesReply(
                from, term, outcome, round, new LogIndex(indexes.Item1), new LogIndex(indexes.Item2), ids.Item1, ids.Item2)),
        Gen.Select(Sender, AnyTerm, Number, Gen.Bool)
            .Select((from, term, request, lease) => (RaftMessage)new ReadIndexRequest(from, term, request, lease)),
        Gen.Select(Sender, AnyTerm, Number, Number)
            .Select((from, term, request, index) => (RaftMessage)new ReadIndexReply(from, term, request, new LogIndex(index))));

    [Fact]
    public void One_core_takes_any_messages_in_any_role()
    {
        long survived = 0, stopped = 0;
        Gen.Select(Gen.Int[0, 3], Message.Array[1, 12]).Sample((role, messages) =>
        {
            var core = role switch
            {
                0 => Core.Follower(term: 3, log: "1 1 2 3 3", commit: 2, durable: 4),
                1 => Core.PreCandidate(term: 3, log: "1 1 2 3"),
                2 => Core.Candidate(term: 3, log: "1 1 2"),
                _ => Core.Leader(term: 3, log: "1 1 2 3 3 3", commit: 4),
            };
            try
            {
                foreach (var message in messages)
                {
                    core.Receives(message);
                    foreach (var write in core.Effects.OfType<PersistTerm>().ToList()) core.Receives(new TermPersisted(write.Term, write.VotedFor));
                    core.Waits(20);
                    IsSound(core.State);
                }

                Interlocked.Increment(ref survived);
            }
            catch (RaftInvariantException)
            {
                Interlocked.Increment(ref stopped);
            }
        }, iter: 10_000);

        output.WriteLine($"{survived} went on, {stopped} stopped");
        survived.ShouldBeGreaterThan(1000);
    }

    /// <summary>Whoever goes on goes on with a state that can be.</summary>
    static void IsSound(NodeState node)
    {
        for (var index = new LogIndex(1); index <= node.Log.Last.Index; index = index.Next)
        {
            node.Log[index].Index.ShouldBe(index);
            node.Log[index].Term.ShouldBeLessThanOrEqualTo(node.Term, "no entry is of a term that nobody knows yet");
        }

        node.CommitIndex.ShouldBeLessThanOrEqualTo(node.Log.Last.Index);
        node.Verified.ShouldBeLessThanOrEqualTo(node.Log.Last.Index);
        foreach (var peer in node.Leadership?.Peers.Values ?? Enumerable.Empty<Progress>())
        {
            peer.Match.ShouldBeLessThanOrEqualTo(node.Log.Last.Index);
            peer.Next.ShouldBeLessThanOrEqualTo(node.Log.Last.Index.Next);
            peer.Next.ShouldBeGreaterThan(peer.Match);
            peer.AckedRound.ShouldBeLessThanOrEqualTo(node.Leadership!.Round, "nobody confirms a round that has not begun");
        }
    }

    /// <summary>An answer to a round that has not begun would confirm reads that have not come.</summary>
    [Fact]
    public void A_round_that_has_not_begun_cannot_be_answered()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);

        Should.Throw<RaftInvariantException>(() => leader.Receives(Messages.Accepted(from: 2, term: 3, upTo: 2, round: 7)));
    }

    /// <summary>Entries that do not follow the previous one, or are of a later term than their leader, would be taken for verified.</summary>
    [Fact]
    public void Entries_that_cannot_be_the_leaders_stop_the_node()
    {
        Should.Throw<RaftInvariantException>(
            () => Core.Follower(term: 3, log: "1 1 1 1", verified: 1).Receives(Messages.Append(from: 2, term: 3, after: "1/1", entries: "5/3")));
        Should.Throw<RaftInvariantException>(
            () => Core.Follower(term: 3, log: "1 1 1 1", verified: 1).Receives(Messages.Append(from: 2, term: 3, after: "1/1", entries: "4/1")));
        Should.Throw<RaftInvariantException>(
            () => Core.Follower(term: 3, log: "1 1").Receives(Messages.Append(from: 2, term: 3, after: "2/1", entries: "3/4")));
    }

    /// <summary>Consecutive entries whose terms do not fall.</summary>
    static List<LogEntry> Run(EntryId previous, long[] steps)
    {
        var entries = new List<LogEntry>();
        var last = previous;
        foreach (var step in steps)
        {
            last = new EntryId(last.Index.Next, new Term(unchecked(last.Term.Value + step)));
            entries.Add(Entries.Entry(last));
        }

        return entries;
    }
}
