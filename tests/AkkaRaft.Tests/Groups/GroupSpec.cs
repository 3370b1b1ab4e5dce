using Akka.Actor;
using Akka.Configuration;
using AkkaRaft.Journals;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Groups;

/// <summary>The library as an application uses it: real actor systems, Akka.Remote and SQLite in one process.</summary>
public sealed class GroupSpec
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    [Trait("RaftBug", "B92")]
    public async Task Three_nodes_serve_and_go_on_when_the_leader_is_gone_and_it_comes_back_with_everything()
    {
        await using var cluster = new LocalCluster(3);
        foreach (var node in new[] { 1, 2, 3 }) cluster.Start(node);
        foreach (var group in cluster.Groups.Values) await group.WhenReady.WaitAsync(Patience);
        var totals = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => cluster.Groups[1].Propose<long>(new Increase(1), Patience)));
        totals.Max().ShouldBe(100);
        totals.Distinct().Count().ShouldBe(100);   // each result is of its own place in the log

        var leader = int.Parse((await cluster.Groups[1].Client.FindLeader(Patience)).Node.Value);
        await cluster.Stop(leader);
        var survivor = cluster.Groups.Values.First();
        (await survivor.Propose<long>(new Increase(5), Patience)).ShouldBe(105);
        (await survivor.Query<long>(new HowMany(), timeout: Patience)).ShouldBe(105);

        var back = cluster.Start(leader);
        await back.WhenReady.WaitAsync(Patience);
        (await back.Query<long>(new HowMany(), timeout: Patience)).ShouldBe(105);
        var last = (await survivor.GetStatus(Patience)).LastEntry;
        await Eventually.Holds("it has applied all", async () => (await back.GetStatus(Patience)).AppliedIndex >= last.Index, Patience);
    }

    /// <summary>Thesis 6.4: any node answers linearizably; its own state is there for whoever says how new it must be.</summary>
    [Fact]
    [Trait("RaftBug", "B77")]
    public async Task Every_node_answers_queries_linearizably_and_from_its_own_state()
    {
        await using var cluster = new LocalCluster(3);
        foreach (var node in new[] { 1, 2, 3 }) cluster.Start(node);
        foreach (var group in cluster.Groups.Values) await group.WhenReady.WaitAsync(Patience);
        for (var round = 1; round <= 10; round++)
        {
            var written = await cluster.Groups[1].Client.ProposeDetailed<long>(new Increase(1), Patience);
            foreach (var (node, group) in cluster.Groups)
            {
                var here = await group.QueryDetailed<long>(new HowMany(), new ReadOptions { From = ReadFrom.LocalNode }, Patience);
                (here.Value, here.Answerer).ShouldBe((round, new NodeId($"{node}")));
                var own = await group.QueryDetailed<long>(
                    new HowMany(), new ReadOptions { Consistency = ReadConsistency.Local, MinIndex = written.Index, MaxStaleness = TimeSpan.FromMinutes(1) }, Patience);
                (own.Value, own.Answerer).ShouldBe((round, new NodeId($"{node}")));
                own.Index.ShouldBeGreaterThanOrEqualTo(written.Index);
                (await group.Query<long>(new HowMany(), ReadConsistency.Lease, Patience)).ShouldBe(round);
            }
        }

        var error = await Should.ThrowAsync<TooStaleException>(cluster.Groups[2].Query<long>(
            new HowMany(), new ReadOptions { Consistency = ReadConsistency.Local, MinIndex = new LogIndex(1_000_000), MaxWait = TimeSpan.FromMilliseconds(50) }, Patience));
        error.Node.ShouldBe(new NodeId("2"));
    }

    [Fact]
    public async Task Leadership_goes_where_it_is_asked_to_and_a_leader_that_stops_hands_over_first()
    {
        await using var cluster = new LocalCluster(3);
        foreach (var node in new[] { 1, 2, 3 }) cluster.Start(node);
        foreach (var group in cluster.Groups.Values) await group.WhenReady.WaitAsync(Patience);
        var first = int.Parse((await cluster.Groups[1].Client.FindLeader(Patience)).Node.Value);
        var next = first % 3 + 1;

        // A busy machine may not get it done within an election timeout; then it is asked again.
        await Eventually.Holds($"node {next} leads", async () => (await Tried(() => cluster.Groups[1].TransferLeadership(new NodeId($"{next}"), Patience)))?.Node.Value == $"{next}", Patience);
        (await Should.ThrowAsync<LeadershipTransferException>(cluster.Groups[1].TransferLeadership(new NodeId("9"), Patience)))
            .Failure.ShouldBe(LeadershipTransferFailure.NotAVoter);

        var other = cluster.Groups[first].Client;
        var leader = await other.FindLeader(Patience);
        var stopping = int.Parse(leader.Node.Value);
        await Akka.Actor.CoordinatedShutdown.Get(cluster.SystemOf(stopping)).Run(Akka.Actor.CoordinatedShutdown.ClrExitReason.Instance).WaitAsync(Patience);
        var survivor = cluster.Groups.First(group => group.Key != stopping).Value;
        (await survivor.Propose<long>(new Increase(5), Patience)).ShouldBe(5);
    }

    static async Task<LeaderInfo?> Tried(Func<Task<LeaderInfo>> transfer)
    {
        try
        {
            return await transfer();
        }
        catch (LeadershipTransferException)
        {
            return null;
        }
    }

    [Fact]
    [Trait("RaftBug", "B40")]
    public async Task A_single_node_keeps_everything_over_a_restart()
    {
        await using var cluster = new LocalCluster(1);
        for (var round = 1; round <= 3; round++)
        {
            var group = cluster.Start(1);
            (await group.Propose<long>(new Increase(2), Patience)).ShouldBe(2 * round);
            await cluster.Stop(1);
        }
    }

    [Fact]
    [Trait("RaftBug", "B86")]
    public async Task A_handler_that_throws_stops_the_node_with_an_error_that_names_index_term_and_command()
    {
        await using var cluster = new LocalCluster(1);
        var group = cluster.Start(1);
        await group.Propose<long>(new Increase(2), Patience);

        // It is tried again until its time-out, which no node will answer.
        await Should.ThrowAsync<OutcomeUnknownException>(group.Propose<long>(new Increase(13), TimeSpan.FromSeconds(2)));

        var cause = (await group.WhenStopped.WaitAsync(Patience)).Cause.ShouldNotBeNull();
        cause.Message.ShouldContain("entry 5 of term 1");   // after the no-op, the client's session and the first command
        cause.Message.ShouldContain(nameof(Increase));
        cause.Message.ShouldContain("13 brings bad luck");
        var refused = await Should.ThrowAsync<NotLeaderException>(group.Propose<long>(new Increase(1), TimeSpan.FromSeconds(1)));
        refused.IsSurelyNotApplied.ShouldBeTrue();
        refused.Message.ShouldContain("13 brings bad luck");   // why the node is gone
    }

    [Fact]
    public async Task A_group_is_started_once_in_a_system()
    {
        await using var cluster = new LocalCluster(1);
        var system = cluster.NewSystem(1);
        var group = Raft.Get(system).Start(Props.Create(() => new Tally()), RaftSettings.Create(system));

        Should.Throw<InvalidOperationException>(() => Raft.Get(system).Start(Props.Create(() => new Tally()), group.Settings))
            .Message.ShouldContain("was started in actor system");
    }

    [Fact]
    public async Task An_actor_that_is_no_state_machine_is_refused()
    {
        await using var cluster = new LocalCluster(1);
        var system = cluster.NewSystem(1);

        Should.Throw<ArgumentException>(() => Raft.Get(system).Start(Props.Create(() => new NoMachine()), RaftSettings.Create(system)))
            .Message.ShouldContain(nameof(RaftStateMachine));
    }

    sealed class NoMachine : ReceiveActor;

    [Fact]
    public async Task Larger_commands_need_no_setting_of_the_groups_own_client()
    {
        await using var cluster = new LocalCluster(1);
        var system = ActorSystem.Create("large", ConfigurationFactory.ParseString("""
            akka.remote.dot-netty.tcp.maximum-frame-size = 1MiB
            akka.raft { max-command-size = 256KiB, append-max-bytes = 512KiB }
            """).WithFallback(cluster.ConfigOf(1)));
        var group = Raft.Get(system).Start(Props.Create(() => new Tally()), RaftSettings.Create(system));
        (await group.Propose<long>(new Increase(1), Patience)).ShouldBe(1);
        await system.Terminate();
    }

    [Fact]
    public async Task Stopping_the_node_gives_its_folder_free()
    {
        await using var cluster = new LocalCluster(1);
        var group = cluster.Start(1);
        await group.WhenReady.WaitAsync(Patience);

        await group.Stop().WaitAsync(Patience);

        (await group.WhenStopped).Cause.ShouldBeNull();
        using var free = NodeStorage.Open(group.Settings.DataDir, group.Settings.ClusterId, group.Settings.GroupId, group.Settings.NodeId);
        free.Folder.ShouldStartWith(group.Settings.DataDir);
    }

    [Fact]
    public async Task A_data_folder_that_is_in_use_is_refused()
    {
        await using var cluster = new LocalCluster(1);
        var group = cluster.Start(1);
        await group.WhenReady.WaitAsync(Patience);
        using var other = ActorSystem.Create("other", ConfigurationFactory.ParseString($$"""
            akka.stdout-loglevel = OFF
            akka.actor.provider = remote
            akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
            """));
        var address = ((ExtendedActorSystem)other).Provider.DefaultAddress;
        var settings = group.Settings.WithMembers(new RaftMember(new NodeId("1"), $"{address.Host}:{address.Port}"));

        Should.Throw<RaftStorageException>(() => Raft.Get(other).Start(Props.Create(() => new Tally()), settings)).Message.ShouldContain("in use");
    }
}
