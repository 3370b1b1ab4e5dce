using System.Globalization;
using Shouldly;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>
/// A load whose truth is easy to judge: each client in turn puts a key that nobody else ever writes, and adds 1 to a counter that only it
/// adds to, a new one in each round. A client has one operation in flight, so that few outcomes of a counter can be unknown.
/// </summary>
internal sealed class WriteBook
{
    readonly Lock _gate = new();
    readonly Dictionary<string, string> _acknowledged = [];
    readonly Dictionary<string, string> _open = [];
    readonly Dictionary<string, Counter> _counters = [];
    long _next;

    /// <summary>The round to which new counters belong.</summary>
    public int Round { get; set; }

    /// <summary>How many writes were acknowledged.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>How many may or may not have been applied.</summary>
    public int Unknown { get; private set; }

    /// <summary>The next line for that client.</summary>
    public DriveRequest Next(int client)
    {
        var number = Interlocked.Increment(ref _next);
        return number % 2 == 0
            ? new DriveRequest(OperationKind.Put, $"key-{number}", $"{number}")
            : new DriveRequest(OperationKind.Add, $"count-{Round}-{client}", "1");
    }

    /// <summary>Writes down how it ended.</summary>
    public void Note(DriveOperation operation)
    {
        lock (_gate)
        {
            if (operation.Answer.IsOk) Acknowledged++;
            if (operation.Answer.Outcome == "unknown") Unknown++;
            if (operation.Request.Kind == OperationKind.Add) NoteAdd(operation);
            else if (operation.Answer.IsOk) _acknowledged[operation.Request.Key] = operation.Request.Value!;
            else if (operation.Answer.Outcome == "unknown") _open[operation.Request.Key] = operation.Request.Value!;
        }
    }

    /// <summary>Reads everything and compares.</summary>
    public async Task Verify(DriveSession session)
    {
        var puts = await Task.WhenAll(_acknowledged.Keys.Concat(_open.Keys).Select(key => session.Send(new DriveRequest(OperationKind.Get, key))));
        foreach (var read in puts)
        {
            read.Answer.IsOk.ShouldBeTrue($"A read of a quiet cluster failed: {read}");
            if (_acknowledged.TryGetValue(read.Request.Key, out var value)) read.Answer.Value.ShouldBe(value, $"An acknowledged write is lost: {read}");
            else (read.Answer.Value is null || read.Answer.Value == _open[read.Request.Key]).ShouldBeTrue($"Nobody wrote this: {read}");
        }

        var counts = await Task.WhenAll(_counters.Keys.Select(key => session.Send(new DriveRequest(OperationKind.Get, key))));
        foreach (var read in counts) _counters[read.Request.Key].Verify(read);
    }

    void NoteAdd(DriveOperation operation)
    {
        if (!_counters.TryGetValue(operation.Request.Key, out var counter)) _counters[operation.Request.Key] = counter = new Counter();
        if (operation.Answer.Outcome == "unknown") counter.Unknown++;
        if (operation.Answer.IsOk) counter.Sums.Add(long.Parse(operation.Answer.Value!, CultureInfo.InvariantCulture));
    }

    sealed class Counter
    {
        public List<long> Sums { get; } = [];

        public int Unknown { get; set; }

        public void Verify(DriveOperation read)
        {
            read.Answer.IsOk.ShouldBeTrue($"A read of a quiet cluster failed: {read}");
            var final = long.Parse(read.Answer.Value ?? "0", CultureInfo.InvariantCulture);
            final.ShouldBeInRange(Sums.Count, Sums.Count + Unknown, $"{Sums.Count} adds were acknowledged and {Unknown} are unknown: {read}");
            Sums.Distinct().Count().ShouldBe(Sums.Count, $"Two adds of 1 had the same sum: {read}");
            Sums.DefaultIfEmpty().Max().ShouldBeLessThanOrEqualTo(final, $"A sum that was acknowledged is above the final one: {read}");
        }
    }
}
