
namespace AkkaRaft.TestKit;

/// <content>The way out when a majority is lost for good.</content>
public sealed partial class SimulatedCluster
{
    /// <summary>
    /// An operator makes a node, which is down, the only voter of the cluster, by what its disk holds (<see cref="RaftOfflineNode.Recover"/>); it stays down. Whoever is none of the survivors
    /// is left behind from then on, and may stop when it is started.
    /// </summary>
    /// <param name="node">Its number.</param>
    /// <param name="survivors">The numbers of all that are left, this one included.</param>
    /// <returns>What its disk holds afterwards.</returns>
    /// <exception cref="SimulationFailedException">It could not be done in time.</exception>
    internal RaftOfflineReport Recover(int node, params int[] survivors)
    {
        RequireUsable();
        var recovered = NodeAt(node);
        _trace.Note(Now, $"n{node}", $"recovered with {string.Join(",", survivors)}");
        foreach (var other in _nodes.Where(other => other != recovered)) other.IsLeftBehind = true;
        Task<RaftOfflineReport>? work = null;
        var host = recovered.BootOffline(system => work = Work(system));
        RunUntil(new Condition($"node {node} is recovered", _ => work!.IsCompleted));
        recovered.EndOffline(host);
        return work!.GetAwaiter().GetResult();

        async Task<RaftOfflineReport> Work(Akka.Actor.ActorSystem system)
        {
            await using var offline = await RaftOfflineNode.Open(system, _settings.WithNodeId(recovered.Id));
            return await offline.Recover([.. survivors.Select(number => NodeAt(number).Id)]);
        }
    }

    /// <summary>A node that was left behind starts with an empty disk and without a configuration, and waits to be added.</summary>
    /// <param name="node">Its number.</param>
    internal void StartAnew(int node)
    {
        RequireUsable();
        Crash(node);
        var anew = NodeAt(node);
        var lost = anew.View;
        anew.Wipe();
        _view.Replace(lost, anew.View);
        (anew.Joins, anew.IsWiped, anew.IsLeftBehind) = (true, false, false);
        Restart(node);
    }
}
