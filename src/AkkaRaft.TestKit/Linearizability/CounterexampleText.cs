using System.Globalization;
using System.Text;

namespace AkkaRaft.TestKit.Checking;

/// <summary>A counterexample as text.</summary>
internal static class CounterexampleText
{
    const int OrderShown = 8;
    const int LanesAtMost = 24;

    public static string Of(Counterexample counterexample)
    {
        var shown = ShownOperations.Of(counterexample);
        var text = new StringBuilder();
        var kept = counterexample.Kept.Count;
        text.AppendLine($"Not linearizable: {Subject(counterexample.Space, counterexample.Key)}. No order explains "
            + (kept == 1 ? "this operation" : $"these {kept} operations") + $", of {counterexample.Operations}:");
        var hidden = kept - shown.Count(operation => operation.As is ShownAs.Kept or ShownAs.Offender);
        if (hidden > 0) text.AppendLine($"  ({hidden} earlier ones are left out)");
        AppendTable(text, shown, operation => operation.As is ShownAs.Kept or ShownAs.Offender);
        AppendOthers(text, counterexample, shown);
        AppendStart(text, counterexample);
        text.AppendLine();
        text.AppendLine($"#{counterexample.Offender.Number} cannot be placed: it {Told(counterexample)}, "
            + $"and would have had to answer {ShownOperations.RightAnswers(counterexample)}.");
        AppendOrder(text, counterexample);
        if (!counterexample.IsMinimal) text.AppendLine("There may be a smaller example: the search for one was cut short.");
        if (shown.Count <= LanesAtMost) AppendLanes(text, shown);
        return text.ToString().TrimEnd();
    }

    public static string OfUndecided(StateSpace space, object? key, IReadOnlyList<Call> calls, SearchResult result)
    {
        var text = new StringBuilder();
        var optional = calls.Count(call => call.IsOptional && !call.Operation.IsQuery);
        text.AppendLine(CultureInfo.InvariantCulture, $"Undecided whether linearizable: {Subject(space, key)}. "
            + $"The check gave up after {result.Visited:N0} configurations; "
            + $"the history may be right or wrong. It has {Plain.Count(calls.Count, "operation")}, "
            + $"{Plain.Count(optional, "command")} of them of unknown outcome; "
            + $"{result.Longest.Done:N0} answers could be explained together.");
        text.AppendLine(Order(space, result.Longest.Order(), result.Longest.State));
        text.Append("Make the history easier to judge (fewer operations for one key, fewer unknown outcomes, values that differ, KeyOf in the model), "
            + "or raise configurationLimit.");
        return text.ToString();
    }

    static string Subject(StateSpace space, object? key) => space.Model.GetType().Name + (key is null ? "" : $", key {Plain.Text(key)}");

    static string Told(Counterexample counterexample) => $"answered {counterexample.Space.Model.DescribeOutput(counterexample.Offender.Output)}";

    static void AppendTable(StringBuilder text, List<ShownOperation> shown, Predicate<ShownOperation> which)
    {
        var rows = shown.FindAll(which);
        var number = rows.Max(row => row.Number.Length);
        var client = rows.Max(row => $"{row.Operation.Client}".Length);
        var times = rows.Max(row => Times(row).Length);
        foreach (var row in rows)
        {
            text.Append($"  {row.Number.PadRight(number)}  client {$"{row.Operation.Client}".PadRight(client)}")
                .Append($"  {Times(row).PadRight(times)}  {row.Input} {row.Outcome}");
            if (row.As == ShownAs.Offender) text.Append("   <== cannot be placed");
            text.AppendLine();
        }
    }

    static string Times(ShownOperation row) => $"{Plain.Time(row.Operation.Invoked)} - {(row.Ended is { } ended && !row.IsOpen ? Plain.Time(ended) : "...")} s";

    static void AppendOthers(StringBuilder text, Counterexample counterexample, List<ShownOperation> shown)
    {
        var late = shown.FindAll(operation => operation.As == ShownAs.TooLate);
        if (late.Count > 0)
        {
            text.AppendLine($"{(late.Count == 1 ? "This began" : "These began")} too late to explain it:");
            AppendTable(text, shown, operation => operation.As == ShownAs.TooLate);
        }

        var others = counterexample.OtherCommands.Count;
        if (others == 0) return;
        var areSomeShown = shown.Exists(operation => operation.As == ShownAs.Context);
        text.AppendLine($"{Plain.Count(others, "other command")} that began before #{counterexample.Offender.Number} ended may have taken effect at any time, "
            + $"or never, for all that matters here{(areSomeShown ? ", these among them:" : ".")}");
        if (areSomeShown) AppendTable(text, shown, operation => operation.As == ShownAs.Context);
    }

    static void AppendStart(StringBuilder text, Counterexample counterexample)
    {
        if (counterexample.Before.Count == 0) return;
        text.AppendLine($"Before: {Plain.Count(counterexample.Before.Count, "operation")}, the last of them #{counterexample.Before[^1].Operation.Number}. "
            + $"Whatever their order, if it explains their answers, the state is {counterexample.Space.Describe(counterexample.Start)} after them.");
    }

    static void AppendOrder(StringBuilder text, Counterexample counterexample) =>
        text.AppendLine(Order(counterexample.Space, counterexample.LongestOrder, counterexample.LongestOrderState));

    static string Order(StateSpace space, IReadOnlyList<Call> order, int state)
    {
        if (order.Count == 0) return $"Nothing can come before it; the state is {space.Describe(state)}.";
        var earlier = order.Count > OrderShown ? $"{order.Count - OrderShown:N0} operations, " : "";
        var last = order.TakeLast(OrderShown).Select(call =>
            $"#{call.Operation.Number} {space.Model.DescribeInput(call.Operation.Input)} {ShownOperations.Outcome(space.Model, call.Operation)}");
        return $"Longest order that explains what it holds: {earlier}{string.Join(", ", last)}; the state is then {space.Describe(state)}.";
    }

    // One column for each moment at which something begins or ends, so that what overlaps in time overlaps on paper, whatever the scale.
    static void AppendLanes(StringBuilder text, List<ShownOperation> shown)
    {
        var moments = shown.SelectMany(operation => new[] { operation.Operation.Invoked, End(operation) }).Distinct().Order().ToList();
        var width = 2 + shown.Max(operation => operation.Number.Length);
        text.AppendLine();
        foreach (var lane in Lanes.Of(shown))
        {
            var line = new StringBuilder().Append(' ', moments.Count * width + 4);
            foreach (var operation in lane.Operations)
            {
                var (from, to) = (moments.IndexOf(operation.Operation.Invoked) * width, moments.IndexOf(End(operation)) * width);
                for (var i = from + 1; i < to; i++) line[i] = '-';
                line[from] = '|';
                line[Math.Max(to, from + 1)] = operation.IsOpen ? '>' : '|';
                var label = operation.As == ShownAs.Offender ? $"{operation.Number}!" : operation.Number;
                for (var i = 0; i < label.Length; i++) line[from + 1 + i] = label[i];
            }

            text.AppendLine($"  client {lane.Client,-4}{line}".TrimEnd());
        }

        TimeSpan End(ShownOperation operation) =>
            operation.IsOpen || operation.Ended is null ? TimeSpan.MaxValue : operation.Ended.Value;
    }
}

/// <summary>One line for each client; more where its operations overlap.</summary>
internal sealed record Lanes(int Client, List<ShownOperation> Operations)
{
    public static List<Lanes> Of(IEnumerable<ShownOperation> shown)
    {
        var lanes = new List<Lanes>();
        foreach (var operation in shown)
        {
            var lane = lanes.Find(lane => lane.Client == operation.Operation.Client
                && lane.Operations[^1] is { IsOpen: false } last && last.Ended < operation.Operation.Invoked);
            if (lane is null) lanes.Add(lane = new Lanes(operation.Operation.Client, []));
            lane.Operations.Add(operation);
        }

        return [.. lanes.OrderBy(lane => lane.Client)];
    }
}
