using AkkaRaft.Tests.Consensus;
using AkkaRaft.Tracing;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Tracing;

/// <summary>The trace of a real node on a real disk.</summary>
public sealed class TraceFileTests : IDisposable
{
    static readonly NodeId Node = Entries.Node(1);

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("akkaraft-trace-");
    readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch + TimeSpan.FromHours(1));
    readonly List<string> _reports = [];

    string Path => System.IO.Path.Combine(_folder.FullName, "traces", "1.jsonl");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_line_is_in_the_file_when_the_event_has_been_told()
    {
        using var trace = Open();
        trace.Write(Node, new TermRose(new Term(3)));

        new FileInfo(Path).Length.ShouldBe($"{{\"ts\":{TraceLines.Now(_time)},\"n\":\"1\",\"e\":\"term\",\"term\":3}}\n".Length);
        trace.Dispose();
        File.ReadAllText(Path).ShouldBe($"{{\"ts\":{TraceLines.Now(_time)},\"n\":\"1\",\"e\":\"term\",\"term\":3}}\n");
        _reports.ShouldBeEmpty();
    }

    [Fact]
    public void A_restart_appends_and_stamps_never_fall()
    {
        Tell(1, 2);
        _time.Advance(TimeSpan.FromTicks(7));
        Tell(3);

        Terms().ShouldBe([1, 2, 3]);
        var stamps = Stamps();
        stamps.ShouldBeInOrder();
        (stamps[2] - stamps[1]).ShouldBe(700, "nanoseconds");
        _reports.ShouldBeEmpty();
    }

    [Fact]
    public void A_clock_that_goes_back_holds_the_stamps()
    {
        var clock = new Clock { Timestamp = 100 };
        using (var trace = TraceFile.Open(Path, clock, _reports.Add))
        {
            trace.Write(Node, new TermRose(new Term(1)));
            clock.Timestamp = 50;
            trace.Write(Node, new TermRose(new Term(2)));
        }

        Stamps().ShouldBe([100_000, 100_000]);   // it ticks in microseconds
    }

    /// <summary>The clock counts from the boot: stamps of two boots cannot stand in one file.</summary>
    [Fact]
    public void A_trace_of_before_the_machines_boot_is_set_aside()
    {
        Tell(1);
        var old = File.ReadAllText(Path);
        var stamp = Stamps().ShouldHaveSingleItem();

        using (var trace = TraceFile.Open(Path, new Clock { Timestamp = 5 }, _reports.Add)) trace.Write(Node, new TermRose(new Term(2)));

        Terms().ShouldBe([2]);
        Stamps().ShouldBe([5_000]);
        File.ReadAllText($"{Path}.{stamp}").ShouldBe(old);
        _reports.ShouldHaveSingleItem().ShouldContain($"{Path}.{stamp}");
    }

    [Theory]
    [InlineData("{\"t")]
    [InlineData("{\"ts\":99,\"n\":\"1\",\"e\":\"app\",\"term\":3,\"prev\":[0,0],\"t\":[1,1")]
    public void What_a_killed_process_left_of_a_line_is_removed(string torn)
    {
        Tell(1);
        File.AppendAllText(Path, torn);

        Tell(2);

        Terms().ShouldBe([1, 2]);
        _reports.ShouldHaveSingleItem().ShouldContain("incomplete");
    }

    [Fact]
    public void A_file_with_nothing_but_a_torn_line_begins_anew()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        File.WriteAllText(Path, "{\"ts\":5");

        Tell(2);

        Terms().ShouldBe([2]);
    }

    [Fact]
    public void The_end_is_found_after_lines_longer_than_one_read()
    {
        using (var trace = Open())
        {
            trace.Write(Node, new TermRose(new Term(1)));
            trace.Write(Node, new EntriesStored(new Term(1), EntryId.Zero, Entries.Log("1*100000")));
        }

        new FileInfo(Path).Length.ShouldBeGreaterThan(3 * 64 * 1024);
        File.AppendAllText(Path, "{\"ts\":" + new string('1', 100_000));
        Tell(2);

        Terms().ShouldBe([1, 1, 2]);
    }

    [Theory]
    [InlineData("dear diary")]
    [InlineData("dear diary\n")]
    [InlineData("{\"n\":\"1\"}\n")]
    [InlineData("[]\n")]
    [InlineData("\n")]
    public void A_file_that_is_no_trace_is_left_as_it_is(string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        File.WriteAllText(Path, text);

        Should.Throw<IOException>(Open).Message.ShouldContain("does not end like a trace");

        File.ReadAllText(Path).ShouldBe(text);
    }

    [Fact]
    public void Two_nodes_cannot_share_a_file()
    {
        using var trace = Open();

        Should.Throw<IOException>(Open).Message.ShouldContain(Path);
    }

    /// <summary>/dev/full takes nothing, as a full disk.</summary>
    [Fact]
    public void A_line_that_cannot_be_written_ends_the_trace_and_is_told_once()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var trace = TraceFile.Open("/dev/full", _time, _reports.Add);

        trace.Write(Node, new TermRose(new Term(1)));
        trace.Write(Node, new TermRose(new Term(2)));

        var report = _reports.ShouldHaveSingleItem();
        report.ShouldContain("/dev/full of node 1");
        report.ShouldContain("No space left on device");
        report.ShouldContain("\"term\":1}");
    }

    /// <summary>A line that went out in part is taken back, so that what is there stays a trace.</summary>
    [Fact]
    public void A_line_of_which_a_part_was_written_is_taken_back()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var disk = TinyDisk.Mount(_folder.CreateSubdirectory("disk").FullName);
        var path = System.IO.Path.Combine(_folder.FullName, "disk", "1.jsonl");
        var line = new EntriesStored(new Term(1), EntryId.Zero, Entries.Log("1*3000"));
        using (var trace = TraceFile.Open(path, _time, _reports.Add))
        {
            while (_reports.Count == 0) trace.Write(Node, line);
        }

        _reports.ShouldHaveSingleItem().ShouldContain("bytes were written");
        File.ReadAllText(path).ShouldEndWith("]}\n");
        Stamps(path).ShouldNotBeEmpty();
    }

    TraceFile Open() => TraceFile.Open(Path, _time, _reports.Add);

    void Tell(params long[] terms)
    {
        using var trace = Open();
        foreach (var term in terms) trace.Write(Node, new TermRose(new Term(term)));
    }

    List<long> Terms() => [.. Numbers(Path, "term")];

    List<long> Stamps(string? path = null) => [.. Numbers(path ?? Path, "ts")];

    static IEnumerable<long> Numbers(string path, string field) =>
        File.ReadLines(path).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty(field).GetInt64());

    sealed class Clock : TimeProvider
    {
        public long Timestamp { get; set; }

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => Timestamp;
    }
}
