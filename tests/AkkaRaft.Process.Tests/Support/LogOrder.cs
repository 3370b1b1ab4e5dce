namespace AkkaRaft.Process.Tests.Support;

/// <summary>
/// The order of the log against the order of real time, over all keys: what began after a command had ended has a higher index, a read at least
/// that command's; and no two commands share one.
/// </summary>
internal static class LogOrder
{
    /// <summary>Null if all is well.</summary>
    public static string? FindError(IEnumerable<DriveOperation> history)
    {
        var ok = history.Where(o => o.Answer.IsOk).ToList();
        var twice = ok.Where(IsCommand).GroupBy(o => o.Answer.Index).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null) return $"Two commands at one index: {string.Join(" and ", twice)}";

        var byEnd = new Queue<DriveOperation>(ok.OrderBy(o => o.Answer.End));
        DriveOperation? highest = null;
        foreach (var operation in ok.OrderBy(o => o.Answer.Start))
        {
            while (byEnd.TryPeek(out var ended) && ended.Answer.End < operation.Answer.Start)
            {
                byEnd.Dequeue();
                if (highest is null || ended.Answer.Index > highest.Answer.Index) highest = ended;
            }

            if (highest is null) continue;
            var least = highest.Answer.Index + (IsCommand(operation) ? 1 : 0);
            if (operation.Answer.Index < least) return $"The log's order is not that of time: {highest} and later {operation}";
        }

        return null;
    }

    static bool IsCommand(DriveOperation operation) => operation.Request.Kind != OperationKind.Get;
}
