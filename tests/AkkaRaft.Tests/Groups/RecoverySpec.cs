using AkkaRaft.Consensus;
using AkkaRaft.Offline;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Groups;

/// <summary>A majority is lost for good: a survivor is recovered from what it has stored, and the lost ones do not come back as if nothing had happened.</summary>
public sealed class RecoverySpec : IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly LocalCluster _cluster = new(3);

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _cluster.DisposeAsync().AsTask();

    [Fact]
    public async Task A_survivor_goes_on_alone_keeps_what_it_had_and_grows_again()
    {
        await RunAndStop();

        var after = await Offline(2, node => node.Recover(new NodeId("2"), new NodeId("3")));
        after.Configuration.Voters.ShouldHaveSingleItem().Id.ShouldBe(new NodeId("2"));
        after.LastEntry.Index.ShouldBe(after.Configuration.Index);
        (await Offline(2, node => Task.FromResult(node.Report))).ShouldBeEquivalentTo(after, "it is durable");

        var survivor = _cluster.Start(2);
        await survivor.WhenReady.WaitAsync(Patience);
        (await survivor.Query<long>(new HowMany(), timeout: Patience)).ShouldBe(3, "nothing that it had is lost");
        (await survivor.Propose<long>(new Increase(1), Patience)).ShouldBe(4);

        // The other survivor comes back empty, and votes when it has caught up.
        _cluster.DeleteFolderOf(3);
        var third = _cluster.Start(3, Joining);
        (await survivor.Client.WaitUntilVoter(new NodeId("3"), timeout: Patience)).Voters.Count().ShouldBe(2);
        (await third.Query<long>(new HowMany(), new ReadOptions { From = ReadFrom.LocalNode }, Patience)).ShouldBe(4);
    }

    /// <summary>The lost node was not lost: with what it has it would cut what was acknowledged since (the fencing mark).</summary>
    [Fact, Trait("RaftBug", "B71")]
    public async Task A_lost_node_that_comes_back_is_refused_until_it_is_added_with_an_empty_folder()
    {
        await RunAndStop();
        await Offline(2, node => node.Recover(new NodeId("2")));
        var survivor = _cluster.Start(2);
        (await survivor.Propose<long>(new Increase(1), Patience)).ShouldBe(4);

        var lost = _cluster.Start(1);
        var stopped = await lost.WhenStopped.WaitAsync(Patience);
        stopped.Cause.ShouldNotBeNull().Message.ShouldContain("was recovered without it");
        stopped.Cause.Message.ShouldContain("node \"2\"");

        // Not even when it is added does it come in with what it has.
        await survivor.Client.AddMember(Member(1), timeout: Patience);
        await _cluster.Stop(1);
        (await _cluster.Start(1).WhenStopped.WaitAsync(Patience)).Cause.ShouldNotBeNull().Message.ShouldContain("was recovered without it");
        (await survivor.Propose<long>(new Increase(1), Patience)).ShouldBe(5);

        await _cluster.Stop(1);
        _cluster.DeleteFolderOf(1);
        var back = _cluster.Start(1, Joining);
        await survivor.Client.WaitUntilVoter(new NodeId("1"), timeout: Patience);
        (await back.Query<long>(new HowMany(), new ReadOptions { From = ReadFrom.LocalNode }, Patience)).ShouldBe(5);
    }

    [Fact]
    public async Task Looking_changes_nothing()
    {
        await RunAndStop();

        var seen = await Offline(1, node =>
        {
            node.Plan(new NodeId("1")).Voters.ShouldHaveSingleItem();
            return Task.FromResult(node.Report);
        });

        seen.Configuration.Members.Count.ShouldBe(3);
        seen.Configuration.Members.ShouldAllBe(member => member.Storage != null);
        seen.LastEntryTime.ShouldNotBeNull();
        foreach (var node in new[] { 1, 2, 3 }) _cluster.Start(node);
        (await _cluster.Groups[1].Propose<long>(new Increase(1), Patience)).ShouldBe(4);
    }

    /// <summary>Between the two writes of a recovery: the node is in a later term, and goes on with the others as before.</summary>
    [Fact, Trait("RaftBug", "B08")]
    public async Task A_recovery_that_was_cut_off_after_its_first_write_has_changed_nothing_but_the_term()
    {
        await RunAndStop();
        await Offline(2, async node => await node.Stores.Persist(new PersistTerm(new Term(node.Report.Term.Value + QuorumLoss.TermsAhead), new NodeId("2"))));

        foreach (var node in new[] { 1, 2, 3 }) _cluster.Start(node);
        (await _cluster.Groups[2].Propose<long>(new Increase(1), Patience)).ShouldBe(4);
        (await _cluster.Groups[1].Client.GetConfiguration(Patience)).Voters.Count().ShouldBe(3);
    }

    [Fact]
    public async Task What_cannot_be_is_refused_and_changes_nothing()
    {
        await RunAndStop();

        await Offline(2, async node =>
        {
            var before = node.Report;
            (await Should.ThrowAsync<ArgumentException>(node.Recover(new NodeId("1")))).Message.ShouldContain("not among the survivors");
            (await Should.ThrowAsync<ArgumentException>(node.Recover(new NodeId("2"), new NodeId("7")))).Message.ShouldContain("Node 7 is no member");
            node.Report.ShouldBe(before);
        });

        (await _cluster.Offline(2, async (system, settings) =>
        {
            (await Should.ThrowAsync<RaftStorageException>(RaftOfflineNode.Open(system, settings.WithDataDir("/nowhere/at/all")))).Message.ShouldContain("is no data folder of group");
            (await Should.ThrowAsync<RaftStorageException>(RaftOfflineNode.Open(system, settings.WithNodeId(new NodeId("9"))))).Message.ShouldContain("was made for test/default/2");
            (await Should.ThrowAsync<RaftSettingsException>(RaftOfflineNode.Open(system, settings.WithDataDir("")))).Message.ShouldContain("data-dir");

            var running = _cluster.Start(2);
            await running.WhenReady.WaitAsync(Patience);
            return (await Should.ThrowAsync<RaftStorageException>(RaftOfflineNode.Open(system, settings))).Message;
        })).ShouldContain("is in use");
    }

    /// <summary>A log that begins behind a snapshot, and a second recovery of what was recovered before.</summary>
    [Fact]
    public async Task A_survivor_with_a_snapshot_is_recovered_again_and_again()
    {
        foreach (var node in new[] { 1, 2, 3 }) _cluster.Start(node, settings => settings.WithSnapshotEntries(5).WithSnapshotTrailingEntries(0));
        for (var i = 1; i <= 20; i++) (await _cluster.Groups[1].Propose<long>(new Increase(1), Patience)).ShouldBe(i);
        await Eventually.Holds("node 2 has all of it and a snapshot", async () =>
            await _cluster.Groups[2].GetStatus() is { AppliedIndex.Value: > 20, Snapshot.Last: not null } status && status.AppliedIndex == (await _cluster.Groups[1].GetStatus()).LastEntry.Index, Patience);
        foreach (var node in new[] { 1, 2, 3 }) await _cluster.Stop(node);

        var first = await Offline(2, node => node.Recover(new NodeId("2")));
        first.SnapshotLast.ShouldNotBeNull();
        var second = await Offline(2, node => node.Recover(new NodeId("2")));
        second.Configuration.RecoveryMark.ShouldNotBe(first.Configuration.RecoveryMark);
        second.Term.ShouldBe(new Term(first.Term.Value + QuorumLoss.TermsAhead));

        (await _cluster.Start(2).Query<long>(new HowMany(), timeout: Patience)).ShouldBe(20);
    }

    async Task RunAndStop()
    {
        foreach (var node in new[] { 1, 2, 3 }) _cluster.Start(node);
        for (var i = 1; i <= 3; i++) (await _cluster.Groups[1].Propose<long>(new Increase(1), Patience)).ShouldBe(i);
        await Eventually.Holds("all nodes have all of it, and the log names their storages", async () =>
        {
            var seen = await Task.WhenAll(_cluster.Groups.Values.Select(group => group.GetStatus()));
            return seen.All(status => status.AppliedIndex == seen.Max(other => other.LastEntry.Index) && status.Configuration!.Members.All(member => member.Storage is not null));
        }, Patience);
        foreach (var node in new[] { 1, 2, 3 }) await _cluster.Stop(node);
    }

    Task<T> Offline<T>(int node, Func<RaftOfflineNode, Task<T>> work) => _cluster.Offline(node, async (system, settings) =>
    {
        await using var offline = await RaftOfflineNode.Open(system, settings);
        return await work(offline);
    });

    Task Offline(int node, Func<RaftOfflineNode, Task> work) => Offline<object?>(node, async offline =>
    {
        await work(offline);
        return null;
    });

    static RaftSettings Joining(RaftSettings settings) => settings.WithMembers().WithJoin(true);

    RaftMember Member(int node) => new(new NodeId($"{node}"), _cluster.AddressOf(node));
}
