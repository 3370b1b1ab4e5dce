using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Node;
using AkkaRaft.Protocol;
using AkkaRaft.StateMachine;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Shell;

/// <summary>What a node makes of its clients' requests and of its peers' messages.</summary>
public sealed class NodeRequestsSpec(ITestOutputHelper output) : NodeSpec(output)
{
    [Fact]
    public void A_write_goes_from_client_to_journal_to_machine_and_back()
    {
        var node = StartLeader(Settings(1));
        var noop = ExpectAppend();
        Client.Send(node, Proposals((17, "a")));
        var write = ExpectAppend();
        var entry = write.Entries.ShouldHaveSingleItem().ShouldBeOfType<CommandEntry>();
        entry.Command.Decoded.ShouldBe("a");   // what was decoded to be checked feeds the machine
        Machine.HasMessages.ShouldBeFalse();   // nothing is committed before the journal says so

        LogJournal.Send(Child("log-journal"), new Written(new EntriesPersisted(noop.WriteId, noop.Entries[^1].Id)));
        Machine.ExpectMsg<ApplyEntries>().Entries.ShouldAllBe(first => !first.WantsResult);
        LogJournal.Send(Child("log-journal"), new Written(new EntriesPersisted(write.WriteId, entry.Id)));
        Machine.ExpectMsg<ApplyEntries>().Entries.ShouldHaveSingleItem().WantsResult.ShouldBeTrue();
        Client.HasMessages.ShouldBeFalse();
        Machine.Send(Child("machine"), new EntriesApplied(noop.Entries[^1].Index, []));
        Machine.Send(Child("machine"), new EntriesApplied(entry.Index, [new EntryResult(entry.Id, TextCodec.Of("done"), null)]));

        var reply = Client.ExpectMsg<ClientReplyBatch>().Replies.ShouldHaveSingleItem();
        reply.ShouldBe(new ClientReply(17, ClientOutcome.Ok, entry.Index, TextCodec.Of("done"), null));
    }

    [Fact]
    public async Task Proposals_that_wait_in_the_mailbox_become_one_batch()
    {
        // The node stands in a send to a peer while the proposals arrive.
        using var blocked = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var armed = false;
        var node = StartLeader(Settings(3), address => new Gate(Peers[address].Ref, () =>
        {
            if (!Volatile.Read(ref armed)) return;
            Volatile.Write(ref armed, false);
            blocked.Set();
            release.Wait(TimeSpan.FromSeconds(10)).ShouldBeTrue();
        }));
        ExpectAppend();
        node.Tell(FromPeer(2, AppendEntriesReply.Accepted(Node(2), new Term(5), 0, LogIndex.Zero, new LogIndex(1))));   // from now on it is sent everything at once
        Volatile.Write(ref armed, true);
        var first = Task.Run(() => Client.Send(node, Proposals((1, "a"))));
        blocked.Wait(TimeSpan.FromSeconds(10)).ShouldBeTrue();
        ExpectAppend().Entries.Count.ShouldBe(1);

        for (var i = 2; i <= 11; i++) Client.Send(node, Proposals((i, $"b{i}"), (100 + i, $"c{i}")));
        release.Set();
        await first;

        ExpectAppend().Entries.Count.ShouldBe(20);
    }

    [Fact]
    public void A_command_that_cannot_be_read_or_has_no_handler_or_is_too_large_is_refused_before_it_is_appended()
    {
        var node = StartLeader(Settings(1));
        ExpectAppend();

        Client.Send(node, Proposals((1, "unreadable"), (2, new string('x', 70_000))));

        var replies = Client.ExpectMsg<ClientReplyBatch>().Replies;
        replies.ShouldAllBe(reply => reply.Outcome == ClientOutcome.Rejected);
        replies[0].Error.ShouldNotBeNull().ShouldContain("cannot be read");
        replies[1].Error.ShouldNotBeNull().ShouldContain("max-command-size");
        LogJournal.HasMessages.ShouldBeFalse();
    }

    [Fact]
    public void A_result_that_no_frame_can_carry_is_told_instead_of_lost()
    {
        var node = StartLeader(Settings(1));
        var noop = ExpectAppend();
        Client.Send(node, Proposals((1, "a")));
        var write = ExpectAppend();
        var entry = write.Entries[0].Id;
        LogJournal.Send(Child("log-journal"), new Written(new EntriesPersisted(write.WriteId, entry)));
        Machine.ExpectMsg<ApplyEntries>();
        Machine.Send(Child("machine"), new EntriesApplied(entry.Index, [new EntryResult(entry, TextCodec.Of(new string('x', 200_000)), null)]));

        var reply = Client.ExpectMsg<ClientReplyBatch>().Replies.ShouldHaveSingleItem();
        reply.Outcome.ShouldBe(ClientOutcome.ResultUnavailable);
        reply.Index.ShouldBe(entry.Index);
        noop.Entries.Count.ShouldBe(2, "the no-op, and the storage of the only member");
    }

    [Fact]
    [Trait("RaftBug", "B75")]
    [Trait("RaftBug", "B77")]
    public void A_query_runs_once_the_no_op_is_committed_and_applied()
    {
        var node = StartLeader(Settings(1));
        var noop = ExpectAppend();
        Client.Send(node, new QueryBatch(Cluster, GroupName, [new ClientRequest(5, TextCodec.Of("how"))]));
        Machine.HasMessages.ShouldBeFalse();
        LogJournal.Send(Child("log-journal"), new Written(new EntriesPersisted(noop.WriteId, noop.Entries[^1].Id)));
        Machine.ExpectMsg<ApplyEntries>();
        Machine.HasMessages.ShouldBeFalse();

        Machine.Send(Child("machine"), new EntriesApplied(noop.Entries[^1].Index, []));
        var run = Machine.ExpectMsg<RunQueries>().Queries.Single();
        Machine.Send(Child("machine"), new QueriesAnswered([new QueryAnswered(run.ReadId, noop.Entries[^1].Index, TextCodec.Of("well"), null)]));

        Client.ExpectMsg<ClientReplyBatch>().Replies.ShouldHaveSingleItem()
            .ShouldBe(new ClientReply(5, ClientOutcome.Ok, noop.Entries[^1].Index, TextCodec.Of("well"), null));
    }

    /// <summary>Each on its own would be a message to the state machine, and one back to the client, over the network.</summary>
    [Fact]
    public void Queries_that_one_round_confirms_run_together_and_are_answered_together()
    {
        var node = StartLeader(Settings(1));
        var noop = CommitNoOp().Entries[^1].Index;
        Client.Send(node, new QueryBatch(Cluster, GroupName, [new ClientRequest(5, TextCodec.Of("how")), new ClientRequest(6, TextCodec.Of("who"))]));

        var queries = Machine.ExpectMsg<RunQueries>().Queries;
        queries.Select(query => query.Query).ShouldBe([TextCodec.Of("how"), TextCodec.Of("who")]);
        Machine.Send(Child("machine"), new QueriesAnswered([
            new QueryAnswered(queries[0].ReadId, noop, TextCodec.Of("well"), null), new QueryAnswered(queries[1].ReadId, noop, null, "nobody")]));

        Client.ExpectMsg<ClientReplyBatch>().Replies.ShouldBe([
            new ClientReply(5, ClientOutcome.Ok, noop, TextCodec.Of("well"), null), new ClientReply(6, ClientOutcome.QueryFailed, LogIndex.Zero, null, "nobody")]);
    }

    /// <summary>Between the query's release and its answer the machine may have applied more; whoever orders answers by index must not see a later state under an earlier one.</summary>
    [Fact]
    public void A_query_is_answered_with_the_index_of_the_state_that_answered_it()
    {
        var node = StartLeader(Settings(1));
        var noop = CommitNoOp();
        Client.Send(node, new QueryBatch(Cluster, GroupName, [new ClientRequest(5, TextCodec.Of("how"))]));
        var run = Machine.ExpectMsg<RunQueries>().Queries.Single();
        var later = noop.Entries[^1].Index.Next;

        Machine.Send(Child("machine"), new QueriesAnswered([new QueryAnswered(run.ReadId, later, TextCodec.Of("well"), null)]));

        Client.ExpectMsg<ClientReplyBatch>().Replies.ShouldHaveSingleItem().Index.ShouldBe(later);
    }

    [Fact]
    [Trait("RaftBug", "B50")]
    public void Who_waits_at_a_deposed_leader_hears_unknown_at_once_and_readers_are_sent_on()
    {
        var node = StartLeader(Settings(3));
        ExpectAppend();
        Client.Send(node, Proposals((1, "a")));
        Client.Send(node, new QueryBatch(Cluster, GroupName, [new ClientRequest(2, TextCodec.Of("how"))]));

        node.Tell(FromPeer(2, AppendEntriesReply.StaleTerm(Node(2), new Term(9))));

        var replies = Client.ExpectMsg<ClientReplyBatch>().Replies;
        replies.Single(reply => reply.RequestId == 1).Outcome.ShouldBe(ClientOutcome.Unknown);
        replies.Single(reply => reply.RequestId == 2).Outcome.ShouldBe(ClientOutcome.NotLeader);
    }

    [Fact]
    [Trait("RaftBug", "B92")]
    public void A_peer_is_answered_where_it_was_heard_last()
    {
        var node = StartNode(Settings(3));
        OpenChildren();
        Recover(Settings(3), term: 4);
        foreach (var peer in Peers.Values) peer.ExpectMsg<Greeting>();
        var heartbeat = FromPeer(2, new AppendEntries(Node(2), new Term(4), 1, EntryId.Zero, [], LogIndex.Zero));

        node.Tell(heartbeat);
        Peers[Address(2)].ExpectMsg<PeerMessage>().Header.To.ShouldBe(Node(2));
        node.Tell(heartbeat with { Header = heartbeat.Header with { FromAddress = Address(3) } });   // it has moved

        Peers[Address(3)].ExpectMsg<PeerMessage>().Header.To.ShouldBe(Node(2));
    }

    /// <summary>Thesis 4.1: a configuration may not have reached everybody; who asks is answered.</summary>
    [Fact]
    [Trait("RaftBug", "B22")]
    [Trait("RaftBug", "B23")]
    public void A_node_that_is_no_member_here_is_answered()
    {
        var stranger = CreateTestProbe("stranger");
        var node = StartNode(Settings(3), address => address == Address(4) ? stranger.Ref : Peers[address].Ref);
        OpenChildren();
        Recover(Settings(3), term: 4);
        Advance(600);   // what it may have promised a leader before is over

        node.Tell(FromPeer(4, new VoteRequest(Node(4), new Term(4), ElectionKind.PreVote, 1, EntryId.Zero)));

        stranger.ExpectMsg<PeerMessage>().Message.ShouldBeOfType<VoteReply>().Granted.ShouldBeTrue();
    }

    [Fact]
    [Trait("RaftBug", "B74")]
    public void Messages_of_another_cluster_are_dropped_and_told_once()
    {
        var node = StartNode(Settings(3));
        OpenChildren();
        Recover(Settings(3), term: 4);
        Group.ExpectMsg<NodeIsReady>();
        foreach (var peer in Peers.Values) peer.ExpectMsg<Greeting>();

        EventFilter.Warning(contains: "of cluster \"other\"").ExpectOne(() =>
        {
            for (var i = 0; i < 3; i++)
                node.Tell(FromPeer(2, new AppendEntries(Node(2), new Term(9), 1, EntryId.Zero, [], LogIndex.Zero), cluster: "other"));
        });

        Client.Send(node, new StatusRequest(Cluster, GroupName));
        Client.ExpectMsg<StatusReply>().Status.Term.ShouldBe(new Term(4));
        Peers[Address(2)].HasMessages.ShouldBeFalse();
    }

    /// <summary>
    /// A cluster that was founded with other members may have acknowledged what this one never saw: mixed, one of the two would lose it.
    /// </summary>
    [Fact]
    public void Nodes_that_were_started_with_different_lists_of_members_do_not_mix()
    {
        var settings = Settings(3);
        var node = StartNode(settings);
        OpenChildren();
        Recover(settings, term: 4);
        Group.ExpectMsg<NodeIsReady>();
        var ours = Peers[Address(2)].ExpectMsg<Greeting>().Header.Founders;
        ours.ShouldBe(settings.ToFirstConfiguration().Mark);
        Settings(1).ToFirstConfiguration().Mark.ShouldNotBe(ours);
        var append = new AppendEntries(Node(2), new Term(9), 1, EntryId.Zero, [], LogIndex.Zero);

        EventFilter.Warning(contains: "founded with another list of members").ExpectOne(() => node.Tell(FromPeer(2, append, founders: ours + 1)));
        Client.Send(node, new StatusRequest(Cluster, GroupName));
        Client.ExpectMsg<StatusReply>().Status.Term.ShouldBe(new Term(4));

        node.Tell(FromPeer(2, append, founders: ours));
        TermJournal.ExpectMsg<Write>().Effect.ShouldBe(new PersistTerm(new Term(9), null));
    }

    [Fact]
    public void Unreadable_messages_are_told_once_of_each_kind()
    {
        var node = StartNode(Settings(3));
        OpenChildren();
        Recover(Settings(3), term: 4);
        Group.ExpectMsg<NodeIsReady>();

        EventFilter.Warning(contains: "could not be read").ExpectOne(() =>
        {
            for (var i = 0; i < 3; i++) node.Tell(new UnreadableMessage("AE", "truncated"));
        });
    }

    [Fact]
    public void A_silent_peer_is_told_lost_and_found_and_after_ten_seconds_why_it_may_be()
    {
        var settings = Settings(3);
        var node = StartLeader(settings);
        var log = ExpectAppend();
        LogJournal.Send(Child("log-journal"), new Written(new EntriesPersisted(log.WriteId, log.Entries[^1].Id)));
        void PeerAnswers(int id) =>
            node.Tell(FromPeer(id, AppendEntriesReply.Accepted(Node(id), new Term(5), 0, LogIndex.Zero, LogIndex.Zero)));
        PeerAnswers(2);
        PeerAnswers(3);

        EventFilter.Info(contains: "peer 3 lost").ExpectOne(() =>
        {
            for (var i = 0; i < 60; i++)
            {
                Advance(25);
                PeerAnswers(2);
            }
        });
        EventFilter.Warning(contains: "cannot reach node 3 at 127.0.0.1:4003").ExpectOne(() =>
        {
            for (var i = 0; i < 400; i++)
            {
                Advance(25);
                PeerAnswers(2);
            }
        });
        EventFilter.Info(contains: "peer 3 found").ExpectOne(() => PeerAnswers(3));
        log.Entries.Count.ShouldBe(2, "the no-op, and the storages of the members: nothing has changed since");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("RaftBug", "B74")]
    public void A_client_of_another_cluster_is_told_nothing_of_this_one(bool leads)
    {
        var other = new ClusterId("other");
        var node = leads ? StartLeader(Settings(1)) : StartNode(Settings(3));
        if (!leads)
        {
            OpenChildren();
            Recover(Settings(3), term: 4);
            Group.ExpectMsg<NodeIsReady>();
        }

        Client.Send(node, new LeaderRequest(other, GroupName));
        Client.Send(node, new StatusRequest(other, GroupName));
        Client.Send(node, new ProposeBatch(other, GroupName, [new ClientRequest(1, TextCodec.Of("a"))]));
        Client.Send(node, new QueryBatch(other, GroupName, [new ClientRequest(2, TextCodec.Of("how"))]));

        for (var id = 1; id <= 2; id++)
        {
            // A hint of this cluster, with a term of its own, would hide the asker's true leader from it.
            var refused = Client.ExpectMsg<ClientReplyBatch>();
            refused.Leader.ShouldBe(new LeaderHint(Term.Zero, null, null));
            refused.Replies.ShouldHaveSingleItem().Outcome.ShouldBe(ClientOutcome.Rejected);
            refused.Replies[0].Error.ShouldNotBeNull().ShouldContain("cluster \"other\"");
        }

        Client.HasMessages.ShouldBeFalse();
    }

    [Fact]
    public void An_error_text_that_no_frame_can_carry_is_cut_short()
    {
        var node = StartLeader(Settings(1));
        CommitNoOp();
        Client.Send(node, new QueryBatch(Cluster, GroupName, [new ClientRequest(5, TextCodec.Of("how"))]));

        Machine.Send(Child("machine"), new QueriesAnswered([new QueryAnswered(Machine.ExpectMsg<RunQueries>().Queries.Single().ReadId, LogIndex.Zero, null, new string('\u00e9', 500_000))]));

        BytesOf(Client.ExpectMsg<ClientReplyBatch>()).ShouldBeLessThan(96 * 1024);
    }

    [Fact]
    public void The_refusals_of_a_large_batch_fit_into_a_frame()
    {
        var group = Sys.ActorOf(StoppedNode.Props(Settings(1), new InvalidOperationException(new string('x', 600))));

        Client.Send(group, Proposals([.. Enumerable.Range(0, 1000).Select(i => ((long)i, "a"))]));

        var refused = Client.ExpectMsg<ClientReplyBatch>();
        refused.Replies.Count.ShouldBe(1000);
        refused.Replies[0].Error.ShouldNotBeNull().ShouldContain("xxx");
        BytesOf(refused).ShouldBeLessThan(96 * 1024);
    }

    [Fact]
    public void Who_asks_a_node_that_has_stopped_for_its_status_is_told_so_at_once()
    {
        var group = Sys.ActorOf(StoppedNode.Props(Settings(1), null));

        Client.Send(group, new StatusRequest(Cluster, GroupName));

        Client.ExpectMsg<StatusReply>().Status.Role.ShouldBe(RaftRole.Stopping);
    }

    [Fact]
    public void Queries_that_wait_for_a_slow_machine_are_bounded()
    {
        var node = StartLeader(Settings(1).WithMaxPendingReads(3));
        CommitNoOp();

        for (var id = 1; id <= 4; id++) Client.Send(node, new QueryBatch(Cluster, GroupName, [new ClientRequest(id, TextCodec.Of("how"))]));

        for (var id = 1; id <= 3; id++) Machine.ExpectMsg<RunQueries>();
        var refused = Client.ExpectMsg<ClientReplyBatch>().Replies.ShouldHaveSingleItem();
        refused.RequestId.ShouldBe(4);
        refused.Outcome.ShouldBe(ClientOutcome.Overloaded);
        refused.Error.ShouldNotBeNull().ShouldContain("as max-pending-reads allows");
    }

    [Fact]
    public void Commands_that_wait_for_a_slow_machine_are_bounded()
    {
        var node = StartLeader(Settings(1).WithMaxPendingProposals(3));
        CommitNoOp();
        for (var id = 1; id <= 3; id++)
        {
            Client.Send(node, Proposals((id, "a")));
            var write = ExpectAppend();
            LogJournal.Send(Child("log-journal"), new Written(new EntriesPersisted(write.WriteId, write.Entries[^1].Id)));
        }

        Client.Send(node, Proposals((4, "a")));   // all are committed, none is applied

        var refused = Client.ExpectMsg<ClientReplyBatch>().Replies.ShouldHaveSingleItem();
        refused.RequestId.ShouldBe(4);
        refused.Outcome.ShouldBe(ClientOutcome.Overloaded);
        refused.Error.ShouldNotBeNull().ShouldContain("as max-pending-proposals allows");
    }

    [Fact]
    public void Whatever_a_peer_calls_its_address_it_breaks_no_node()
    {
        using var system = ActorSystem.Create("other", Akka.Configuration.ConfigurationFactory.ParseString("""
            akka.stdout-loglevel = OFF
            akka.actor.provider = remote
            akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
            """));
        foreach (var address in new[] { "a:b:80", "%%:80", "[::1:80", "host:0", "a\\b:80", "[]:80", "..:80", "<>\"{}|^`:80" })
            NodePath.Resolve((ExtendedActorSystem)system, address, GroupName).Tell(new LeaderRequest(Cluster, GroupName), ActorRefs.NoSender);
    }

    [Fact]
    [Trait("RaftBug", "B50")]
    public void Who_waits_at_a_node_that_breaks_hears_of_it()
    {
        var node = StartLeader(Settings(1));
        ExpectAppend();
        Client.Send(node, Proposals((1, "a")));
        ExpectAppend();

        node.Tell(FromPeer(2, new AppendEntries(Node(2), new Term(5), 1, EntryId.Zero, [], LogIndex.Zero)));   // a second leader of this term

        Group.ExpectMsg<Ended>().Thrown.ShouldBeOfType<RaftInvariantException>();
        Client.ExpectMsg<ClientReplyBatch>().Replies.ShouldHaveSingleItem().Outcome.ShouldBe(ClientOutcome.Unknown);
    }

    int BytesOf(ClientReplyBatch batch) =>
        new AkkaRaft.Serialization.RaftWireSerializer((ExtendedActorSystem)Sys).ToBinary(batch).Length;

    /// <summary>A peer whose sender can be held up.</summary>
    sealed class Gate(IActorRef peer, Action onTell) : ICanTell
    {
        public void Tell(object message, IActorRef sender)
        {
            onTell();
            peer.Tell(message, sender);
        }
    }
}
