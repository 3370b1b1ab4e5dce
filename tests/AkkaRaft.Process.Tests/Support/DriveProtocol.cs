using Shouldly;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>What <c>hashmap drive</c> promises of its lines, whatever the cluster does.</summary>
internal static class DriveProtocol
{
    static readonly string[] s_outcomes = ["ok", "failed", "unknown"];

    public static void Check(DriveSession session, int lines)
    {
        var history = session.History;
        session.Breaches.ShouldBeEmpty();
        history.Count.ShouldBe(lines);
        history.Select(o => o.Id).Distinct().Count().ShouldBe(lines, "Each line is answered once.");
        foreach (var operation in history) CheckAnswer(operation);
        foreach (var client in history.GroupBy(o => o.Client)) CheckOneAtATime(client);
    }

    static void CheckAnswer(DriveOperation operation)
    {
        var answer = operation.Answer;
        s_outcomes.ShouldContain(answer.Outcome, $"{operation}");
        answer.Start.ShouldBeLessThanOrEqualTo(answer.End, $"{operation}");
        if (answer.IsOk) answer.Index.ShouldNotBeNull($"{operation}");
        if (answer.IsOk) answer.Leader.ShouldNotBeNull($"{operation}");
        if (!answer.IsOk) answer.Error.ShouldNotBeNullOrWhiteSpace($"{operation}");
        if (!answer.IsOk) answer.Value.ShouldBeNull($"{operation}");
    }

    // In the order of the lines, and none before the one before it has ended.
    static void CheckOneAtATime(IEnumerable<DriveOperation> client)
    {
        DriveOperation? before = null;
        foreach (var operation in client.OrderBy(o => o.Id))
        {
            if (before is not null) operation.Answer.Start.ShouldBeGreaterThanOrEqualTo(before.Answer.End, $"{before} and then {operation}");
            before = operation;
        }
    }
}
