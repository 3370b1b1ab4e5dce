using System.Globalization;
using AkkaRaft.TestKit;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>
/// What the hashmap must do with one key, one operation after the other: a register that can also count. Values are JSON texts; null is "absent".
/// </summary>
internal sealed class HashmapModel : SequentialModel<string?>
{
    static readonly HashmapModel s_instance = new();

    public override string? Initial => null;

    /// <summary>Whether what the clients of these sessions saw can be explained by one map that does one operation after the other.</summary>
    public static Verdict Judge(params IReadOnlyList<DriveOperation>[] sessions)
    {
        // Each session counts its clients from 0.
        var operations = sessions
            .SelectMany((session, number) => session.Select(operation => (Operation: operation, Client: 1000 * number + operation.Client + 1)))
            .OrderBy(seen => seen.Operation.Answer.Start)
            .Select((seen, i) => Seen(seen.Operation, i + 1, seen.Client));
        return Linearizability.Of(new History(operations), s_instance);
    }

    public override object? KeyOf(object input) => ((DriveRequest)input).Key;

    public override (string? State, object? Output) Apply(string? value, object input)
    {
        var request = (DriveRequest)input;
        switch (request.Kind)
        {
            case OperationKind.Get:
                return (value, value);
            case OperationKind.Put:
                return (request.Value, null);
            case OperationKind.Delete:
                return (null, null);
            case OperationKind.Cas:
                return value == request.Expected ? (request.Value, "true") : (value, "false");
            case OperationKind.Add when long.TryParse(value ?? "0", CultureInfo.InvariantCulture, out var number):
                var sum = (number + long.Parse(request.Value!, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture);
                return (sum, sum);
            default:
                return (value, null);
        }
    }

    public override string DescribeInput(object input)
    {
        var request = (DriveRequest)input;
        return $"{request.Kind.ToString().ToLowerInvariant()} "
            + $"{(request.Kind == OperationKind.Cas ? $"{request.Expected ?? "absent"}->" : "")}{request.Value}".TrimEnd();
    }

    public override string DescribeOutput(object? output) => (string?)output ?? "null";

    public override string DescribeState(string? state) => state ?? "absent";

    static Operation Seen(DriveOperation operation, int number, int client)
    {
        var outcome = operation.Answer.Outcome switch { "ok" => OperationOutcome.Done, "unknown" => OperationOutcome.Unknown, _ => OperationOutcome.NotDone };
        // A tick is 100 ns: rounded so that an operation only seems longer than it was.
        var start = TimeSpan.FromTicks(operation.Answer.Start / TimeSpan.NanosecondsPerTick);
        var end = TimeSpan.FromTicks((operation.Answer.End + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick);
        return new Operation(
            number, client, operation.Request, operation.Request.Kind == OperationKind.Get, start, end, outcome,
            outcome == OperationOutcome.Done ? operation.Answer.Value : null, new LogIndex(operation.Answer.Index ?? 0))
        {
            Error = operation.Answer.Error,
        };
    }
}
