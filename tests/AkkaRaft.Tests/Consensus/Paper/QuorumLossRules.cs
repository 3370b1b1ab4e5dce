using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Entries;

namespace AkkaRaft.Tests.Consensus.Paper;

/// <summary>Outside of Raft: what a survivor's log becomes when its majority is lost for good.</summary>
public sealed class QuorumLossRules
{
    const ulong Mark = 0xfeed;

    static readonly DateTimeOffset Now = Epoch.AddHours(1);

    [Fact]
    public void The_survivor_is_the_only_voter_and_other_survivors_come_back_as_strangers()
    {
        var state = State(Members(5), "1 1 2", term: 7);

        var entry = QuorumLoss.Plan(state, [Id(2), Id(4)], Mark, Now);

        entry.Id.ShouldBe(new EntryId(new LogIndex(4), new Term(7 + QuorumLoss.TermsAhead)), "far ahead of what the lost ones may reach among themselves");
        var voter = entry.Configuration.Voters.ShouldHaveSingleItem();
        (voter.Id, voter.Storage).ShouldBe((Id(2), StorageOf(2)));
        var learner = entry.Configuration.Learners.ShouldHaveSingleItem();
        (learner.Id, learner.Storage, learner.PromoteWhenCaughtUp).ShouldBe((Id(4), null, true));
        entry.Configuration.Members.Length.ShouldBe(2);
        entry.Configuration.RecoveryMark.ShouldBe(Mark);
    }

    /// <summary>A majority that was lost in the middle of a change: what the joint configuration wanted does not matter any more (Raft 6).</summary>
    [Fact]
    public void A_joint_configuration_is_left_behind()
    {
        var joint = Members(3).Enter(new Configuration(Members(3).Voters.Skip(1), [new Member(Id(9), "host:9")]));
        var state = State(joint, "1", term: 1);

        var plan = QuorumLoss.Plan(state, [Id(2)], Mark, Now).Configuration;

        plan.IsJoint.ShouldBeFalse();
        plan.Voters.ShouldHaveSingleItem().Id.ShouldBe(Id(2));
    }

    [Fact]
    public void The_time_of_the_log_never_falls()
    {
        var state = State(Members(3), "1 1", term: 1);

        QuorumLoss.Plan(state, [Id(2)], Mark, Epoch.AddHours(-1)).Time.ShouldBe(Epoch);
    }

    [Theory]
    [InlineData("4", "is not among the survivors")]
    [InlineData("2,9", "Node 9 is no member")]
    public void Survivors_that_cannot_be_are_refused_by_name(string survivors, string why)
    {
        var state = State(Members(5), "1", term: 1);

        Should.Throw<ArgumentException>(() => QuorumLoss.Plan(state, [.. survivors.Split(',').Select(id => new NodeId(id))], Mark, Now)).Message.ShouldContain(why);
    }

    [Fact]
    public void A_node_that_is_no_member_by_its_own_log_is_no_survivor()
    {
        var state = State(new Configuration(Members(3).Voters.Where(voter => voter.Id != Id(2))), "1", term: 1);

        Should.Throw<ArgumentException>(() => QuorumLoss.Plan(state, [Id(2)], Mark, Now)).Message.ShouldContain("no member of the group");
    }

    /// <summary>Whatever is changed afterwards, the fence stays: in joint configurations, behind them, and in what a request asks for.</summary>
    [Fact]
    public void Every_later_configuration_keeps_the_mark()
    {
        var now = new Configuration(Members(2).Voters) { RecoveryMark = Mark };

        var joint = now.Enter(Members(5), stay: true);

        joint.RecoveryMark.ShouldBe(Mark);
        joint.Leave().RecoveryMark.ShouldBe(Mark);
        joint.With(member => member with { PromoteWhenCaughtUp = true }).RecoveryMark.ShouldBe(Mark);
        now.ShouldNotBe(new Configuration(Members(2).Voters));
        now.Mark.ShouldNotBe(new Configuration(Members(2).Voters).Mark, "founders that were restored are not those that begin with nothing");
    }

    static Configuration Members(int count) => new(Enumerable.Range(1, count).Select(node => new Member(Id(node), $"host:{node}") { Storage = StorageOf(node) }));

    static NodeId Id(int number) => Entries.Node(number);

    static StorageId StorageOf(int node) => new($"{node:x32}");

    static NodeState State(Configuration configuration, string log, long term) => new(
        Id(2), new CoreOptions(), new RecoveredState(new Term(term), null, configuration, Log(log)) { Storage = StorageOf(2) }, 1, new Instant(TimeSpan.Zero, Epoch));
}
