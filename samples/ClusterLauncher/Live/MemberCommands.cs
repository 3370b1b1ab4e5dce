using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;
using AkkaRaft.Samples.Common.Members;

namespace AkkaRaft.Samples.ClusterLauncher.Live;

/// <summary>
/// The commands that change who belongs to the cluster, with the processes that come and go for it. Each says what it will do and how far it has come, ends with the new configuration, and may be
/// repeated after any failure: it goes on where it was.
/// </summary>
/// <param name="cluster">The processes.</param>
/// <param name="client">The way to the cluster.</param>
/// <param name="say">Told of plans and progress.</param>
internal sealed class MemberCommands(HashmapCluster cluster, ClusterClient client, Action<string> say)
{
    /// <summary>What there is to type.</summary>
    public const string Help = "members | add [N] [learner] | promote N | demote N | remove N | replace N NEW | move N | transfer [N]";

    static readonly TimeSpan s_changeTime = MembersCommands.DefaultTimeout;
    static readonly TimeSpan s_startTime = TimeSpan.FromSeconds(60);
    static readonly TimeSpan s_catchUpTime = TimeSpan.FromHours(1);

    /// <summary>Does what the words say.</summary>
    /// <returns>What to tell the user; null if this is none of its commands.</returns>
    public async Task<string?> Run(string[] words)
    {
        switch (words)
        {
            case ["members"]:
                return MembersText.Of(await client.Raft.GetConfiguration(s_changeTime));
            case ["add"] or ["add", "learner"] or ["add", _] or ["add", _, "learner"]:
                var learner = words[^1] == "learner";
                return await Add(words.Length > (learner ? 2 : 1) ? words[1] : NextId(), learner);
            case ["promote", var node]:
                say($"makes learner {node} a voter");
                return MembersText.Of(await client.Raft.PromoteMember(NodeId.Parse(node), timeout: s_changeTime));
            case ["demote", var node]:
                say($"makes voter {node} a learner");
                return MembersText.Of(await client.Raft.DemoteMember(NodeId.Parse(node), s_changeTime));
            case ["remove", var node]:
                say($"removes node {node}, and stops its process");
                return await Remove(NodeId.Parse(node));
            case ["replace", var old, var by]:
                return await Replace(NodeId.Parse(old), by);
            case ["move", var node]:
                return await Move(cluster[node]);
            case ["transfer"] or ["transfer", _]:
                NodeId? to = words.Length > 1 ? NodeId.Parse(words[1]) : null;
                say(TransferCommand.Plan(to));
                var leader = await client.Raft.TransferLeadership(to);
                return $"node {leader.Node} leads term {leader.Term}";
            default:
                return null;
        }
    }

    async Task<string> Add(string id, bool learner)
    {
        var member = await Started(id, node => $"starts node {node}, which joins, and adds it{(learner ? " as a learner" : "; it votes as soon as it has caught up")}");
        var with = await client.Raft.AddMember(member, learner, s_changeTime);
        return MembersText.Of(learner ? with : await client.Raft.WaitUntilVoter(member.Id, new CatchUpLines(say), s_catchUpTime));
    }

    async Task<string> Replace(NodeId old, string by)
    {
        var member = await Started(by, node => $"starts node {node}, which joins, adds it, waits until it votes, removes node {old}, and stops its process");
        await client.Raft.ReplaceMember(old, member, new CatchUpLines(say), s_catchUpTime);
        return await Remove(old);
    }

    // The process last: a node that is told of its removal does not stand in the way of those that stay.
    async Task<string> Remove(NodeId gone)
    {
        var without = await client.Raft.RemoveMember(gone, timeout: s_changeTime);
        if (cluster.Find(gone.Value) is { } node)
        {
            if (node.IsAlive) say($"node {gone} has stopped with exit code {await node.Stop()}");
            await cluster.Remove(node);
            ClusterNote.Write(cluster);
        }

        return MembersText.Of(without);
    }

    async Task<string> Move(HashmapNode node)
    {
        var known = (await client.Raft.GetConfiguration(s_changeTime)).Find(NodeId.Parse(node.Id));
        // One that is somewhere else already was under way when this was last tried.
        if (known is null || known.Address == node.Address)
        {
            var place = cluster.FreeAddress();
            say($"stops node {node.Id}, starts it at {place}, and tells the others");
            if (node.IsAlive) await node.Stop();
            node.Address = place;
            ClusterNote.Write(cluster);
        }

        if (!node.IsAlive) node.Start();
        await node.WhenReady(s_startTime);
        return MembersText.Of(await client.Raft.MoveMember(RaftMember.Parse($"{node}"), s_changeTime));
    }

    /// <summary>A node of that name, which runs; if there is none yet, a new one that joins.</summary>
    async Task<RaftMember> Started(string id, Func<HashmapNode, string> plan)
    {
        _ = NodeId.Parse(id);
        var node = cluster.Find(id);
        if (node is null)
        {
            node = cluster.Add(id);
            if (SetAside(node) is { } old) say($"what a node {id} has left is in {old} now");
            ClusterNote.Write(cluster);
        }

        say(plan(node));
        if (!node.IsAlive) node.Start();
        await node.WhenReady(s_startTime);
        return RaftMember.Parse($"{node}");
    }

    // Whoever was removed and is added again under its name begins with an empty folder; nothing is deleted for it.
    static string? SetAside(HashmapNode node)
    {
        if (!Directory.Exists(node.DataFolder)) return null;
        var free = Enumerable.Range(1, int.MaxValue - 1).Select(number => $"{node.DataFolder}-old-{number}").First(folder => !Directory.Exists(folder));
        Directory.Move(node.DataFolder, free);
        return free;
    }

    // A name that no node ever had: the folders of those that went are still there.
    string NextId() => $"{Enumerable.Range(1, int.MaxValue - 1).First(number => cluster.Find($"{number}") is null && !Directory.Exists(Path.Combine(cluster.DataFolder, $"node-{number}")))}";
}
