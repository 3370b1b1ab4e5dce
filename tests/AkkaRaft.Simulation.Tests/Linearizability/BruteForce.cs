using AkkaRaft.TestKit;

namespace AkkaRaft.Simulation.Tests.Checking;

/// <summary>The definition, word for word: tries every order of every choice of unknown commands. For a handful of operations.</summary>
internal static class BruteForce
{
    public static bool IsLinearizable<TState>(IReadOnlyList<Operation> history, SequentialModel<TState> model)
    {
        var all = history.Where(o => o.Outcome != OperationOutcome.NotDone).ToList();
        return From(model.Initial, all);

        bool From(TState state, List<Operation> left)
        {
            if (left.TrueForAll(o => o.Outcome == OperationOutcome.Unknown)) return true;
            foreach (var next in left)
            {
                if (left.Exists(other => other.Outcome == OperationOutcome.Done && other.Returned < next.Invoked)) continue;
                var (after, output) = model.Apply(state, next.Input);
                if (next.Outcome == OperationOutcome.Done && !Equals(output, next.Output)) continue;
                if (From(after, [.. left.Where(o => o != next)])) return true;
            }

            return false;
        }
    }
}
