using AkkaRaft.Consensus;
using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Invariants;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Invariants;

public sealed class ClientOracleTests
{
    static readonly IReadOnlyList<LogEntry> Entries = [World.CommandAt(1, 1, "a"), World.CommandAt(2, 1, "b"), World.CommandAt(3, 1, "a")];

    readonly World _world = new World(committed => new ClientOracle(committed)).Start(1, term: 1, vote: 1, entries: Entries)
        .Start(2, term: 1, entries: [.. Entries.Take(2)]).Start(3, term: 1).Begins(1, "a").Begins(2, "b");

    [Fact]
    public void Clients_that_are_told_what_is_so_are_content() =>
        _world.Commits(1, 2).Ends(1, OperationOutcome.Done, 1).Ends(2, OperationOutcome.Unknown).Begins(3).Ends(3, OperationOutcome.Done, 1, isQuery: true)
            .Begins(4, "a").Stores(2, EntryId.Zero, Entries).Commits(1, 3).Ends(4, OperationOutcome.Done, 3).Begins(5, "a").Ends(5, OperationOutcome.NotDone)
            .ShouldHold();

    [Fact]
    public void A_command_acknowledged_where_another_one_is_committed_is_reported() =>
        _world.Commits(1, 2).Ends(1, OperationOutcome.Done, 2).ShouldBreak("operation 1 of client 1", "acknowledged at index 2", "not its command");

    [Fact]
    public void A_command_acknowledged_before_it_is_committed_is_reported() =>
        _world.Commits(1, 1).Ends(2, OperationOutcome.Done, 2).ShouldBreak("operation 2", "acknowledged at index 2", "committed up to 1 only");

    [Fact]
    public void A_command_acknowledged_and_on_a_minority_of_the_disks_is_reported() =>
        _world.Begins(3, "a").Commits(1, 3).Ends(3, OperationOutcome.Done, 3).ShouldBreak("operation 3", "entry 3/1 is on 1 disks of 3 voters");

    [Fact]
    public void Two_commands_acknowledged_at_one_index_are_reported() =>
        _world.Begins(3, "a").Commits(1, 1).Ends(1, OperationOutcome.Done, 1).ShouldHold()
            .Ends(3, OperationOutcome.Done, 1).ShouldBreak("operation 3", "index 1", "so was operation 1");

    [Fact]
    public void A_command_that_is_committed_twice_is_reported() =>
        _world.Commits(1, 2).ShouldHold().Commits(1, 3).ShouldBreak("entry 3/1 is committed", "committed 2 times now (before at index 1)", "1 operations had it");

    [Fact]
    public void Copies_in_a_session_count_once_and_those_under_another_number_do_not()
    {
        Session(1, 1, 1).Commits(1, 3).Ends(1, OperationOutcome.Done, 1).ShouldHold();
        Session(1, 1, 2).Commits(1, 3).ShouldBreak("entry 3/1 is committed", "committed 2 times now");

        // Command "a" three times, under these numbers.
        static World Session(params long[] sequences)
        {
            var entries = sequences.Select((sequence, place) => World.CommandAt(place + 1, 1, "a") with { Stamp = new SessionStamp(new LogIndex(9), sequence, 1) });
            LogEntry[] log = [.. entries];
            return new World(committed => new ClientOracle(committed)).Start(1, term: 1, entries: log).Start(2, term: 1, entries: log).Start(3, term: 1).Begins(1, "a");
        }
    }

    /// <summary>Of a message that came twice one copy may be refused and the other one carried out.</summary>
    [Fact]
    public void A_refusal_of_what_the_network_made_two_of_is_no_proof()
    {
        _world.View.Clients.Double(World.Command("a"));
        _world.Ends(1, OperationOutcome.NotDone).Commits(1, 1).ShouldHold();
    }

    [Fact]
    public void A_command_that_nobody_sent_is_reported() =>
        new World(committed => new ClientOracle(committed)).Start(1, term: 1, entries: Entries).Commits(1, 1).ShouldBreak("entry 1/1", "which no client sent");

    [Fact]
    public void A_command_that_surely_was_not_carried_out_and_is_committed_later_is_reported() =>
        _world.Ends(1, OperationOutcome.NotDone).ShouldHold().Commits(1, 1).ShouldBreak("entry 1/1 is committed", "1 operations had it, and 1 of them were told");

    [Fact]
    public void A_committed_command_whose_client_is_told_that_it_surely_was_not_carried_out_is_reported() =>
        _world.Commits(1, 1).Ends(1, OperationOutcome.NotDone).ShouldBreak("operation 1", "surely was not carried out", "committed 1 times, last at index 1");

    [Fact]
    public void An_operation_that_ends_twice_is_reported() =>
        _world.Commits(1, 2).Ends(1, OperationOutcome.Unknown).Ends(1, OperationOutcome.Done, 1).ShouldBreak("operation 1", "has ended before", "Done");

    [Fact]
    public void An_operation_that_was_never_begun_is_reported() => _world.Ends(9, OperationOutcome.Unknown).ShouldBreak("operation 9", "never begun");

    [Fact]
    public void A_query_that_does_not_see_what_was_acknowledged_before_it_is_reported() =>
        _world.Commits(1, 2).Begins(3).Ends(2, OperationOutcome.Done, 2).Begins(4).Ends(3, OperationOutcome.Done, 1, isQuery: true).ShouldHold()
            .Ends(4, OperationOutcome.Done, 1, isQuery: true).ShouldBreak("operation 4", "answer of index 1", "told of index 2");

    [Fact]
    public void A_query_that_sees_less_than_another_query_before_it_is_reported() =>
        _world.Commits(1, 2).Begins(3).Ends(3, OperationOutcome.Done, 2, isQuery: true).Begins(4).ShouldHold()
            .Ends(4, OperationOutcome.Done, 1, isQuery: true).ShouldBreak("operation 4", "told of index 2");

    [Fact]
    public void A_query_that_sees_what_is_not_committed_is_reported() =>
        _world.Commits(1, 2).Begins(3).Ends(3, OperationOutcome.Done, 3, isQuery: true).ShouldBreak("operation 3", "answer of index 3", "committed up to 2 only");

    [Fact]
    public void A_command_that_takes_a_place_before_what_was_known_when_it_was_sent_is_reported() =>
        _world.Commits(1, 2).Ends(2, OperationOutcome.Done, 2).Begins(3, "a").Ends(3, OperationOutcome.Done, 1)
            .ShouldBreak("operation 3", "told of index 2 before it was sent");

    [Fact]
    public void A_snapshot_on_disk_stands_for_a_command() =>
        _world.Commits(1, 2).StoresSnapshot(2, _world.Snapshot(2, 1)).RestartsDisk(2, World.Entry(2, 1)).Ends(1, OperationOutcome.Done, 1).Ends(2, OperationOutcome.Done, 2).ShouldHold();

    [Fact]
    public void A_snapshot_of_less_does_not() =>
        _world.Commits(1, 2).StoresSnapshot(2, _world.Snapshot(1, 1)).RestartsDisk(2, World.Entry(1, 1)).Ends(1, OperationOutcome.Done, 1).ShouldHold()
            .Ends(2, OperationOutcome.Done, 2).ShouldBreak("operation 2", "entry 2/1 is on 1 disks of 3 voters");
}
