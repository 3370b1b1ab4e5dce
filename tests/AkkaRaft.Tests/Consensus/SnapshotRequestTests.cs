using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Messages;

namespace AkkaRaft.Tests.Consensus;

/// <summary>Somebody needs a snapshot that is new enough, such as a backup: it is found or taken, and told when it is durable.</summary>
public sealed class SnapshotRequestTests
{
    /// <summary>By themselves the nodes of these tests take none.</summary>
    static readonly CoreOptions Seldom = new() { TakesSnapshots = true, SnapshotEntries = 1000 };

    [Fact]
    public void One_is_taken_at_once_and_serves_all_who_ask_meanwhile()
    {
        var node = Applied(3);

        node.Receives(Request(1, 3));
        var at = node.Effects.OfType<TakeSnapshot>().ShouldHaveSingleItem().At;
        at.Last.ShouldBe(Entries.Id("3/3"));
        node.Receives(Request(2, 3)).DidNothing();

        var taken = new StoredSnapshot(at, 10, 7);
        node.Receives(new SnapshotTaken(taken)).Effects.OfType<SnapshotRequestEnded>().ShouldBe([new(1, taken), new(2, taken)]);
    }

    [Fact]
    public void One_that_is_new_enough_already_is_told_at_once()
    {
        var node = Core.FollowerWithSnapshot(term: 3, log: "1 1 3", snapshot: 3, options: Seldom);

        node.Receives(Request(1, 3)).Effects.OfType<SnapshotRequestEnded>().ShouldHaveSingleItem().Snapshot.ShouldBe(node.State.Snapshot);

        node.Effects.OfType<TakeSnapshot>().ShouldBeEmpty();
    }

    [Fact]
    public void One_that_is_being_taken_and_too_old_is_waited_for_and_another_one_follows_it()
    {
        var node = Applied(3);
        node.Receives(Request(1, 3));
        var first = new StoredSnapshot(node.Effects.OfType<TakeSnapshot>().Single().At, 10, 7);
        node.Receives(Append(from: 2, term: 3, after: "3/3", entries: "4/3 5/3", commit: 5));
        node.LogDurable(5);

        node.Receives(Request(2, 5)).Effects.OfType<TakeSnapshot>().ShouldBeEmpty();
        node.Receives(new SnapshotTaken(first)).Effects.OfType<SnapshotRequestEnded>().ShouldBe([new(1, first)]);
        var second = new StoredSnapshot(node.Waits(50).Effects.OfType<TakeSnapshot>().ShouldHaveSingleItem().At, 12, 8);

        second.Last.ShouldBe(Entries.Id("5/3"));
        node.Receives(new SnapshotTaken(second)).Effects.OfType<SnapshotRequestEnded>().ShouldBe([new(2, second)]);
        node.Waits(200).Effects.OfType<TakeSnapshot>().ShouldBeEmpty("nobody asks any more");
    }

    [Fact]
    public void One_that_could_not_be_stored_is_told_and_another_one_is_taken_for_whoever_asks_again()
    {
        var node = Applied(3);
        node.Receives(Request(1, 3));
        var at = node.Effects.OfType<TakeSnapshot>().Single().At;

        node.Receives(new SnapshotFailed(at)).Effects.OfType<SnapshotRequestEnded>().ShouldBe([new(1, null)]);

        node.Receives(Request(2, 3)).Effects.OfType<TakeSnapshot>().ShouldHaveSingleItem().At.ShouldBe(at);
    }

    /// <summary>What is not durable here must not be in a snapshot (B41), whoever asks for it.</summary>
    [Fact]
    public void A_leader_whose_own_disk_is_the_slowest_takes_it_when_its_disk_has_it()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3", durable: 1, options: Seldom);
        leader.Receives(Accepted(2, 3, 3), Accepted(3, 3, 3));
        leader.CommitIndex.ShouldBe(3);

        leader.Receives(Request(1, 3)).Effects.OfType<TakeSnapshot>().ShouldBeEmpty();

        leader.LogDurable(3);
        leader.Effects.OfType<TakeSnapshot>().ShouldHaveSingleItem().At.Last.ShouldBe(Entries.Id("3/3"));
    }

    static Core Applied(int entries)
    {
        var node = Core.Follower(term: 3, log: "1 1 3", commit: 0, options: Seldom);
        node.Receives(Append(from: 2, term: 3, after: "3/3", commit: entries));
        node.State.Applied.Value.ShouldBe(entries);
        return node;
    }

    static RequestSnapshot Request(long id, long atLeast) => new(id, new LogIndex(atLeast));
}
