using AkkaRaft.TestKit.Planning;
using AkkaRaft.TestKit.Scenarios;

namespace AkkaRaft.TestKit.Shrinking;

/// <summary>Smaller plans. Any part of a plan's actions is a plan again: what is not mended in time is mended when all faults end.</summary>
internal static class PlanReductions
{
    /// <summary>
    /// The plan of a failed run as a script would have it: with what was really done, and no longer than until it failed. It must fail in the same way.
    /// </summary>
    public static RunPlan AsScript(this RunPlan plan, RunResult failed)
    {
        var at = TimeSpan.FromMicroseconds((long)failed.Failure!.Facts!.At.TotalMicroseconds + 1);
        var failedUnderFaults = at <= plan.Duration;
        return plan with
        {
            Actions = failed.Performed,
            IsScript = true,
            Duration = failedUnderFaults ? at : plan.Duration,
            LastOperations = failedUnderFaults ? [] : plan.LastOperations,
        };
    }

    public static RunPlan WithNodes(this RunPlan plan, int nodes) => plan with
    {
        Nodes = nodes,
        Actions = [.. plan.Actions.Where(action => action.Nodes.All(node => node <= nodes))],
    };

    public static RunPlan WithSpares(this RunPlan plan, int spares) => plan with
    {
        Spares = spares,
        Actions = [.. plan.Actions.Where(action => action.Nodes.All(node => node <= plan.Nodes + spares))],
    };

    /// <summary>Fewer clients, who have the others' work to do.</summary>
    public static RunPlan WithClients(this RunPlan plan, int clients)
    {
        int Instead(int client) => (client - 1) % clients + 1;
        return plan with
        {
            Clients = clients,
            Actions = [.. plan.Actions.Select(action => action switch
            {
                { Operation: { } operation } => PlannedAction.Of(action.At, operation with { Client = Instead(operation.Client) }),
                { TransferringClient: > 0 and var client } => PlannedAction.Transfer(action.At, action.TransferTo, Instead(client)) with { Episode = action.Episode },
                { RestartedClient: > 0 and var client } => PlannedAction.ClientRestart(action.At, Instead(client)) with { Episode = action.Episode },
                _ => action,
            })],
            LastOperations = [.. plan.LastOperations.Where(operation => operation.Client <= clients)],
        };
    }

    /// <summary>Only those of some actions that are among <paramref name="kept"/>, and all others.</summary>
    public static RunPlan Keeping(this RunPlan plan, IEnumerable<PlannedAction> kept, IEnumerable<PlannedAction> of)
    {
        var gone = new HashSet<PlannedAction>(of, ReferenceEqualityComparer.Instance);
        gone.ExceptWith(kept);
        return plan with { Actions = [.. plan.Actions.Where(action => !gone.Contains(action))] };
    }

    public static RunPlan Replacing(this RunPlan plan, PlannedAction action, PlannedAction by) => plan with
    {
        Actions = [.. plan.Actions.Select(each => ReferenceEquals(each, action) ? by with { At = action.At, Episode = action.Episode } : each)],
    };

    /// <summary>Waits less before the action at <paramref name="index"/>, or, after the last one, before all faults end; what follows comes that much earlier.</summary>
    public static RunPlan WithGap(this RunPlan plan, int index, TimeSpan gap)
    {
        var earlier = plan.GapBefore(index) - gap;
        return plan with
        {
            Actions = [.. plan.Actions.Select((action, i) => i < index ? action : action with { At = action.At - earlier })],
            Duration = plan.Duration - earlier,
        };
    }

    public static TimeSpan GapBefore(this RunPlan plan, int index)
    {
        var before = index == 0 ? TimeSpan.Zero : plan.Actions[index - 1].At;
        return (index == plan.Actions.Count ? plan.Duration : plan.Actions[index].At) - before;
    }

    public static int Faults(this RunPlan plan) => plan.Actions.Count(action => !action.IsOperation);

    public static int Operations(this RunPlan plan) => plan.Actions.Count(action => action.IsOperation) + plan.LastOperations.Count;
}
