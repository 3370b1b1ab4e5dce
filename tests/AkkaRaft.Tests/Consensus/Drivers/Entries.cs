using System.Globalization;
using System.Text;
using AkkaRaft.Consensus;

namespace AkkaRaft.Tests.Consensus;

/// <summary>Short ways to write nodes, entries and logs in tests.</summary>
internal static class Entries
{
    public static readonly DateTimeOffset Epoch = DateTimeOffset.UnixEpoch;

    public static NodeId Node(int number) => new(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>An entry's id from <c>index/term</c>.</summary>
    public static EntryId Id(string text)
    {
        var parts = text.Split('/');
        return new EntryId(new LogIndex(long.Parse(parts[0], CultureInfo.InvariantCulture)), new Term(long.Parse(parts[1], CultureInfo.InvariantCulture)));
    }

    /// <summary>A command entry; its text names index and term, so that two different entries never look alike.</summary>
    public static LogEntry Entry(EntryId id) => new CommandEntry(id, Epoch, Command($"c{id}"));

    public static Payload Command(string text) => new(1, "text", Encoding.UTF8.GetBytes(text));

    public static string Text(Payload command) => Encoding.UTF8.GetString(command.Bytes.Span);

    /// <summary>Entries from index 1 with these terms: <c>"1 1 2"</c>, or shorter <c>"1*2 2"</c>.</summary>
    public static List<LogEntry> Log(string terms)
    {
        var log = new List<LogEntry>();
        foreach (var part in terms.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var run = part.Split('*');
            var term = new Term(long.Parse(run[0], CultureInfo.InvariantCulture));
            var times = run.Length == 1 ? 1 : int.Parse(run[1], CultureInfo.InvariantCulture);
            for (; times > 0; times--) log.Add(Entry(new EntryId(new LogIndex(log.Count + 1), term)));
        }

        return log;
    }

    /// <summary>Entries with these ids: <c>"4/2 5/2"</c>.</summary>
    public static List<LogEntry> Ids(string ids) => [.. ids.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => Entry(Id(id)))];

    /// <summary>A configuration in which the nodes with these numbers vote.</summary>
    public static Configuration Voters(IEnumerable<int> numbers) => new(numbers.Select(n => new Member(Node(n), $"host:{n}")));

    public static Configuration Voters(int count) => Voters(Enumerable.Range(1, count));
}
