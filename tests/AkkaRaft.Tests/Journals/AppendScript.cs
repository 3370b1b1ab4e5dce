using AkkaRaft.Consensus;
using CsCheck;

namespace AkkaRaft.Tests.Journals;

/// <summary>Any sequence of appends and cuts that a node could ask for, with the log as it is after each.</summary>
internal sealed class AppendScript
{
    readonly List<IReadOnlyList<LogEntry>> _logs = [[]];

    AppendScript(IEnumerable<(int Cut, int Count, int Bytes, bool DiskWrites)> choices)
    {
        var term = 1L;
        foreach (var (cut, count, bytes, diskWrites) in choices)
        {
            var log = _logs[^1].Take(Math.Max(0, _logs[^1].Count - cut)).ToList();
            if (cut > 0) term++;
            var previous = log.Count == 0 ? EntryId.Zero : log[^1].Id;
            LogEntry[] entries = [.. Enumerable.Range(log.Count + 1, count).Select(index => JournalSpec.Entry(index, term, bytes))];
            Steps.Add((new AppendToLog(Steps.Count + 1, previous, entries), diskWrites));
            _logs.Add([.. log, .. entries]);
        }
    }

    public static Gen<AppendScript> Gen { get; } =
        CsCheck.Gen.Select(CsCheck.Gen.Int[-4, 6], CsCheck.Gen.Int[1, 4], CsCheck.Gen.Int[0, 300], CsCheck.Gen.Int[0, 3])
            .Select((cut, count, bytes, luck) => (Math.Max(0, cut), count, bytes, luck == 0))
            .Array[1, 25].Select(choices => new AppendScript(choices));

    public List<(AppendToLog Request, bool DiskWrites)> Steps { get; } = [];

    public IReadOnlyList<LogEntry> LogAfter(long writeId) => _logs[(int)writeId];

    public override string ToString() =>
        string.Join("; ", Steps.Select(s => $"{s.Request.Previous} + {s.Request.Entries.Count}{(s.DiskWrites ? ", write" : "")}"));
}
