using System.Globalization;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;
using AkkaRaft.Samples.Common.Accounts;

namespace AkkaRaft.Samples.ClusterLauncher.Live;

/// <summary>The commands that are typed below the table.</summary>
/// <param name="cluster">The processes.</param>
/// <param name="client">The way to the cluster.</param>
/// <param name="load">The load.</param>
/// <param name="say">Told how far a command has come.</param>
internal sealed class LauncherCommands(HashmapCluster cluster, ClusterClient client, LoadGenerator load, Action<string> say)
{
    /// <summary>What there is to type.</summary>
    public const string Help =
        $"put K JSON | get K | cas K EXPECTED NEW | kill N | stop N | start N | pause N | resume N | {MemberCommands.Help} | load RATE | explain | help | quit";

    readonly MemberCommands _members = new(cluster, client, say);

    /// <summary>Does what a line says.</summary>
    /// <returns>What to tell the user; a failure is told, not thrown.</returns>
    public async Task<string> Run(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        try
        {
            return await Run(words);
        }
        catch (Exception failed) when (failed is RaftException or InvalidOperationException or KeyNotFoundException or FormatException
            or TimeoutException or PlatformNotSupportedException or ArgumentException or IOException)
        {
            return failed.Message.Split(" (Parameter", 2)[0];
        }
    }

    async Task<string> Run(string[] words)
    {
        switch (words)
        {
            case ["put", var key, .. { Length: > 0 } value]:
                await client.Put(key, string.Join(' ', value));
                return "done";
            case ["get", var key]:
                return await client.Get(key) ?? $"there is no key {key}";
            case ["cas", var key, var expected, var replacement]:
                return await client.Cas(key, expected, replacement) ? "done" : "not changed: the value is another";
            case ["kill", var node]:
                await cluster[node].Kill();
                return $"node {node} is killed";
            case ["stop", var node]:
                return $"node {node} has stopped with exit code {await cluster[node].Stop()}";
            case ["start", var node]:
                cluster[node].Start();
                return $"node {node} starts";
            case ["pause", var node]:
                cluster[node].Pause();
                return $"node {node} is frozen";
            case ["resume", var node]:
                cluster[node].Resume();
                return $"node {node} goes on";
            case ["load", var rate] when int.TryParse(rate, NumberStyles.None, CultureInfo.InvariantCulture, out var perSecond):
                load.Rate = perSecond;
                return perSecond == 0 ? "the load ends" : $"{perSecond} writes per second";
            case ["explain"]:
                return AccountText.Diagnosis(await client.Diagnose(AccountCommands.DefaultTimeout));
            default:
                return await _members.Run(words) ?? Help;
        }
    }
}
