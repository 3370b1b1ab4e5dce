using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Reports;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Reports;

/// <summary>The page is one file that needs nothing else, holds the whole record, and is not to be broken by what users call things.</summary>
public sealed partial class HtmlPageTests
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void The_page_loads_nothing()
    {
        var page = PageOf(Small());

        page[..20].ShouldStartWith("<!doctype html>");
        Has(page, "default-src 'none'").ShouldBeTrue("the browser itself must refuse to load");
        new[] { "http:", "https:", "@import", "url(" }.Where(link => Has(page, link)).ShouldBeEmpty();
        Loads().Matches(page).ShouldBeEmpty();
        ScriptBegins().Count(page).ShouldBe(2, "the data and the script");
    }

    [Fact]
    public void The_page_has_no_place_left_open_and_each_element_that_its_script_asks_for()
    {
        var page = PageOf(Small());
        // The script makes "find" itself.
        var asked = AskedFor().Matches(page).Select(match => match.Groups[1].Value).Where(id => id != "find").Distinct().ToList();

        Has(page, "<!--").ShouldBeFalse();
        asked.Count.ShouldBeGreaterThan(20);
        asked.Where(id => !Has(page, $"id=\"{id}\"")).ShouldBeEmpty();
    }

    [Fact]
    public void Each_name_of_an_enumeration_has_its_colour_in_the_script()
    {
        var page = PageOf(Small());

        Colours("roleColours").ShouldBe(Enum.GetNames<NodeCondition>(), ignoreOrder: true);
        Colours("faultColours").ShouldBe(Enum.GetNames<FaultKind>(), ignoreOrder: true);
        Colours("writeColours").ShouldBe(Enum.GetNames<WriteOutcome>(), ignoreOrder: true);
        Colours("outcomeColours").ShouldBe(Enum.GetNames<OperationOutcome>(), ignoreOrder: true);
        Colours("fateTexts").ShouldBe(Enum.GetNames<MessageFate>(), ignoreOrder: true);

        IEnumerable<string> Colours(string table) =>
            Keys().Matches(Regex.Match(page, $@"const {table} = \{{(.*?)\}};", RegexOptions.Singleline).Groups[1].Value).Select(match => match.Groups[1].Value);
    }

    [Fact]
    public void Messages_come_back_out_of_the_page()
    {
        var record = Small();

        var data = DataOf(PageOf(record));

        var messages = data.GetProperty("messages");
        var texts = Strings(data.GetProperty("texts"));
        var kinds = Strings(data.GetProperty("kinds"));
        var sent = Summed(messages.GetProperty("sent"));
        var (took, from, to) = (Column(messages, "took"), Column(messages, "from"), Column(messages, "to"));
        var (kind, text, fate, copy) = (Column(messages, "kind"), Column(messages, "text"), Column(messages, "fate"), Column(messages, "copy"));
        var read = sent.Select((at, i) => (at, took[i], (int)from[i], (int)to[i], kinds[kind[i]], texts[text[i]], (MessageFate)fate[i], copy[i] == 1));
        record.Messages.Length.ShouldBeGreaterThan(100);
        read.ShouldBe(record.Messages.ToArray().OrderBy(row => row.Sent).Select(row => (Micros(row.Sent), Lasted(row),
            row.From.Value, row.To.Value, row.Kind, row.Text, row.Fate, row.IsCopy)));

        long Lasted(MessageRow row) => row.End is { } end ? Micros(end) - Micros(row.Sent) : -1;
    }

    [Fact]
    public void Samples_and_faults_come_back_out_of_the_page()
    {
        var record = Small();

        var data = DataOf(PageOf(record));

        var samples = data.GetProperty("samples");
        Summed(samples.GetProperty("at")).ShouldBe(record.Samples.ToArray().Select(row => Micros(row.At)));
        Column(samples, "condition").ShouldBe(record.Samples.ToArray().Select(row => (long)row.Sample.Condition));
        Column(samples, "term").ShouldBe(record.Samples.ToArray().Select(row => row.Sample.Term.Value));
        Column(samples, "leader").ShouldBe(record.Samples.ToArray().Select(row => (long)(row.Sample.Leader?.Value ?? -1)));
        Column(samples, "last").ShouldBe(record.Samples.ToArray().Select(row => row.Sample.Last.Index.Value));
        Column(samples, "commit").ShouldBe(record.Samples.ToArray().Select(row => row.Sample.Commit.Value));
        var faults = data.GetProperty("faults");
        Column(faults, "kind").ShouldBe(record.Faults.ToArray().Select(row => (long)row.Kind));
        faults.GetProperty("cut").EnumerateArray().Select(cut => cut.GetArrayLength() / 2).ShouldBe(record.Faults.ToArray().Select(row => row.Cut.Count));
        Strings(data.GetProperty("conditions")).ShouldBe(Enum.GetNames<NodeCondition>());
    }

    [Fact]
    public void Operations_come_in_the_order_of_invocation_with_what_their_clients_know()
    {
        var record = new RunRecord(1, "operations", [new NodeId("a")], clients: 2);
        record.Add(new Operation(2, 2, "late", IsQuery: true, Second * 2, Second * 3, OperationOutcome.Done, 7, new LogIndex(4)));
        record.Add(new Operation(1, 1, "early", IsQuery: false, Second, null, OperationOutcome.Unknown, null) { Error = "timed out" });

        var data = DataOf(PageOf(record));

        var operations = data.GetProperty("operations");
        var texts = Strings(data.GetProperty("texts"));
        Column(operations, "input").Select(text => texts[(int)text]).ShouldBe(["early", "late"]);
        Column(operations, "output").Select(text => texts[(int)text]).ShouldBe(["timed out", "7"]);
        Column(operations, "took").ShouldBe([-1, 1_000_000]);
        Column(operations, "lane").ShouldBe([1, 2]);
        Column(operations, "index").ShouldBe([0, 4]);
    }

    [Fact]
    public void A_seed_is_not_rounded()
    {
        var data = DataOf(PageOf(new RunRecord(ulong.MaxValue, "large seed", [], clients: 0)));

        data.GetProperty("seed").GetString().ShouldBe("18446744073709551615");
    }

    [Theory]
    [InlineData("</script><script>alert(1)</script>")]
    [InlineData("<!-- <script> --> ]]> <!-- data -->")]
    [InlineData("\u2028 \u2029 \0 \u0007 \" ' \\ & \r\n")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("écrit 写 😀")]
    public void Hostile_texts_stay_texts(string hostile)
    {
        var record = new RunRecord(1, hostile, [new NodeId(hostile)], clients: 1) { Replay = hostile };
        var node = record.NodeLane(new NodeId(hostile));
        record.Sent(Second, node, record.ClientLane(1), hostile, hostile);
        record.Mark(Second, FaultKind.Clock, node, hostile);
        record.Note(Second, node, hostile);
        record.Phase(Second, hostile);
        record.Add(new Operation(1, 1, hostile, IsQuery: false, Second, Second, OperationOutcome.Done, hostile));
        record.Fail(hostile, Second, picture: hostile);

        var page = PageOf(record);

        ScriptBegins().Count(page).ShouldBe(2);
        page.Split("</script>").Length.ShouldBe(3);
        Has(page, "<img src=x").ShouldBeFalse();
        Has(page[page.IndexOf("<script", StringComparison.Ordinal)..], "\u2028").ShouldBeFalse("it ends a line of JavaScript");
        var data = DataOf(page);
        new[] { "title", "replay", "failure", "picture" }.Select(name => data.GetProperty(name).GetString()).ShouldAllBe(text => text == hostile);
        Strings(data.GetProperty("nodes")).ShouldBe([hostile]);
        Strings(data.GetProperty("texts")).ShouldBe([hostile]);
        Strings(data.GetProperty("kinds")).ShouldBe([hostile]);
    }

    /// <summary>Half of a surrogate pair is no text, neither from a user nor where a long text is cut.</summary>
    [Fact]
    public void A_broken_or_overlong_text_does_not_cost_the_page()
    {
        var record = new RunRecord(1, "texts", [new NodeId("a")], clients: 0);
        record.Note(Second, null, "broken \ud83d");
        record.Note(Second, null, string.Concat(Enumerable.Repeat("😀", RunJson.MaxText)));
        record.Note(Second, null, "x" + string.Concat(Enumerable.Repeat("😀", RunJson.MaxText)));

        var texts = Strings(DataOf(PageOf(record)).GetProperty("texts"));

        texts.Length.ShouldBe(3);
        texts[0].ShouldBe("broken \ufffd");
        texts.ShouldAllBe(text => text.Length <= RunJson.MaxText);
        texts[1].ShouldEndWith("…");
    }

    [Fact]
    public void An_object_that_cannot_print_itself_does_not_cost_the_page()
    {
        var record = new RunRecord(1, "speechless", [], clients: 1);
        record.Add(new Operation(1, 1, new Speechless(), IsQuery: false, Second, Second, OperationOutcome.Done, null));

        var texts = Strings(DataOf(PageOf(record)).GetProperty("texts"));

        texts.ShouldBe(["Speechless (its ToString threw InvalidOperationException)", "null"]);
    }

    [Fact]
    public void An_empty_record_has_a_page()
    {
        var data = DataOf(PageOf(new RunRecord(1, "nothing", [], clients: 0)));

        data.GetProperty("end").GetInt64().ShouldBe(0);
        data.GetProperty("failure").ValueKind.ShouldBe(JsonValueKind.Null);
        data.GetProperty("messages").GetProperty("sent").GetArrayLength().ShouldBe(0);
    }

    /// <summary>A minute of five busy nodes: what a browser is still quick with.</summary>
    [Fact]
    public void Two_hundred_thousand_messages_take_less_than_a_hundred_bytes_each()
    {
        var record = InventedRun.Of(9, nodes: 5, clients: 20, Second * 60, heartbeat: TimeSpan.FromMicroseconds(2400));
        record.Messages.Length.ShouldBeGreaterThan(200_000);

        using var stream = new MemoryStream();
        HtmlPage.Write(record, stream);

        stream.Length.ShouldBeLessThan(100L * record.Messages.Length);
    }

    [Fact]
    public void Of_too_many_rows_the_newest_are_kept_and_the_page_says_so()
    {
        var record = new RunRecord(1, "endless", [new NodeId("a")], clients: 0);
        for (var i = 0; i < RunJson.MaxRows + 10; i++) record.Note(TimeSpan.FromMicroseconds(i), null, "tick");

        var data = DataOf(PageOf(record));

        var times = Summed(data.GetProperty("notes").GetProperty("at"));
        (times.Length, times[0], times[^1]).ShouldBe((RunJson.MaxRows, 10, RunJson.MaxRows + 9));
        data.GetProperty("omitted").GetInt64().ShouldBe(10);
    }

    [Fact]
    public void The_same_run_makes_the_same_page() => (PageOf(Small()) == PageOf(Small())).ShouldBeTrue();

    [Fact]
    public void A_file_is_replaced()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, new string('x', 1_000_000));
            HtmlPage.Write(Small(), file);
            (File.ReadAllText(file) == PageOf(Small())).ShouldBeTrue();
        }
        finally
        {
            File.Delete(file);
        }
    }

    static RunRecord Small() => InventedRun.Of(3, nodes: 3, clients: 2, Second * 5, heartbeat: TimeSpan.FromMilliseconds(50));

    static string PageOf(RunRecord record)
    {
        using var stream = new MemoryStream();
        HtmlPage.Write(record, stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    // Shouldly would print the whole page.
    static bool Has(string page, string text) => page.Contains(text, StringComparison.OrdinalIgnoreCase);

    static JsonElement DataOf(string page)
    {
        const string Begin = "id=\"data\">";
        var start = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        return JsonDocument.Parse(page[start..page.IndexOf("</script>", start, StringComparison.Ordinal)]).RootElement;
    }

    static long Micros(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;

    static string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(text => text.GetString()!)];

    static long[] Column(JsonElement part, string name) => Numbers(part.GetProperty(name));

    static long[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetInt64())];

    static long[] Summed(JsonElement steps)
    {
        var sum = 0L;
        return [.. Numbers(steps).Select(step => sum += step)];
    }

    sealed class Speechless
    {
        public override string ToString() => throw new InvalidOperationException("no words");
    }

    // An element that loads something by itself; the picture of a counterexample gets a data: address from the script.
    [GeneratedRegex(@"<link|<iframe|<object|<embed|<base|<(img|script|audio|video|source)[^>]*\s(src|href)\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex Loads();

    [GeneratedRegex("<script")]
    private static partial Regex ScriptBegins();

    [GeneratedRegex(@"byId\(""(\w+)""\)")]
    private static partial Regex AskedFor();

    // The keys of a table whose values are arrays or texts.
    [GeneratedRegex(@"(\w+): (?=[\[""]|bad\b)")]
    private static partial Regex Keys();
}
