using Akka.Actor;
using Akka.TestKit;
using AkkaRaft.Consensus;
using AkkaRaft.Events;
using AkkaRaft.Journals;
using AkkaRaft.Node;
using AkkaRaft.Protocol;
using Shouldly;
using Xunit;
using Xunit.Abstractions;
using LeaderChanged = AkkaRaft.Events.LeaderChanged;
using RoleChanged = AkkaRaft.Events.RoleChanged;

namespace AkkaRaft.Tests.Shell;

/// <summary>What a node tells people: its status, its evidence, and what happens, on the EventStream.</summary>
public sealed class NodeAccountsSpec : NodeSpec
{
    readonly TestProbe _events;

    public NodeAccountsSpec(ITestOutputHelper output) : base(output)
    {
        _events = CreateTestProbe("events");
        Sys.EventStream.Subscribe(_events, typeof(RaftEvent));
    }

    [Fact]
    public void Status_has_what_only_the_shell_knows()
    {
        var settings = Settings(3);
        var node = StartLeader(settings);
        var noop = ExpectAppend();
        Advance(40);
        LogJournal.Send(Child("log-journal"), new Written(new EntriesPersisted(noop.WriteId, noop.Entries[^1].Id)));
        node.Tell(FromPeer(2, AppendEntriesReply.Accepted(Node(2), new Term(5), 0, new LogIndex(1), new LogIndex(1))));
        node.Tell(FromPeer(3, AppendEntriesReply.StaleTerm(Node(3), new Term(1)), cluster: "other"));
        Advance(15);

        var status = StatusOf(node);

        (status.Cluster, status.Group, status.Address).ShouldBe((Cluster, GroupName, Address(1)));
        status.Uptime.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.FromMilliseconds(600));   // an election has passed
        (status.StartedAt!.Value + status.Uptime.Value).ShouldBe(Sys.Scheduler.Now, TimeSpan.FromMilliseconds(1));
        status.Journal.Writes.ShouldBe(1);
        status.Journal.Mean.ShouldBe(TimeSpan.FromMilliseconds(40));
        status.Journal.Max.ShouldBe(TimeSpan.FromMilliseconds(40));
        status.Journal.WritingFor.ShouldBeNull();
        status.Dropped.ShouldBe([new RaftDroppedMessages("of another cluster", 1)]);
        status.Peers[0].HeardAgo.ShouldBe(TimeSpan.FromMilliseconds(15));
        status.Peers[0].Match.ShouldBe(new LogIndex(1));
        status.CommitIndex.ShouldBe(new LogIndex(1));
    }

    [Fact]
    public void A_write_that_the_journal_does_not_confirm_is_told_with_its_age()
    {
        var node = StartLeader(Settings(1));
        ExpectAppend();
        Advance(300);

        var told = Explain(node);

        told.Status.Journal.WritingFor.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(300));
        told.Obstacle.ShouldBe(RaftElectionObstacle.Leads);
        told.Commit.ShouldNotBeNull().FirstUncommitted.ShouldBe(new EntryId(new LogIndex(1), new Term(5)));
    }

    [Fact]
    public void A_node_that_recovers_tells_that_it_takes_no_part()
    {
        var node = StartNode(Settings(3));
        OpenChildren();

        var told = Explain(node);

        told.Obstacle.ShouldBe(RaftElectionObstacle.TakesNoPart);
        told.Status.Role.ShouldBe(RaftRole.Recovering);
        told.Voters.ShouldBeEmpty();
        told.ElectionTimeoutMin.ShouldBe(TimeSpan.FromMilliseconds(600));
    }

    [Fact]
    public void A_stranger_is_told_nothing()
    {
        var node = StartNode(Settings(3));
        Client.Send(node, new ExplainRequest(new ClusterId("other"), GroupName));
        Client.Send(node, new ExplainRequest(Cluster, GroupName));

        Client.ExpectMsg<ExplainReply>();
        Client.HasMessages.ShouldBeFalse();
    }

    [Fact]
    public void Events_tell_each_change_in_order_and_say_whose_it_is()
    {
        var node = StartLeader(Settings(3));

        Next<RoleChanged>().ShouldSatisfyAllConditions(
            e => (e.From, e.To, e.Term).ShouldBe((RaftRole.Recovering, RaftRole.Follower, new Term(4))),
            e => (e.Cluster, e.Group, e.Node).ShouldBe((Cluster, GroupName, Node(1))),
            e => e.At.ShouldBeGreaterThan(DateTimeOffset.UnixEpoch));
        Next<NodeReady>().ShouldSatisfyAllConditions(e => e.Address.ShouldBe(Address(1)), e => e.Term.ShouldBe(new Term(4)));
        Next<RoleChanged>().To.ShouldBe(RaftRole.PreCandidate);
        Next<RoleChanged>().To.ShouldBe(RaftRole.Candidate);
        Next<RoleChanged>().ShouldSatisfyAllConditions(e => e.To.ShouldBe(RaftRole.Leader), e => e.Reason.ShouldContain("a majority voted for it"));
        var led = Next<LeaderChanged>();
        (led.Leader, led.Term, led.Address).ShouldBe((Node(1), new Term(5), Address(1)));
        Next<ConfigurationChanged>().Configuration.Members.ShouldAllBe(member => member.Storage != null);

        node.Tell(FromPeer(2, new AppendEntries(Node(2), new Term(9), 0, EntryId.Zero, [], LogIndex.Zero)));
        Next<RoleChanged>().To.ShouldBe(RaftRole.Follower);
        Next<LeaderChanged>().Leader.ShouldBeNull();
        var persist = TermJournal.ExpectMsg<Write>().Effect.ShouldBeOfType<PersistTerm>();
        TermJournal.Send(Child("term-journal"), new Written(new TermPersisted(persist.Term, persist.VotedFor)));
        var follows = Next<LeaderChanged>();
        (follows.Leader, follows.Term, follows.Address).ShouldBe((Node(2), new Term(9), Address(2)));
    }

    [Fact]
    public void Peers_are_told_lost_and_found_once_for_each_silence()
    {
        var node = StartLeader(Settings(3));
        Of<PeerReachable>().Select(e => e.Peer).ShouldBe([Node(2), Node(3)], ignoreOrder: true);
        var noop = LogJournal.ExpectMsg<Write>().Effect.ShouldBeOfType<AppendToLog>();
        LogJournal.Send(Child("log-journal"), new Written(new EntriesPersisted(noop.WriteId, noop.Entries[^1].Id)));

        for (var i = 0; i < 16; i++)   // node 3 is silent; node 2 keeps the leader leading
        {
            Advance(100);
            node.Tell(FromPeer(2, AppendEntriesReply.Accepted(Node(2), new Term(5), 0, LogIndex.Zero, LogIndex.Zero)));
        }

        var lost = Of<PeerUnreachable>().ShouldHaveSingleItem();
        lost.Peer.ShouldBe(Node(3));
        lost.Address.ShouldBe(Address(3));
        lost.Silence.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(1200));
        node.Tell(FromPeer(3, AppendEntriesReply.Accepted(Node(3), new Term(5), 0, LogIndex.Zero, LogIndex.Zero)));
        Of<PeerReachable>().ShouldHaveSingleItem().Peer.ShouldBe(Node(3));
    }

    [Fact]
    public void A_peer_that_was_never_heard_is_told_once()
    {
        StartNode(Settings(3));
        OpenChildren();
        Recover(Settings(3));
        Group.ExpectMsg<NodeIsReady>();

        for (var i = 0; i < 130; i++) Advance(100);

        Of<PeerUnreachable>().Select(e => e.Peer).ShouldBe([Node(2), Node(3)]);
    }

    [Fact]
    public void A_journal_that_fails_is_told_with_its_cause_and_what_becomes_of_the_node()
    {
        var settings = Settings(1);
        StartLeader(settings);
        Of<RaftEvent>();
        var full = new IOException("disk full");

        LogJournal.Send(Child("log-journal"), new AkkaRaft.Journals.JournalFailed(JournalKind.Log, "writing", full));

        var failed = Next<AkkaRaft.Events.JournalFailed>();
        failed.What.ShouldContain("writing");
        failed.Cause.ShouldBe(full);
        (failed.Attempt, failed.MaxAttempts).ShouldBe((1, 2));
        var role = Next<RoleChanged>();
        (role.From, role.To).ShouldBe((RaftRole.Leader, RaftRole.Recovering));
    }

    [Fact]
    public void A_node_that_is_told_to_stop_tells_that_it_stops()
    {
        var node = StartLeader(Settings(1));
        Of<RaftEvent>();

        node.Tell(StopNode.Instance);

        var role = Next<RoleChanged>();
        (role.From, role.To, role.Reason).ShouldBe((RaftRole.Leader, RaftRole.Stopping, "it was asked to stop"));
    }

    RaftStatus StatusOf(IActorRef node)
    {
        Client.Send(node, new StatusRequest(Cluster, GroupName));
        return Client.ExpectMsg<StatusReply>().Status;
    }

    RaftExplanation Explain(IActorRef node)
    {
        Client.Send(node, new ExplainRequest(Cluster, GroupName));
        return Client.ExpectMsg<ExplainReply>().Explanation;
    }

    /// <summary>The next event, but for peers that were found, whose order does not count.</summary>
    T Next<T>() where T : RaftEvent
    {
        while (true)
        {
            var next = _events.ExpectMsg<RaftEvent>();
            if (next is not PeerReachable || typeof(T) == typeof(PeerReachable)) return next.ShouldBeOfType<T>();
        }
    }

    /// <summary>All events of a kind that have come; the others are passed over.</summary>
    List<T> Of<T>() where T : RaftEvent
    {
        var all = new List<T>();
        while (_events.HasMessages)
        {
            if (_events.ExpectMsg<RaftEvent>() is T wanted) all.Add(wanted);
        }

        return all;
    }
}
