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

/// <summary>How a node starts, starts over and stops (design, sections 3 and 4).</summary>
public sealed class NodeLifecycleSpec(ITestOutputHelper output) : NodeSpec(output)
{
    [Fact]
    public void It_recovers_until_both_journals_have_replayed_and_the_machine_has_started()
    {
        var settings = Settings(3);
        var node = StartNode(settings);
        OpenChildren();
        TermJournal.Send(Child("term-journal"), new TermJournalRecovered(Identity(settings), new Term(7), null));
        LogJournal.Send(Child("log-journal"), new LogJournalRecovered(Identity(settings).Storage, []));

        Client.Send(node, new StatusRequest(Cluster, GroupName));
        Client.ExpectMsg<StatusReply>().Status.Role.ShouldBe(RaftRole.Recovering);
        Client.Send(node, Proposals((1, "a")));
        Client.ExpectMsg<ClientReplyBatch>().Replies.ShouldHaveSingleItem().Outcome.ShouldBe(ClientOutcome.NotLeader);
        Peers.Values.ShouldAllBe(peer => !peer.HasMessages);

        MachineStarts();

        Group.ExpectMsg<NodeIsReady>().Ready.Term.ShouldBe(new Term(7));
        Client.Send(node, new StatusRequest(Cluster, GroupName));
        Client.ExpectMsg<StatusReply>().Status.Role.ShouldBe(RaftRole.Follower);
    }

    [Fact]
    public void A_new_node_stores_who_it_is_before_it_greets_anyone()
    {
        var node = StartNode(Settings(3));
        OpenChildren();
        TermJournal.Send(Child("term-journal"), new TermJournalRecovered(null, Term.Zero, null));
        LogJournal.Send(Child("log-journal"), new LogJournalRecovered(null, []));
        MachineStarts();

        var storage = LogJournal.ExpectMsg<CreateLog>().Storage;
        TermJournal.HasMessages.ShouldBeFalse();
        LogJournal.Send(Child("log-journal"), new LogCreated(storage));
        var identity = TermJournal.ExpectMsg<StoreIdentity>().Identity;
        identity.Storage.ShouldBe(storage);
        identity.FirstConfiguration.Voters.Length.ShouldBe(3);
        Peers.Values.ShouldAllBe(peer => !peer.HasMessages);

        TermJournal.Send(Child("term-journal"), new IdentityStored(identity));

        foreach (var peer in Peers.Values) peer.ExpectMsg<Greeting>().Header.FromStorage.ShouldBe(storage);
        Group.ExpectMsg<NodeIsReady>();
    }

    [Fact]
    public void A_start_that_ended_between_the_two_marks_is_taken_up_again()
    {
        var storage = new StorageId("00000000000000aa00000000000000bb");
        var node = StartNode(Settings(3));
        OpenChildren();
        TermJournal.Send(Child("term-journal"), new TermJournalRecovered(null, Term.Zero, null));
        LogJournal.Send(Child("log-journal"), new LogJournalRecovered(storage, []));
        MachineStarts();

        TermJournal.ExpectMsg<StoreIdentity>().Identity.Storage.ShouldBe(storage);
    }

    [Fact]
    public void It_refuses_the_storage_of_another_cluster()
    {
        var settings = Settings(3);
        RefusesToStart(settings, Identity(settings) with { Cluster = new ClusterId("other") }, Identity(settings).Storage).ShouldContain("cluster \"other\"");
    }

    [Fact]
    public void It_refuses_storage_that_lost_its_log()
    {
        var settings = Settings(3);
        RefusesToStart(settings, Identity(settings), null).ShouldContain("the log is gone");
    }

    [Fact]
    public void It_refuses_storage_that_lost_its_vote()
    {
        var settings = Settings(3);
        RefusesToStart(settings, null, Identity(settings).Storage, new NoOpEntry(new EntryId(new LogIndex(1), new Term(1)), DateTimeOffset.UnixEpoch))
            .ShouldContain("identity, term and vote are gone");
    }

    [Fact]
    public void It_refuses_members_that_its_cluster_was_not_founded_with()
    {
        var settings = Settings(3);
        RefusesToStart(settings, Identity(Settings(1)), Identity(settings).Storage).ShouldContain("founded with");
    }

    /// <summary>Akka.Remote drops what is sent to another spelling of an address, so a founder is letter for letter where its entry says.</summary>
    [Fact]
    public void A_founder_whose_entry_spells_its_address_otherwise_stores_nothing()
    {
        StartNode(Settings(3), address: "localhost:4001");
        OpenChildren();
        TermJournal.Send(Child("term-journal"), new TermJournalRecovered(null, Term.Zero, null));
        LogJournal.Send(Child("log-journal"), new LogJournalRecovered(null, []));
        MachineStarts();

        var refusal = Group.ExpectMsg<NodeFailed>().Cause.Message;

        refusal.ShouldContain($"akka.raft.members has \"1={Address(1)}\"");
        refusal.ShouldContain("\"localhost:4001\"");
        LogJournal.ExpectMsg<FinishJournal>();
        TermJournal.ExpectMsg<FinishJournal>();
    }

    /// <summary>Thesis 4.1: where a member is stands in the log, and a node that was moved comes back before that is changed.</summary>
    [Fact]
    [Trait("RaftBug", "B92")]
    public void A_node_that_was_here_before_may_come_back_at_another_address()
    {
        var settings = Settings(3);
        StartNode(settings, address: "10.9.9.9:4001");
        OpenChildren();
        TermJournal.Send(Child("term-journal"), new TermJournalRecovered(Identity(settings), new Term(7), null));
        LogJournal.Send(Child("log-journal"), new LogJournalRecovered(Identity(settings).Storage, []));
        MachineStarts();

        foreach (var peer in Peers.Values) peer.ExpectMsg<Greeting>().Header.FromAddress.ShouldBe("10.9.9.9:4001");
    }

    [Fact]
    [Trait("RaftBug", "B08")]
    public void It_refuses_a_log_that_is_ahead_of_its_term()
    {
        var settings = Settings(3);
        RefusesToStart(settings, Identity(settings), Identity(settings).Storage, new NoOpEntry(new EntryId(new LogIndex(1), new Term(7)), DateTimeOffset.UnixEpoch))
            .ShouldContain("term 7");
    }

    /// <summary>Raft 5.2, figure 2: the vote is persistent state, so a restart does not give a term's vote a second time.</summary>
    [Fact]
    [Trait("RaftBug", "B01")]
    public void The_vote_that_was_stored_is_in_force_after_a_restart()
    {
        var settings = Settings(3);
        var node = StartNode(settings);
        OpenChildren();
        TermJournal.Send(Child("term-journal"), new TermJournalRecovered(Identity(settings), new Term(7), Node(2)));
        LogJournal.Send(Child("log-journal"), new LogJournalRecovered(Identity(settings).Storage, []));
        MachineStarts();
        foreach (var peer in Peers.Values) peer.ExpectMsg<Greeting>();
        Advance(600);   // what it may have promised a leader before is over

        foreach (var candidate in new[] { 3, 2 })
            node.Tell(FromPeer(candidate, new VoteRequest(Node(candidate), new Term(7), ElectionKind.Vote, 1, EntryId.Zero)));

        Peers[Address(3)].ExpectMsg<PeerMessage>().Message.ShouldBeOfType<VoteReply>().Refusal.ShouldBe(VoteRefusal.AlreadyVoted);
        Peers[Address(2)].ExpectMsg<PeerMessage>().Message.ShouldBeOfType<VoteReply>().Refusal.ShouldBe(VoteRefusal.None);
        TermJournal.HasMessages.ShouldBeFalse();
    }

    string RefusesToStart(RaftSettings settings, NodeIdentity? identity, StorageId? log, params LogEntry[] entries)
    {
        var node = StartNode(settings);
        OpenChildren();
        TermJournal.Send(Child("term-journal"), new TermJournalRecovered(identity, Term.Zero, null));
        LogJournal.Send(Child("log-journal"), new LogJournalRecovered(log, entries));
        MachineStarts();

        var cause = Group.ExpectMsg<NodeFailed>().Cause;
        cause.ShouldBeOfType<RaftNodeException>();
        cause.Message.ShouldContain("Nothing was changed.");
        TermJournal.ExpectMsg<FinishJournal>();
        LogJournal.ExpectMsg<FinishJournal>();
        Group.ExpectMsg<Ended>();
        return cause.Message;
    }

    [Fact]
    [Trait("RaftBug", "B95")]
    [Trait("RaftBug", "B50")]
    public void A_journal_failure_silences_the_node_until_its_journals_are_open_again()
    {
        var node = StartLeader(Settings(1));
        var noop = ExpectAppend();
        Client.Send(node, Proposals((1, "a")));
        ExpectAppend();
        var oldLog = Child("log-journal");

        LogJournal.Send(oldLog, new JournalFailed(JournalKind.Log, "a write", new IOException("disk full")));

        var reply = Client.ExpectMsg<ClientReplyBatch>().Replies.ShouldHaveSingleItem();
        reply.Outcome.ShouldBe(ClientOutcome.Unknown);
        reply.Error.ShouldNotBeNull().ShouldContain("may or may not");
        TermJournal.ExpectMsg<FinishJournal>();
        Client.Send(node, new StatusRequest(Cluster, GroupName));
        Client.ExpectMsg<StatusReply>().Status.Role.ShouldBe(RaftRole.Recovering);

        // What the old journal still says counts no more.
        node.Tell(new Written(new EntriesPersisted(noop.WriteId, noop.Entries[^1].Id)), oldLog);
        AwaitCondition(() => oldLog.IsNobody() || !TermJournal.HasMessages);
        Advance(200);
        LogJournal.FishForMessage(message => message is Opened opened && Remember(opened.Relay));
        TermJournal.FishForMessage(message => message is Opened opened && Remember(opened.Relay));
        Machine.FishForMessage(message => message is Opened opened && Remember(opened.Relay));
        Recover(Settings(1), term: 5);
        Group.FishForMessage(message => message is NodeIsReady);
        Client.Send(node, new StatusRequest(Cluster, GroupName));
        var status = Client.ExpectMsg<StatusReply>().Status;
        status.Role.ShouldBe(RaftRole.Follower);
        status.CommitIndex.ShouldBe(LogIndex.Zero);
    }

    /// <summary>Two journals of one name would write beside each other, and neither would know what is stored.</summary>
    [Fact]
    [Trait("RaftBug", "B93")]
    public void Journals_are_opened_again_only_when_the_former_ones_have_ended()
    {
        LogJournalLingers = true;
        StartLeader(Settings(1));
        ExpectAppend();

        TermJournal.Send(Child("term-journal"), new JournalFailed(JournalKind.Term, "a write", new IOException("disk full")));
        LogJournal.ExpectMsg<FinishJournal>();
        Advance(1000);   // far more than the back-off

        LogJournal.HasMessages.ShouldBeFalse();
        Sys.Stop(Child("log-journal"));
        AwaitAssert(() =>
        {
            Advance(200);
            LogJournal.HasMessages.ShouldBeTrue();
        });
        LogJournal.ExpectMsg<Opened>();
    }

    bool Remember(IActorRef relay)
    {
        Relays.Add(relay);
        return true;
    }

    [Fact]
    public void A_journal_that_keeps_failing_stops_the_node_with_an_error()
    {
        var settings = Settings(1);
        var node = StartNode(settings);
        for (var attempt = 0; attempt <= settings.JournalMaxRestarts; attempt++)
        {
            OpenChildren();
            Machine.ExpectMsg<StartMachine>();
            TermJournal.Send(Child("term-journal"), new JournalFailed(JournalKind.Term, "the replay", new IOException("disk on fire")));
            TermJournal.ExpectMsg<FinishJournal>();
            LogJournal.ExpectMsg<FinishJournal>();
            if (attempt < settings.JournalMaxRestarts) Advance(1000);
        }

        var cause = Group.ExpectMsg<NodeFailed>().Cause;
        cause.Message.ShouldContain("3 times in a row");
        cause.Message.ShouldContain("disk on fire");
        cause.Message.ShouldContain("two ways out");   // a damaged file is no disk that is full
        Group.ExpectMsg<Ended>();
    }

    [Fact]
    public void A_journal_that_contradicts_itself_stops_the_node_at_once()
    {
        StartNode(Settings(1));
        OpenChildren();

        LogJournal.Send(Child("log-journal"), new JournalFailed(JournalKind.Log, "the replay", new RaftInvariantException("event 9 follows event 7")));

        var cause = Group.ExpectMsg<NodeFailed>().Cause;
        cause.ShouldBeOfType<RaftNodeException>().Message.ShouldContain("event 9 follows event 7");
        Group.ExpectMsg<Ended>();
    }

    [Fact]
    [Trait("RaftBug", "B86")]
    public void A_machine_that_throws_stops_the_node_with_its_cause()
    {
        var node = StartLeader(Settings(1));

        Machine.Send(Child("machine"), new InvalidOperationException("entry 5 cannot be applied"));

        Group.ExpectMsg<NodeFailed>().Cause.Message.ShouldBe("entry 5 cannot be applied");
        Group.ExpectMsg<Ended>();
    }

    [Fact]
    public void Asked_to_stop_it_lets_its_journals_finish()
    {
        var node = StartLeader(Settings(1));
        ExpectAppend();

        node.Tell(StopNode.Instance);

        TermJournal.ExpectMsg<FinishJournal>();
        LogJournal.ExpectMsg<FinishJournal>();
        Group.ExpectMsg<Ended>().Thrown.ShouldBeNull();
    }
}
