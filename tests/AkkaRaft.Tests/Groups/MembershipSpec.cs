using Akka.Actor;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Groups;

/// <summary>Who belongs to a group, as an operator changes it: real actor systems, Akka.Remote and SQLite in one process (Raft 6, thesis 4).</summary>
public sealed class MembershipSpec
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task One_node_grows_to_three_and_shrinks_again_while_it_serves()
    {
        await using var cluster = new LocalCluster(3);
        var first = cluster.Start(1, Founding(cluster));
        await first.WhenReady.WaitAsync(Patience);
        foreach (var node in new[] { 2, 3 }) await cluster.Start(node, Joining).WhenReady.WaitAsync(Patience);
        (await first.Propose<long>(new Increase(1), Patience)).ShouldBe(1);

        foreach (var node in new[] { 2, 3 })
        {
            (await first.Client.AddMember(Member(cluster, node), timeout: Patience)).Find(new NodeId($"{node}")).ShouldNotBeNull();
            var voter = (await first.Client.WaitUntilVoter(new NodeId($"{node}"), timeout: Patience)).Find(new NodeId($"{node}")).ShouldNotBeNull();
            voter.Storage.ShouldNotBeNull("the log names whose disk it is");
            (await first.Propose<long>(new Increase(1), Patience)).ShouldBe(node);
        }

        // All three are needed to know it: two of them make a majority.
        (await cluster.Groups[3].Query<long>(new HowMany(), new ReadOptions { From = ReadFrom.LocalNode }, Patience)).ShouldBe(3);
        var leader = int.Parse((await first.Client.FindLeader(Patience)).Node.Value);
        var left = await first.Client.RemoveMember(new NodeId($"{leader}"), timeout: Patience);
        left.Voters.Count().ShouldBe(2);
        // The removed one leads until all are told, and then hands over.
        await Eventually.Holds("another one leads", async () => (await first.Client.FindLeader(Patience)).Node.Value != $"{leader}", Patience);
        (await cluster.Groups[leader % 3 + 1].Propose<long>(new Increase(1), Patience)).ShouldBe(4);
    }

    [Fact]
    public async Task Each_step_may_be_asked_for_again_and_what_cannot_be_is_refused_with_the_reason()
    {
        await using var cluster = new LocalCluster(2);
        var first = cluster.Start(1, Founding(cluster));
        await cluster.Start(2, Joining).WhenReady.WaitAsync(Patience);
        var client = first.Client;

        await client.AddMember(Member(cluster, 2), learner: true, timeout: Patience);
        var again = await client.AddMember(Member(cluster, 2), learner: true, timeout: Patience);
        again.Find(new NodeId("2")).ShouldNotBeNull().Role.ShouldBe(RaftMemberRole.Learner);

        (await Should.ThrowAsync<MembershipChangeException>(client.WaitUntilVoter(new NodeId("2"), timeout: Patience))).Failure.ShouldBe(MembershipChangeFailure.Refused);
        (await Should.ThrowAsync<ArgumentException>(client.AddMember(new RaftMember(new NodeId("2"), "127.0.0.1:9"), timeout: Patience))).Message.ShouldContain("MoveMember");
        (await Should.ThrowAsync<ArgumentException>(client.PromoteMember(new NodeId("7"), timeout: Patience))).Message.ShouldContain("no member 7");
        (await Should.ThrowAsync<ArgumentException>(client.RemoveMember(new NodeId("1"), timeout: Patience))).Message.ShouldContain("without voters");
        (await Should.ThrowAsync<ArgumentException>(client.ReplaceMember(new NodeId("1"), new RaftMember(new NodeId("1"), "127.0.0.1:9")))).Message.ShouldContain("cannot replace itself");

        var stale = again.Index;
        await client.DemoteMember(new NodeId("2"), Patience);   // a learner already
        await client.AddMember(Member(cluster, 2), timeout: Patience);   // to be promoted now
        await client.WaitUntilVoter(new NodeId("2"), timeout: Patience);
        var late = new RaftMembershipChange([new RaftWantedMember(Member(cluster, 1), RaftMemberRole.Voter)], stale);
        (await Should.ThrowAsync<MembershipChangeException>(client.ChangeMembers(late, Patience))).Failure.ShouldBe(MembershipChangeFailure.ConfigurationChanged);
    }

    [Fact]
    public async Task Nodes_that_are_not_there_are_no_majority_unless_that_is_forced()
    {
        await using var cluster = new LocalCluster(3);
        var client = cluster.Start(1, Founding(cluster)).Client;
        var now = await client.GetConfiguration(Patience);
        var wanted = new RaftMembershipChange([.. Enumerable.Range(1, 3).Select(node => new RaftWantedMember(Member(cluster, node), RaftMemberRole.Voter))], now.Index);

        var refused = await Should.ThrowAsync<MembershipChangeException>(client.ChangeMembers(wanted, Patience));

        refused.Failure.ShouldBe(MembershipChangeFailure.Refused);
        refused.Message.ShouldContain("add it as a learner first");
        (await client.GetConfiguration(Patience)).Members.Count.ShouldBe(1);
    }

    /// <summary>A wiped disk under the old name: what it had acknowledged is gone, so it is refused, and says so, until it is removed and added again.</summary>
    [Fact, Trait("RaftBug", "B71")]
    public async Task A_node_with_a_wiped_disk_is_refused_until_it_is_removed_and_added_again()
    {
        await using var cluster = new LocalCluster(3);
        foreach (var node in new[] { 1, 2, 3 }) cluster.Start(node);
        foreach (var group in cluster.Groups.Values) await group.WhenReady.WaitAsync(Patience);
        var client = cluster.Groups[1].Client;
        await Eventually.Holds("the log names all storages", async () => (await client.GetConfiguration(Patience)) is { IsCommitted: true } now && now.Members.All(member => member.Storage is not null), Patience);
        await cluster.Groups[1].Propose<long>(new Increase(1), Patience);

        await cluster.Stop(3);
        Directory.Delete(Path.GetDirectoryName(cluster.FolderOf(3))!, recursive: true);
        var wiped = cluster.Start(3);
        var stopped = await wiped.WhenStopped.WaitAsync(Patience);
        stopped.Cause.ShouldNotBeNull().Message.ShouldContain("its name stands for storage");
        stopped.Cause.Message.ShouldContain("Remove the node from the members and add it again");

        await cluster.Stop(3);
        Directory.Delete(Path.GetDirectoryName(cluster.FolderOf(3))!, recursive: true);
        await client.RemoveMember(new NodeId("3"), timeout: Patience);
        var back = cluster.Start(3, Joining);
        await client.AddMember(Member(cluster, 3), timeout: Patience);
        await client.WaitUntilVoter(new NodeId("3"), timeout: Patience);
        (await back.Query<long>(new HowMany(), new ReadOptions { From = ReadFrom.LocalNode }, Patience)).ShouldBe(1);
    }

    static Func<RaftSettings, RaftSettings> Founding(LocalCluster cluster) => settings => settings.WithMembers(Member(cluster, 1));

    static RaftSettings Joining(RaftSettings settings) => settings.WithMembers().WithJoin(true);

    static RaftMember Member(LocalCluster cluster, int node) => new(new NodeId($"{node}"), cluster.AddressOf(node));
}
