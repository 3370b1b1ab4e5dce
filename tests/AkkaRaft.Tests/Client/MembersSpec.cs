using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Protocol;
using Shouldly;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Client;

/// <summary>A client that changes members: its code runs in turns of the test, and a leader answers what it asks.</summary>
public abstract class MembersSpec(ITestOutputHelper output) : ClientSpec(output)
{
    // Far more than any of these tests needs.
    const int MostRounds = 500;

    readonly Turns _turns = new();

    /// <summary>Who leads, and answers for its configuration, in <see cref="Serve{T}"/>.</summary>
    protected int Leader { get; set; } = 1;

    /// <summary>The term in which it leads.</summary>
    protected long LeadersTerm { get; set; } = 7;

    /// <summary>What the leader goes by.</summary>
    protected RaftConfiguration Goes { get; set; } = Configuration(5, [1, 2, 3]);

    /// <summary>What the leader knows of the others.</summary>
    protected IReadOnlyList<RaftPeerStatus> KnownPeers { get; set; } = [];

    /// <summary>What becomes of the next changes; without one a change is made.</summary>
    private protected Queue<Func<MembershipRequest, MembershipReply?>> Fates { get; } = [];

    /// <summary>Called each time that the leader is asked how it is.</summary>
    protected Action? OnLook { get; set; }

    /// <summary>The changes that were asked for.</summary>
    private protected List<MembershipRequest> Asked { get; } = [];

    protected static RaftConfiguration Configuration(long index, int[] voters, int[]? learners = null, int[]? promote = null, bool committed = true, int[]? votedBefore = null) =>
        new(new LogIndex(index), committed, [.. voters.Select(n => MemberOf(n, RaftMemberRole.Voter))
            .Concat((learners ?? []).Select(n => MemberOf(n, RaftMemberRole.Learner)))
            .Concat((promote ?? []).Select(n => MemberOf(n, RaftMemberRole.Learner) with { PromoteWhenCaughtUp = true }))
            .Select(member => member with { VotedBefore = votedBefore?.Contains(int.Parse(member.Id.Value)) == true })
            .OrderBy(member => member.Id)]);

    protected static RaftWantedMember Wanted(int n, RaftMemberRole role = RaftMemberRole.Voter) => new(At(n), role);

    protected static RaftMember At(int n, int? place = null) => new(Id(n), AddressOf(place ?? n));

    private protected static Member Member(int n) => new(Id(n), AddressOf(n));

    protected static RaftMembershipChange Change(long expected) => new([Wanted(1), Wanted(2)], new LogIndex(expected));

    protected Task<T> Ask<T>(Func<Task<T>> call) => Settled(_turns.Begin(call));

    /// <summary>All that the client does without more messages or more time is done.</summary>
    protected Task<T> Settled<T>(Task<T> task)
    {
        do Settle(); while (_turns.TakeAll());
        return task;
    }

    /// <summary>As <see cref="Settled{T}"/>, when the client is closed and has no mailbox any more.</summary>
    protected void TakeTurns() => _turns.TakeAll();

    private protected MembershipRequest ExpectChange(int node) => Node(node).FishForMessage<MembershipRequest>(_ => true);

    /// <summary>The leader answers until it has ended; when nothing is asked time passes.</summary>
    protected Task<T> Serve<T>(Task<T> task)
    {
        for (var round = 0; !Settled(task).IsCompleted; round++)
        {
            round.ShouldBeLessThan(MostRounds, "it does not end");
            if (!AnswerAll()) Pass(Poll);
        }

        return task;
    }

    /// <summary>Time passes, while the leader answers.</summary>
    protected void Serve(Task task, TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += Poll)
        {
            do Settled(Task.FromResult(true)); while (AnswerAll());
            if (task.IsCompleted) return;
            Pass(Poll);
        }

        Settled(Task.FromResult(true));
    }

    private protected void Answer(int from, MembershipRequest asked, MembershipOutcome outcome, long index, string why = "", int? leader = 1, long term = 7) =>
        Tell(new MembershipReply(Id(from), HintOf(leader, term), asked.RequestId, outcome, new LogIndex(index), why), from);

    private protected MembershipReply Reply(MembershipRequest asked, MembershipOutcome outcome, string why = "") =>
        new(Id(Leader), HintOf(Leader, LeadersTerm), asked.RequestId, outcome, Goes.Index, why);

    /// <summary>The leader carries it out.</summary>
    private protected MembershipReply Make(MembershipRequest asked)
    {
        Goes = new RaftConfiguration(Goes.Index + 1, IsCommitted: true, [.. asked.Voters.Select(member => OfRole(member, RaftMemberRole.Voter))
            .Concat(asked.Learners.Select(member => OfRole(member, RaftMemberRole.Learner))).OrderBy(member => member.Id)]);
        return Reply(asked, MembershipOutcome.Changed);
    }

    bool AnswerAll()
    {
        var any = false;
        foreach (var n in (int[])[1, 2, 3, 4])
        {
            while (Node(n).HasMessages)
            {
                any = true;
                Answer(n, Node(n).ReceiveOne());
            }
        }

        return any;
    }

    void Answer(int n, object message)
    {
        switch (message)
        {
            case LeaderRequest:
                Hint(from: n, leader: Leader, term: LeadersTerm);
                break;
            case StatusRequest when n == Leader:
                OnLook?.Invoke();
                Tell(new StatusReply(new RaftStatus(Id(n), RaftRole.Leader, new Term(LeadersTerm), Id(n), default, default, default, default) { Configuration = Goes, Peers = KnownPeers }), n);
                break;
            case MembershipRequest asked when n == Leader:
                Asked.Add(asked);
                if ((Fates.TryDequeue(out var fate) ? fate : Make)(asked) is { } reply) Tell(reply, n);
                break;
        }
    }

    static RaftConfigurationMember MemberOf(int n, RaftMemberRole role) => new(Id(n), AddressOf(n), role);

    static RaftConfigurationMember OfRole(Member member, RaftMemberRole role) => new(member.Id, member.Address, role) { PromoteWhenCaughtUp = member.PromoteWhenCaughtUp };
}
