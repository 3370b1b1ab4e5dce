using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Messages;

namespace AkkaRaft.Tests.Consensus.KnownBugs;

/// <summary>Bugs of snapshots and compaction that other systems shipped; the rows are those of known-raft-bugs.md.</summary>
public sealed class SnapshotBugs
{
    static readonly CoreOptions Small = new() { TakesSnapshots = true, SnapshotEntries = 4, TrailingEntries = 1, SnapshotChunkBytes = 4, SnapshotWindowBytes = 8 };

    static readonly TransferId First = new(new Term(3), 1);

    // ----- Taking one, and forgetting what it stands for (Raft 7) -----

    [Fact, Trait("RaftBug", "B61")]
    public void The_log_is_kept_until_the_snapshot_is_durable()
    {
        var follower = Core.Follower(term: 3, log: "1 1 3 3 3", commit: 0, options: Small);

        follower.Receives(Append(from: 2, term: 3, after: "5/3", commit: 5));
        var taking = follower.Effects.OfType<TakeSnapshot>().Single().At;
        taking.Last.ShouldBe(Entries.Id("5/3"));
        follower.Log.ShouldBe("1/1 2/1 3/3 4/3 5/3");

        follower.Receives(new SnapshotTaken(new StoredSnapshot(taking, 10, 7))).Did("retains snapshots 5/3", "compacts log to 4");
        follower.Log.ShouldBe("5/3");
    }

    [Fact, Trait("RaftBug", "B61")]
    public void A_snapshot_that_could_not_be_stored_takes_nothing_from_the_log_and_is_tried_again_later()
    {
        var follower = Core.Follower(term: 3, log: "1 1 3 3 3", commit: 0, options: Small);
        follower.Receives(Append(from: 2, term: 3, after: "5/3", commit: 5));
        var taking = follower.Effects.OfType<TakeSnapshot>().Single().At;

        follower.Receives(new SnapshotFailed(taking)).DidNothing();
        follower.Log.ShouldBe("1/1 2/1 3/3 4/3 5/3");

        follower.Receives(Append(from: 2, term: 3, after: "5/3", entries: "6/3 7/3 8/3 9/3", commit: 9));
        follower.LogDurable(9);
        follower.Effects.OfType<TakeSnapshot>().Single().At.Last.ShouldBe(Entries.Id("9/3"));
    }

    /// <summary>While one is written at its bounded rate there may come more than an interval, and then nothing: the log of that must not stay until the next write.</summary>
    [Fact]
    public void What_came_while_a_snapshot_was_written_is_due_when_it_is_and_waits_for_no_further_entry()
    {
        var follower = Core.Follower(term: 3, log: "1 1 3 3 3", commit: 0, options: Small);
        follower.Receives(Append(from: 2, term: 3, after: "5/3", commit: 5));
        var first = follower.Effects.OfType<TakeSnapshot>().Single().At;
        follower.Receives(Append(from: 2, term: 3, after: "5/3", entries: "6/3 7/3 8/3 9/3", commit: 9));
        follower.LogDurable(9);
        follower.Waits(1).Effects.OfType<TakeSnapshot>().ShouldBeEmpty("one is being written");

        follower.Receives(new SnapshotTaken(new StoredSnapshot(first, 10, 7)));
        follower.Waits(1).Effects.OfType<TakeSnapshot>().Single().At.Last.ShouldBe(Entries.Id("9/3"));
    }

    [Fact, Trait("RaftBug", "B41")]
    public void A_leader_whose_own_disk_is_the_slowest_takes_no_snapshot_of_what_it_does_not_store()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3 3 3 3", durable: 1, options: Small);

        leader.Receives(Accepted(2, 3, 6), Accepted(3, 3, 6));

        leader.CommitIndex.ShouldBe(6);
        leader.Effects.OfType<TakeSnapshot>().ShouldBeEmpty();
    }

    /// <summary>Under load a majority's disks are always ahead of it: without this its log would never be compacted.</summary>
    [Fact, Trait("RaftBug", "B41")]
    public void A_leader_whose_own_disk_is_the_slowest_lets_its_machine_wait_until_the_snapshot_that_is_due_is_taken()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3 3 3 3", durable: 1, options: Small);
        leader.Receives(Accepted(2, 3, 6), Accepted(3, 3, 6));

        leader.Receives(Propose("p"), Accepted(2, 3, 7), Accepted(3, 3, 7)).CommitIndex.ShouldBe(7);
        leader.Effects.OfType<ApplyCommitted>().ShouldBeEmpty("a snapshot is due");
        leader.LogDurable(6);

        leader.Effects.Where(effect => effect is TakeSnapshot or ApplyCommitted).Select(Trace.Of).Count().ShouldBe(2);
        leader.Effects.OfType<TakeSnapshot>().Single().At.Last.ShouldBe(Entries.Id("6/3"));
        leader.State.Applying.ShouldBe(new LogIndex(7));
    }

    [Fact, Trait("RaftBug", "B42"), Trait("RaftBug", "B43")]
    public void What_is_compacted_matches_and_is_not_taken_for_absent()
    {
        var follower = Core.FollowerWithSnapshot(term: 3, log: "1 1 2 2 3", snapshot: 4);

        follower.Receives(Append(from: 2, term: 3, after: "2/1", entries: "3/2 4/2 5/3 6/3", commit: 4)).Did("writes log after 5/3, 6/3");

        follower.LogDurable(6).Did("-> 2 term 3 accepted, match 6, verified 6, round 0");
    }

    [Fact, Trait("RaftBug", "B57")]
    public void A_start_with_a_snapshot_has_its_configuration_in_force()
    {
        var log = new RecoveredState(new Term(2), null, Entries.Voters(3), []) { Base = Entries.Id("4/2"), Snapshot = Snapshot("4/2", voters: 5) };

        var node = new NodeState(Entries.Node(1), new CoreOptions(), log, 1, new Instant(TimeSpan.FromSeconds(1), Entries.Epoch));

        node.Configuration.ShouldBe(Entries.Voters(5));
        (node.CommitIndex, node.Applied).ShouldBe((new LogIndex(4), new LogIndex(4)));
    }

    /// <summary>Trailing entries are for slow followers: the node's own state machine has them already.</summary>
    [Fact, Trait("RaftBug", "B87")]
    public void Entries_that_the_snapshot_stands_for_are_not_applied_again_at_a_start()
    {
        var stored = new RecoveredState(new Term(2), null, Entries.Voters(3), Entries.Log("1 1 2 2")) { Snapshot = Snapshot("3/2") };

        var node = new NodeState(Entries.Node(1), new CoreOptions(), stored, 1, new Instant(TimeSpan.FromSeconds(1), Entries.Epoch));

        (node.CommitIndex, node.Applying, node.Applied).ShouldBe((new LogIndex(3), new LogIndex(3), new LogIndex(3)));
    }

    /// <summary>Ten thousand entries are much when each of them is large.</summary>
    [Fact]
    public void What_stays_behind_a_snapshot_is_bounded_in_bytes_too()
    {
        var size = Core.Leader(term: 3, log: "1 3 3 3 3").State.Log[new LogIndex(5)].Size;
        foreach (var (bytes, kept) in new[] { (0L, ""), ((2L * size) - 1, "5/3"), (2L * size, "4/3 5/3"), (long.MaxValue, "3/3 4/3 5/3") })
        {
            var leader = Core.Leader(term: 3, log: "1 3 3 3 3", options: Small with { TrailingEntries = 3, TrailingBytes = bytes });
            leader.Receives(Accepted(2, 3, 5));
            Takes(leader);

            leader.Log.ShouldBe(kept);
        }
    }

    /// <summary>
    /// Under load there is a newer snapshot, and a longer log, when a peer has got one. Were the log let go then, it would need the newer one, and so on for ever.
    /// </summary>
    [Fact, Trait("RaftBug", "B62")]
    public void Who_has_got_a_snapshot_finds_the_log_behind_it_though_there_is_a_newer_one()
    {
        var leader = Sending();
        ProposesUpTo(leader, 10);
        Takes(leader);

        leader.Receives(Install(3, 3, InstallOutcome.Installed, match: 5));

        leader.Effects.OfType<SendSnapshotChunk>().ShouldBeEmpty();
        leader.Effects.OfType<RetainSnapshots>().Single().Kept.ShouldBe([Entries.Id("10/3")], "the older one was for this peer");
        leader.Effects.OfType<Send>().Select(Trace.Of).ShouldContain("-> 3 term 3 append after 5/3, 6/3..10/3, commit 10, round 0");
        ProposesUpTo(leader, 14);
        Takes(leader);
        leader.State.Log.Base.Index.ShouldBe(new LogIndex(5));

        leader.Receives(Accepted(3, 3, 14));
        ProposesUpTo(leader, 18);
        Takes(leader);
        leader.State.Log.Base.Index.ShouldBe(new LogIndex(18), "it has followed");
    }

    /// <summary>Neither does it hold up the log for ever.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public void Who_has_got_a_snapshot_and_does_not_follow_has_no_more_than_some_intervals_of_the_log(bool isSilent)
    {
        var leader = Sending();
        ProposesUpTo(leader, 10);
        Takes(leader);
        leader.Receives(Install(3, 3, InstallOutcome.Installed, match: 5));
        for (var i = 0; isSilent && i < 30; i++) leader.Receives(Accepted(2, 3, 10)).Waits(100);

        for (var last = 14; last <= 22; last += 4)
        {
            leader.State.Log.Base.Index.ShouldBe(isSilent && last > 14 ? new LogIndex(last - 4) : new LogIndex(5));
            ProposesUpTo(leader, last);
            Takes(leader);
        }

        leader.State.Log.Base.Index.ShouldBe(new LogIndex(22));
    }

    // ----- Sending one -----

    [Fact, Trait("RaftBug", "B62")]
    public void A_peer_that_needs_what_is_compacted_gets_the_snapshot_in_a_window_of_pieces()
    {
        var leader = Compacted();

        leader.Receives(Conflict(3, 3, at: "1/1", hint: "0/0")).Did(
            "retains snapshots 5/3",
            "-> 3 term 3 snapshot 5/3 transfer 3.1, 4 bytes from 0 of 10",
            "-> 3 term 3 snapshot 5/3 transfer 3.1, 4 bytes from 4 of 10");
        leader.Receives(Install(3, 3, InstallOutcome.Receiving, next: 4)).Did("-> 3 term 3 snapshot 5/3 transfer 3.1, 2 bytes from 8 of 10");

        leader.Receives(Install(3, 3, InstallOutcome.Receiving, next: 10)).DidNothing();
        leader.Receives(Propose("p"));
        leader.Receives(Install(3, 3, InstallOutcome.Installed, match: 5)).Did(
            "retains snapshots 5/3",
            "-> 3 term 3 append after 5/3, 6/3, commit 5, round 0");
    }

    /// <summary>Heartbeats name no entry that is compacted: without this, a peer whose appends were lost would say "accepted" for ever.</summary>
    [Fact, Trait("RaftBug", "B48"), Trait("RaftBug", "B62")]
    public void A_peer_whose_lost_appends_are_compacted_gets_the_snapshot()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3 3 3", options: Small);
        leader.Receives(Accepted(3, 3, 1), Accepted(2, 3, 5));
        leader.Effects.OfType<TakeSnapshot>().ShouldNotBeEmpty();
        leader.State.Leadership!.Peers[Entries.Node(3)].State.ShouldBe(ProgressState.Replicate);
        Takes(leader);
        leader.Receives(Propose("p"));
        leader.LogDurable(6);
        var lagging = leader.State.Leadership.Peers[Entries.Node(3)];
        lagging.Rejected(new LogIndex(6), new LogIndex(1));   // as if it had asked for what is not there any more
        leader.Waits(150);

        leader.Effects.OfType<SendSnapshotChunk>().ShouldNotBeEmpty();
        lagging.State.ShouldBe(ProgressState.Snapshot);
    }

    /// <summary>It does not stand before it has the snapshot: whoever named it learns so at once, and proposals do not wait for it.</summary>
    [Fact, Trait("RaftBug", "B82")]
    public void Leadership_is_not_handed_over_to_a_node_that_is_being_sent_a_snapshot()
    {
        var leader = Sending();

        leader.Receives(new TransferLeadership(1, Entries.Node(3))).Did("handing-over 1 ended: NoTarget, node 3 is being sent a snapshot");
        leader.Receives(Propose("on")).Effects.ShouldContain(e => e is ProposalAppended);
    }

    [Fact, Trait("RaftBug", "B82")]
    public void A_handing_over_to_a_node_that_turns_out_to_need_a_snapshot_is_given_up()
    {
        var leader = Compacted();
        leader.Receives(new TransferLeadership(1, Entries.Node(3))).Effects.ShouldBeEmpty("its log is not known yet");

        leader.Receives(Conflict(3, 3, at: "1/1", hint: "0/0"));

        leader.Effects.OfType<TransferEnded>().Single().Why.ShouldBe("node 3 is being sent a snapshot");
        leader.Receives(Propose("on")).Effects.ShouldContain(e => e is ProposalAppended);
    }

    [Fact, Trait("RaftBug", "B48")]
    public void A_lost_piece_or_a_lost_reply_holds_up_the_snapshot_for_one_election_timeout_only()
    {
        var leader = Sending();

        leader.Waits(700);

        leader.Effects.OfType<SendSnapshotChunk>().Select(Trace.Of).ShouldBe(["-> 3 term 3 snapshot 5/3 transfer 3.1, 4 bytes from 0 of 10"]);
    }

    [Fact, Trait("RaftBug", "B48")]
    public void A_peer_that_has_it_all_and_is_silent_is_asked_how_far_it_is()
    {
        var leader = Sending();
        leader.Receives(Install(3, 3, InstallOutcome.Receiving, next: 10));

        leader.Waits(700);

        leader.Effects.OfType<SendSnapshotChunk>().Select(Trace.Of).ShouldBe(["-> 3 term 3 snapshot 5/3 transfer 3.1, 0 bytes from 10 of 10"]);
    }

    [Fact, Trait("RaftBug", "B48")]
    public void A_gap_is_filled_from_where_the_peer_is()
    {
        var leader = Sending();

        leader.Receives(Install(3, 3, InstallOutcome.Gap, next: 4)).Did(
            "-> 3 term 3 snapshot 5/3 transfer 3.1, 4 bytes from 4 of 10",
            "-> 3 term 3 snapshot 5/3 transfer 3.1, 2 bytes from 8 of 10");
    }

    [Fact, Trait("RaftBug", "B59")]
    public void A_peer_that_has_forgotten_what_it_had_gets_another_transfer_from_the_beginning()
    {
        var leader = Sending();
        leader.Receives(Install(3, 3, InstallOutcome.Receiving, next: 8));

        leader.Receives(Install(3, 3, InstallOutcome.Gap, next: 0)).Did(
            "retains snapshots 5/3",
            "-> 3 term 3 snapshot 5/3 transfer 3.2, 4 bytes from 0 of 10",
            "-> 3 term 3 snapshot 5/3 transfer 3.2, 4 bytes from 4 of 10");

        leader.Receives(Install(3, 3, InstallOutcome.Receiving, next: 8)).DidNothing();   // of the former transfer
    }

    [Fact]
    public void What_follows_a_snapshot_that_is_being_sent_stays_unless_the_peer_is_silent()
    {
        var leader = Sending();
        ProposesUpTo(leader, 12);
        Takes(leader);
        leader.State.Log.Base.Index.ShouldBe(new LogIndex(5), "the peer will need what follows the snapshot that it gets");

        leader.Receives(Install(3, 3, InstallOutcome.Receiving, next: 4));
        for (var i = 0; i < 30; i++) leader.Receives(Accepted(2, 3, 12)).Waits(100);
        ProposesUpTo(leader, 20);
        Takes(leader);
        leader.State.Log.Base.Index.ShouldBeGreaterThan(new LogIndex(12), "whoever is silent holds up nothing");

        leader.Receives(Accepted(3, 3, 0)).Effects.OfType<SendSnapshotChunk>().First().Message.Snapshot.Last.ShouldBe(Entries.Id("20/3"), "and gets the newest one when it is back");
    }

    /// <summary>It answers, and gets it more slowly than the log grows: no snapshot could be taken any more, and the log would grow for ever.</summary>
    [Fact]
    public void A_peer_that_gets_a_snapshot_more_slowly_than_the_log_grows_gets_the_newest_instead()
    {
        var leader = Sending();
        ProposesUpTo(leader, 12);
        Takes(leader);
        for (var last = 13; last < 28; last++)
        {
            ProposesUpTo(leader, last);
            leader.Receives(Install(3, 3, InstallOutcome.Receiving, next: 1));
            leader.State.Log.Base.Index.ShouldBe(new LogIndex(5), "it may have it soon");
        }

        ProposesUpTo(leader, 28);

        leader.State.Log.Base.Index.ShouldBe(new LogIndex(12));
        Takes(leader);
        leader.State.Log.Base.Index.ShouldBe(new LogIndex(28));
        var next = leader.Receives(Install(3, 3, InstallOutcome.Receiving, next: 2)).Effects.OfType<SendSnapshotChunk>().First().Message;
        (next.Snapshot.Last, next.Offset).ShouldBe((Entries.Id("28/3"), 0));
    }

    // ----- Getting one -----

    [Fact]
    public void Pieces_are_stored_in_their_order_and_acknowledged_when_they_are_stored()
    {
        var follower = Core.Follower(term: 3, log: "1");
        var snapshot = Snapshot("5/3");

        follower.Receives(Piece(2, 3, snapshot, 0, 4)).Did("receives snapshot 5/3 transfer 3.1", "stores transfer 3.1, 4 bytes from 0");
        follower.Receives(Piece(2, 3, snapshot, 4, 4)).Did("stores transfer 3.1, 4 bytes from 4");
        follower.Receives(new SnapshotChunkStored(First, 4)).Did("-> 2 term 3 transfer 3.1 receiving, next 4");
        follower.Receives(Piece(2, 3, snapshot, 0, 4)).Did("-> 2 term 3 transfer 3.1 receiving, next 4");
    }

    [Fact, Trait("RaftBug", "B48")]
    public void A_missing_piece_is_told_once()
    {
        var follower = Core.Follower(term: 3, log: "1");
        var snapshot = Snapshot("5/3", length: 20);
        follower.Receives(Piece(2, 3, snapshot, 0, 4));

        follower.Receives(Piece(2, 3, snapshot, 8, 4), Piece(2, 3, snapshot, 12, 4)).Did("-> 2 term 3 transfer 3.1 gap, next 4");
        follower.Receives(Piece(2, 3, snapshot, 4, 4)).Did("stores transfer 3.1, 4 bytes from 4");
        follower.Receives(Piece(2, 3, snapshot, 12, 4)).Did("-> 2 term 3 transfer 3.1 gap, next 8");
    }

    [Fact, Trait("RaftBug", "B59")]
    public void Pieces_of_two_transfers_are_not_mixed()
    {
        var follower = Core.Follower(term: 3, log: "1");
        follower.Receives(Piece(2, 3, Snapshot("5/3"), 0, 4));

        follower.Receives(Piece(2, 3, Snapshot("6/3"), 4, 4, transfer: 2)).Did("-> 2 term 3 transfer 3.2 gap, next 0");
        follower.Receives(Piece(2, 3, Snapshot("6/3"), 0, 4, transfer: 2)).Did("receives snapshot 6/3 transfer 3.2", "stores transfer 3.2, 4 bytes from 0");
        follower.Receives(new SnapshotChunkStored(First, 8)).DidNothing();
    }

    [Fact, Trait("RaftBug", "B59")]
    public void A_new_term_ends_the_old_leaders_transfer()
    {
        var follower = Core.Follower(term: 3, log: "1");
        follower.Receives(Piece(2, 3, Snapshot("5/3"), 0, 4));

        follower.Receives(Append(from: 3, term: 4, after: "1/1"));

        follower.Effects.ShouldContain(new AbandonReceiving(First));
        follower.Receives(TermDurable(4), Piece(2, 3, Snapshot("5/3"), 4, 4)).Effects.OfType<StoreSnapshotChunk>().ShouldBeEmpty();
    }

    [Fact, Trait("RaftBug", "B53"), Trait("RaftBug", "B55")]
    public void A_log_that_is_another_one_gives_way_whole()
    {
        var follower = Core.Follower(term: 4, log: "1 2 2 2 2 2", commit: 1, verified: 1);

        follower.Receives(new SnapshotReceived(First, Snapshot("5/4"))).Did("retains snapshots 5/4", "restarts log after 5/4", "compacts log to 5", "restores machine from 5/4");

        follower.Log.ShouldBe("");
        (follower.State.Log.Last, follower.Durable, follower.CommitIndex).ShouldBe((Entries.Id("5/4"), 5, 5));
        follower.Receives(Append(from: 2, term: 4, after: "5/4", entries: "6/4", commit: 5)).Did("writes log after 5/4, 6/4");
    }

    [Fact, Trait("RaftBug", "B53")]
    public void A_log_that_holds_the_snapshots_last_entry_goes_on_and_is_applied_as_ever()
    {
        var follower = Core.Follower(term: 3, log: "1 1 3 3", commit: 1);

        follower.Receives(new SnapshotReceived(First, Snapshot("3/3"))).Did("retains snapshots 3/3", "applies 2/1 3/3");

        follower.Log.ShouldBe("1/1 2/1 3/3 4/3");
        follower.CommitIndex.ShouldBe(3);
    }

    [Fact, Trait("RaftBug", "B54")]
    public void An_older_snapshot_changes_nothing_and_the_leader_learns_that_nothing_is_missing()
    {
        var follower = Core.Follower(term: 3, log: "1 1 3 3", commit: 3);

        follower.Receives(Piece(2, 3, Snapshot("2/1"), 0, 4)).Did("-> 2 term 3 transfer 3.1 installed, match 3");
        follower.Receives(new SnapshotReceived(First, Snapshot("3/3"))).DidNothing();
    }

    [Fact, Trait("RaftBug", "B54")]
    public void A_snapshot_of_ones_own_that_a_newer_one_has_overtaken_is_forgotten()
    {
        var follower = Core.Follower(term: 3, log: "1 1 3 3 3", commit: 0, options: Small);
        follower.Receives(Append(from: 2, term: 3, after: "5/3", commit: 5));
        var taking = follower.Effects.OfType<TakeSnapshot>().Single().At;
        follower.Receives(new SnapshotReceived(First, Snapshot("9/3")));

        follower.Receives(new SnapshotTaken(new StoredSnapshot(taking, 10, 7))).Did("retains snapshots 9/3");

        follower.State.Snapshot!.Last.ShouldBe(Entries.Id("9/3"));
    }

    [Fact, Trait("RaftBug", "B56")]
    public void Nothing_is_handed_to_a_machine_that_begins_anew()
    {
        var follower = Core.Follower(term: 3, log: "1", commit: 1);
        follower.Receives(new SnapshotReceived(First, Snapshot("5/3")));

        follower.Receives(Append(from: 2, term: 3, after: "5/3", entries: "6/3", commit: 6));
        follower.LogDurable(6).Effects.OfType<ApplyCommitted>().ShouldBeEmpty();
        follower.CommitIndex.ShouldBe(6);

        follower.Receives(new MachineRestored(new LogIndex(5))).Did("applies 6/3");
    }

    [Fact, Trait("RaftBug", "B57")]
    public void The_configuration_of_an_installed_snapshot_is_in_force()
    {
        var follower = Core.Follower(term: 3, log: "1", commit: 1);

        follower.Receives(new SnapshotReceived(First, Snapshot("5/3", voters: 5)));

        follower.State.Configuration.ShouldBe(Entries.Voters(5));
    }

    [Fact]
    public void A_node_whose_machine_begins_anew_does_not_campaign()
    {
        var follower = Core.Follower(term: 3, log: "1", commit: 1);
        follower.Receives(new SnapshotReceived(First, Snapshot("5/3")));

        follower.TimesOut().TimesOut();
        follower.Role.ShouldBe(RaftRole.Follower);

        follower.Receives(new MachineRestored(new LogIndex(5)));
        follower.TimesOut();
        follower.Role.ShouldBe(RaftRole.PreCandidate);
    }

    [Fact]
    public void A_node_whose_leader_fell_silent_in_the_middle_of_a_snapshot_gives_it_up_and_campaigns()
    {
        var follower = Core.Follower(term: 3, log: "1", commit: 1);
        follower.Receives(Piece(2, 3, Snapshot("5/3"), 0, 4));

        follower.TimesOut();

        follower.Effects.ShouldContain(new AbandonReceiving(First));
        follower.Role.ShouldBe(RaftRole.PreCandidate);
    }

    /// <summary>The leader's log reaches back far enough all the same: what it sends in entries ends the transfer.</summary>
    [Fact]
    public void Entries_that_overtake_a_snapshot_end_its_transfer()
    {
        var follower = Core.Follower(term: 3, log: "1", commit: 1);
        follower.Receives(Piece(2, 3, Snapshot("2/3"), 0, 4));

        follower.Receives(Append(from: 2, term: 3, after: "1/1", entries: "2/3 3/3", commit: 3));
        follower.LogDurable(3);

        follower.Effects.ShouldContain(new AbandonReceiving(First));
        follower.State.IsInstalling.ShouldBeFalse();
    }

    // ----- Starting with one -----

    [Fact, Trait("RaftBug", "B53"), Trait("RaftBug", "B55")]
    public void A_stored_log_counts_if_it_holds_the_snapshots_last_entry()
    {
        var log = Entries.Log("1 1 2 2");

        RecoveredLog.Of(null, EntryId.Zero, log).ShouldBe(new RecoveredLog(EntryId.Zero, log, false));
        RecoveredLog.Of(Snapshot("3/2"), EntryId.Zero, log).ShouldBe(new RecoveredLog(EntryId.Zero, log, false));
        RecoveredLog.Of(Snapshot("2/1"), Entries.Id("2/1"), log[2..]).ShouldNotBeNull().MustRestart.ShouldBeFalse();
        var crashed = RecoveredLog.Of(Snapshot("3/3"), EntryId.Zero, log).ShouldNotBeNull();
        (crashed.Base, crashed.Entries.Count, crashed.MustRestart).ShouldBe((Entries.Id("3/3"), 0, true));
        RecoveredLog.Of(Snapshot("9/3"), EntryId.Zero, log).ShouldNotBeNull().MustRestart.ShouldBeTrue();
    }

    [Fact, Trait("RaftBug", "B53")]
    public void A_gap_between_snapshot_and_log_is_no_log()
    {
        RecoveredLog.Of(null, Entries.Id("2/1"), Entries.Ids("3/2")).ShouldBeNull();
        RecoveredLog.Of(Snapshot("1/1"), Entries.Id("2/1"), Entries.Ids("3/2")).ShouldBeNull();
    }

    /// <summary>A leader of term 3 with five entries, of which a snapshot stands for all, and none is held; node 2 has them, node 3 was never heard of.</summary>
    static Core Compacted()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3 3 3", options: Small with { TrailingEntries = 0 });
        leader.Receives(Accepted(2, 3, 5));
        Takes(leader);
        leader.Log.ShouldBe("");
        return leader;
    }

    /// <summary>The same, and the first pieces are on their way to node 3.</summary>
    static Core Sending()
    {
        var leader = Compacted();
        leader.Receives(Conflict(3, 3, at: "1/1", hint: "0/0"));
        leader.Effects.OfType<SendSnapshotChunk>().Count().ShouldBe(2);
        return leader;
    }

    /// <summary>The snapshot that is being taken becomes durable.</summary>
    static void Takes(Core core) => core.Receives(new SnapshotTaken(new StoredSnapshot(core.State.Taking.ShouldNotBeNull(), 10, 7)));

    static void ProposesUpTo(Core leader, long last)
    {
        while (leader.State.Log.Last.Index.Value < last) leader.Receives(Propose("p"));
        leader.LogDurable(last);
        leader.Receives(Accepted(2, 3, last));
    }
}
