using System.Net.Sockets;
using AkkaRaft.Samples.Common;
using Shouldly;
using Xunit;

namespace AkkaRaft.Samples.Tests;

/// <summary>What a node's log says of errors, and how often.</summary>
public sealed class StderrLoggerTests
{
    static string Dropped(string address) =>
        $"ERROR Dropping message [System.Object] for non-local recipient [[akka.tcp://hashmap@{address}/]] arriving at "
        + $"[akka.tcp://hashmap@{address}] inbound addresses [akka.tcp://hashmap@127.0.0.1:4051]";

    [Fact]
    public void The_causes_are_told_from_the_outermost_to_the_innermost()
    {
        var problem = new InvalidOperationException("no journal", new IOException("no database", new SocketException((int)SocketError.ConnectionRefused)));

        StderrLogger.Causes(problem).ShouldMatch(
            "^InvalidOperationException: no journal, because of IOException: no database, because of SocketException: .+$");
    }

    [Fact]
    public void A_cause_that_the_one_around_it_has_quoted_is_told_once() =>
        StderrLogger.Causes(new AggregateException(new IOException("disk full"))).Split("disk full").Length.ShouldBe(2);

    [Fact]
    public void A_message_for_another_address_is_told_once_for_each()
    {
        var filter = new StrangerFilter();

        filter.Filtered(Dropped("localhost:4051")).ShouldNotBeNull().ShouldEndWith("said once for akka.tcp://hashmap@localhost:4051.");
        filter.Filtered(Dropped("localhost:4051")).ShouldBeNull();
        filter.Filtered(Dropped("10.0.0.1:4051")).ShouldNotBeNull();
        filter.Filtered(Dropped("localhost:4051")).ShouldBeNull();
    }

    [Fact]
    public void Other_lines_are_told_each_time()
    {
        var filter = new StrangerFilter();

        for (var i = 0; i < 3; i++) filter.Filtered("ERROR disk full").ShouldBe("ERROR disk full");
    }

    [Fact]
    public void However_many_addresses_there_are_only_so_many_are_told()
    {
        var filter = new StrangerFilter();

        var told = Enumerable.Range(0, 10 * StrangerFilter.MaxAddresses).Count(i => filter.Filtered(Dropped($"host{i}:1")) is not null);

        told.ShouldBe(StrangerFilter.MaxAddresses);
    }
}
