using Akka.Actor;
using AkkaRaft.Cluster.Events;
using AkkaRaft.Events;
using AkkaRaft.Tests;
using Shouldly;
using Xunit;

namespace AkkaRaft.Cluster.Tests.Stories;

/// <summary>What an autopilot makes of a group, on real systems: real Akka.Cluster, Akka.Remote and SQLite.</summary>
public sealed class AutopilotStories
{
    [Fact]
    public async Task Joined_members_become_learners_then_voters_and_a_dead_one_is_replaced_while_the_group_serves()
    {
        await using var story = new Clustered();
        await Founder(story);
        (await story[1].Group!.Propose<long>(new Increase(1), Clustered.Patience)).ShouldBe(1);

        foreach (var node in new[] { 2, 3 }) await story.Start(node, cluster: Clustered.Quick);
        await story.Becomes("three voters", 1, now => now.Voters.Count() == 3);

        await story.Holds("it was told", () => story[1].All<AutopilotActed>().Any(acted => acted.Action.Kind == RaftAutopilotActionKind.Promote));
        story[1].All<AutopilotActed>().Count(acted => acted.Action.Kind == RaftAutopilotActionKind.Add).ShouldBeGreaterThanOrEqualTo(2);
        story[1].All<AutopilotActs>().Last(acts => acts.Action.Kind == RaftAutopilotActionKind.Promote).Reason.ShouldContain("is stable for");
        story[1].All<ConfigurationChanged>().ShouldAllBe(changed => changed.Configuration.Voters.Count() != 2, "two voters survive no more failures than one");
        (await story[1].Group!.Propose<long>(new Increase(1), Clustered.Patience)).ShouldBe(2);

        await story.Start(4, cluster: Clustered.Quick);
        await story.Becomes("a learner in reserve", 1, now => now.Learners.Any(learner => learner.Id == new NodeId("4")));
        var leader = await story.Leader();
        var dead = new[] { 1, 2, 3 }.First(node => node != leader && node != 1);
        await story.Kill(dead);
        var by = story.Places.Keys.Min();

        await story.Becomes("the dead voter is replaced", by, now => now.Find(new NodeId($"{dead}")) is null && now.Find(new NodeId("4")) is { Role: RaftMemberRole.Voter });

        var voters = (await story.Configuration(by)).Voters.Select(voter => int.Parse(voter.Id.Value)).ToList();
        voters.ShouldBe([.. story.Places.Keys.Order()], "three voters before, three after");
        await story.Holds("it was told too", () => story.Places.Values.Any(place => place.All<AutopilotActed>().Any(acted => acted.Action.Kind == RaftAutopilotActionKind.Replace)));
        (await story[by].Group!.Propose<long>(new Increase(1), Clustered.Patience)).ShouldBe(3);
    }

    [Fact]
    public async Task A_node_that_was_restarted_at_another_address_is_moved()
    {
        await using var story = new Clustered();
        await story.Found(3, Clustered.Quick);
        await Bound(story);
        var leader = await story.Leader();
        var mover = new[] { 1, 2, 3 }.First(node => node != leader);
        var before = story[mover].Address;
        await story.Kill(mover);
        // Two incarnations of one node at two addresses: only people, or a split brain resolver, can say which is gone.
        foreach (var place in story.Places.Values) place.Cluster.Down(Address.Parse($"akka.tcp://story@{before}"));

        await story.Start(mover, cluster: Clustered.Quick);

        await story.Becomes("the configuration has its new address", leader, now => now.Find(new NodeId($"{mover}"))?.Address == story[mover].Address);
        var now = await story.Configuration(leader);
        now.Voters.Count().ShouldBe(3);
        story[mover].Address.ShouldNotBe(before);
        await story.Holds("it was told", () => story.Places.Values.Any(place => place.All<AutopilotActed>().Any()));
        story.Places.Values.SelectMany(place => place.All<AutopilotActed>()).Select(acted => acted.Action.Kind).ShouldBe([RaftAutopilotActionKind.Move]);
    }

    /// <summary>The few of a split cluster have no leader, and who does not lead decides nothing.</summary>
    [Fact]
    public async Task A_minority_changes_nothing_however_dead_the_others_look_to_it()
    {
        await using var story = new Clustered();
        await story.Found(3, Clustered.Quick);
        await Bound(story);
        var last = await story.Leader();
        var before = await story.Configuration(last);
        foreach (var node in story.Places.Keys.Where(node => node != last).ToList()) await story.Kill(node);

        await story.Holds("the cluster takes the others for unreachable", () => story[last].Cluster.State.Unreachable.Count == 2);
        await story.Holds("it has looked since, and does not lead", () => story[last].Attached!.Status.LastDecision?.Reason == $"node {last} does not lead");
        foreach (var member in before.Members.Where(member => member.Id != new NodeId($"{last}"))) story[last].Cluster.Down(Address.Parse($"akka.tcp://story@{member.Address}"));
        await story.Holds("the cluster has forgotten the others", () => story[last].Attached!.Status.Members.Count == 1);
        var downed = DateTimeOffset.UtcNow;
        await story.Holds("it has looked for longer than a dead one is left", () => story[last].Attached!.Status.DecidedAt > downed + TimeSpan.FromSeconds(6));

        (await story[last].Group!.GetStatus(Clustered.Patience)).Configuration.ShouldBe(before);
        story[last].All<AutopilotActs>().ShouldBeEmpty();
    }

    /// <summary>Gossip by itself changes no configuration: members come, are lost and are downed, and nobody is added or removed.</summary>
    [Fact]
    public async Task Without_the_autopilot_nothing_is_changed()
    {
        await using var story = new Clustered();
        await Founder(story, settings => settings);
        var before = await story.Configuration(1);
        await story.Start(2);
        await story.Holds("both are known", () => story[1].Attached!.Status.Members.Count(member => member is { IsReachable: true, Status: Akka.Cluster.MemberStatus.Up }) == 2);
        (await story.Configuration(1)).Index.ShouldBe(before.Index, "a node that has joined is added by people");

        await story[1].Group!.Client.AddMember(new RaftMember(new NodeId("2"), story[2].Address), learner: true, timeout: Clustered.Patience);
        await story.Becomes("its storage is known", 1, now => now.Find(new NodeId("2"))?.Storage is not null);
        var added = await story.Configuration(1);
        var address = story[2].Address;
        await story.Kill(2);
        await story.Holds("the cluster has lost it", () => story[1].Attached!.Status.Members.Any(member => !member.IsReachable));
        story[1].Cluster.Down(Address.Parse($"akka.tcp://story@{address}"));
        await story.Holds("the cluster has forgotten it", () => story[1].Attached!.Status.Members.Count == 1);

        (await story[1].Group!.Propose<long>(new Increase(5), Clustered.Patience)).ShouldBe(5);
        (await story.Configuration(1)).ShouldBe(added);
        story[1].Attached!.Status.LastDecision.ShouldBeNull();
    }

    /// <summary>The first node of a group is told by people that it founds it.</summary>
    static async Task Founder(Clustered story, Func<RaftClusterSettings, RaftClusterSettings>? cluster = null)
    {
        story.Places[1] = await story.Join("raft, raft-node-1", node: 1);
        story.Run(1, [new RaftMember(new NodeId("1"), story[1].Address)], cluster ?? Clustered.Quick);
        await story[1].Group!.WhenReady.WaitAsync(Clustered.Patience);
    }

    /// <summary>Until the log names all storages there is something left to be written.</summary>
    static Task Bound(Clustered story) => story.Becomes("all storages are known", 1, now => now.Members.All(member => member.Storage is not null));
}
