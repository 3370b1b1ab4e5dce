using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Node;
using AkkaRaft.Tests.Shell;
using AkkaRaft.Tracing;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Tracing;

/// <summary>What a real RaftNode lets its trace see, and when.</summary>
public sealed class NodeTraceSpec : NodeSpec
{
    readonly Recorder _trace = new();

    public NodeTraceSpec(ITestOutputHelper output) : base(output) => Observer = _trace.Observer();

    [Fact]
    public void A_node_tells_of_its_start_and_of_its_election_before_the_no_op_goes_to_its_journal()
    {
        _trace.OnEvent = _ => LogJournal.HasMessages.ShouldBeFalse();
        StartLeader(Settings(1));

        _trace.News(1).ShouldBe([
            "\"e\":\"crash\",\"term\":4,\"vote\":\"\",\"base\":[0,0],\"last\":[0,0],\"runs\":[]",
            "\"e\":\"cand\",\"term\":5,\"last\":[0,0]", "\"e\":\"lead\",\"term\":5",
        ]);
        ExpectAppend();
    }

    [Fact]
    public void A_node_tells_what_its_journal_has_confirmed_and_then_what_that_commits()
    {
        StartLeader(Settings(1));
        var noop = ExpectAppend();
        _trace.News(1);

        LogJournal.Send(Child("log-journal"), new Written(new EntriesPersisted(noop.WriteId, noop.Entries[^1].Id), noop));

        _trace.News(1).ShouldBe(["\"e\":\"app\",\"term\":5,\"prev\":[0,0],\"t\":[5,5]", "\"e\":\"commit\",\"term\":5,\"i\":2"]);
    }

    [Fact]
    public void Starting_over_after_a_journal_failure_is_a_start_too()
    {
        var node = StartLeader(Settings(1));
        var noop = ExpectAppend();
        var oldLog = Child("log-journal");
        _trace.News(1);

        LogJournal.Send(oldLog, new JournalFailed(JournalKind.Log, "a write", new IOException("disk full")));
        TermJournal.ExpectMsg<FinishJournal>();
        node.Tell(new Written(new EntriesPersisted(noop.WriteId, noop.Entries[^1].Id), noop), oldLog);
        _trace.News(1).ShouldBeEmpty("what a failed journal still says counts no more");
        Advance(200);
        foreach (var probe in new[] { TermJournal, LogJournal, Machine })
            Relays.Add(((Opened)probe.FishForMessage(message => message is Opened)).Relay);
        Recover(Settings(1), term: 5, [.. noop.Entries]);
        Group.FishForMessage(message => message is NodeIsReady);

        _trace.News(1)[0].ShouldBe("\"e\":\"crash\",\"term\":5,\"vote\":\"\",\"base\":[0,0],\"last\":[2,5],\"runs\":[[1,5]]");
    }

    /// <summary>A simulation looks on at its nodes and traces them, all in one stream.</summary>
    [Fact]
    public void Several_observers_see_the_same()
    {
        using var stream = new MemoryStream();
        var both = new ProtocolTrace(new TraceStream(stream, new Microsoft.Extensions.Time.Testing.FakeTimeProvider()));
        Observer = NodeObservers.Of(null, _trace.Observer(), both).ShouldNotBeNull();
        StartLeader(Settings(1));
        var noop = ExpectAppend();
        LogJournal.Send(Child("log-journal"), new Written(new EntriesPersisted(noop.WriteId, noop.Entries[^1].Id), noop));

        var lines = System.Text.Encoding.UTF8.GetString(stream.ToArray()).Split('\n');
        lines[^1].ShouldBe("");
        lines[..^1].Select(line => line[line.IndexOf("\"e\"", StringComparison.Ordinal)..^1]).ShouldBe(_trace.News(1));
        lines.Length.ShouldBe(6);
        NodeObservers.Of(null, both).ShouldBeSameAs(both);
        NodeObservers.Of(null, null).ShouldBeNull();
    }
}
