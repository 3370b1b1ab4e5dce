using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Node;
using AkkaRaft.Protocol;
using AkkaRaft.TestKit.Cluster;

namespace AkkaRaft.TestKit;

/// <content>Who belongs to the cluster.</content>
public sealed partial class SimulatedCluster
{
    /// <summary>A request that was sent longer ago than this has come, or never will.</summary>
    static readonly TimeSpan UnderWay = TimeSpan.FromSeconds(10);

    readonly List<(TimeSpan At, Configuration Target)> _asked = [];
    long _changes;

    /// <summary>
    /// An operator asks the leader to make the cluster consist of these (Raft 6). Nothing waits for the end of it, and nothing repeats it: see the leader's status. No effect
    /// if none leads, or if it is refused.
    /// </summary>
    /// <param name="voters">Numbers of nodes that shall vote.</param>
    /// <param name="learners">Numbers of nodes that shall learn and not vote; null for none.</param>
    /// <param name="promote">Numbers of nodes that shall learn, and vote when they have caught up; null for none.</param>
    /// <param name="joint">Whether it goes through a joint configuration even if one voter only changes.</param>
    public void ChangeMembers(IReadOnlyList<int> voters, IReadOnlyList<int>? learners = null, IReadOnlyList<int>? promote = null, bool joint = false)
    {
        ArgumentNullException.ThrowIfNull(voters);
        foreach (var number in voters.Concat(learners ?? []).Concat(promote ?? [])) NodeAt(number);
        Ask($"members {string.Join(",", voters)}", _ => (
            [.. voters.Select(MemberOf)],
            [.. (learners ?? []).Select(MemberOf), .. (promote ?? []).Select(number => MemberOf(number) with { PromoteWhenCaughtUp = true })]), joint ? JointUse.Always : JointUse.WhenNeeded);
    }

    /// <summary>An operator adds a node, as <see cref="ChangeMembers"/> does; no effect if it is a member.</summary>
    /// <param name="node">Its number.</param>
    /// <param name="learner">Whether it stays a learner; else it votes when it has caught up.</param>
    public void AddMember(int node, bool learner = false)
    {
        var added = MemberOf(NodeAt(node).Number) with { PromoteWhenCaughtUp = !learner };
        Ask($"add {node}{(learner ? " as a learner" : "")}", now => now.Find(added.Id) is null ? (now.Voters, [.. now.Learners, added]) : null);
    }

    /// <summary>An operator removes a node, as <see cref="ChangeMembers"/> does; no effect if it is no member.</summary>
    /// <param name="node">Its number.</param>
    public void RemoveMember(int node)
    {
        var id = NodeAt(node).Id;
        Ask($"remove {node}", now => now.Find(id) is not null ? ([.. now.Voters.Where(member => member.Id != id)], [.. now.Learners.Where(member => member.Id != id)]) : null);
    }

    /// <summary>An operator makes a learner a voter, or a voter a learner, as <see cref="ChangeMembers"/> does; no effect if the node is no member.</summary>
    /// <param name="node">Its number.</param>
    public void SwitchRole(int node)
    {
        var id = NodeAt(node).Id;
        Ask($"switch the role of {node}", now => now.Find(id) is not { } member ? null
            : now.IsVoter(id) ? ([.. now.Voters.Where(other => other.Id != id)], [.. now.Learners, member])
            : ([.. now.Voters, member], [.. now.Learners.Where(other => other.Id != id)]));
    }

    /// <summary>An operator puts one node in the place of another in one change, as <see cref="ChangeMembers"/> does; no effect unless the old one is a member and the new one a learner.</summary>
    /// <param name="old">The number of the voter that goes.</param>
    /// <param name="by">The number of the learner that votes instead.</param>
    public void ReplaceMember(int old, int by)
    {
        var (gone, next) = (NodeAt(old).Id, NodeAt(by).Id);
        Ask($"replace {old} by {by}", now => now.IsVoter(gone) && now.Learners.FirstOrDefault(learner => learner.Id == next) is { } learner
            ? ([.. now.Voters.Where(member => member.Id != gone), learner], [.. now.Learners.Where(member => member.Id != next)])
            : null);
    }

    /// <summary>
    /// A node's disk is lost, and an empty one takes its place: the process crashes, and starts as it was started at first, but for one that has founded the cluster alone, which
    /// starts without a configuration. The others refuse it, until it is removed and added again (<see cref="StartEmpty"/>). No effect unless a majority of the voters without it holds all that is committed: a majority of disks that are lost is not to be survived.
    /// </summary>
    /// <param name="node">Its number.</param>
    public void WipeDisk(int node)
    {
        RequireUsable();
        var wiped = NodeAt(node);
        if (!CanLose(wiped)) return;
        Crash(node);
        _trace.Note(Now, $"n{node}", "disk wiped");
        _counters.DisksWiped++;
        var lost = wiped.View;
        wiped.Wipe();
        _view.Replace(lost, wiped.View);
        // Who has founded a cluster alone would found it again; its operator has told it to join by now.
        if (_options.Nodes == 1) wiped.Joins = true;
    }

    /// <summary>A node whose disk was wiped starts with an empty one and without a configuration, and waits to be added. No effect unless it is surely no member any more.</summary>
    /// <param name="node">Its number.</param>
    public void StartEmpty(int node)
    {
        RequireUsable();
        var empty = NodeAt(node);
        if (!empty.IsWiped || !IsRemoved(empty.Id)) return;
        Crash(node);
        // What it may have stored of its first life after the wipe is not to be mixed with the next.
        var lost = empty.View;
        empty.Wipe();
        _view.Replace(lost, empty.View);
        (empty.Joins, empty.IsWiped) = (true, false);
        Restart(node);
    }

    /// <summary>
    /// An operator puts right what <see cref="WipeDisk"/> left: each node whose disk was wiped is removed, if it is a member, and then started empty. When this returns there is
    /// none any more.
    /// </summary>
    /// <param name="patience">For how long at most, in virtual time; null for <see cref="DefaultPatience"/>.</param>
    /// <exception cref="SimulationFailedException">It was not done in time, an invariant was broken, or a node stopped that should not have.</exception>
    public void MendWipedDisks(TimeSpan? patience = null)
    {
        var until = Now + (patience ?? DefaultPatience);
        while (_nodes.FirstOrDefault(node => node.IsWiped) is { } wiped)
        {
            RunUntil(Conditions.LeaderElected, until - Now);
            if (IsRemoved(wiped.Id)) StartEmpty(wiped.Number);
            else RemoveMember(wiped.Number);
            RunFor(100.Milliseconds());
            if (Now >= until) Fail("wiped disks stay", $"Node {wiped.Number}, whose disk was wiped, was not removed in time. {WhyNotConverged()}");
            ThrowIfFailed();
        }
    }

    bool IsRemoved(NodeId node) => Leader is { } leading && NodeAt(leading).View.State is { } leader
        && leader.Configuration.Find(node) is null && leader.Configurations.EffectiveIndex <= leader.CommitIndex;

    bool CanLose(SimulatedNode wiped)
    {
        var holders = Holders(wiped);
        // Whatever configuration any node goes by, one of them may be in force.
        return Leader is not null
            && _nodes.Select(node => node.View.State).OfType<NodeState>().SelectMany(state => MayBecome(state.Configuration)).All(quorum => quorum.Holds(holders.Contains))
            && _asked.Where(asked => Now - asked.At < UnderWay).All(asked => asked.Target.Quorum.Holds(holders.Contains));
    }

    /// <summary>What counts there now, and what the leader may make of it by itself before it notices that a node is gone.</summary>
    static IEnumerable<Quorum> MayBecome(Configuration configuration)
    {
        if (configuration.Members.IsEmpty) yield break;
        yield return configuration.Quorum;
        var promoted = configuration.Learners.Where(learner => learner.PromoteWhenCaughtUp).ToList();
        if (promoted.Count > 0) yield return new Configuration([.. configuration.Voters, .. promoted]).Quorum;
    }

    /// <summary>Who has all that is committed on a disk that was not lost.</summary>
    HashSet<NodeId> Holders(SimulatedNode? without)
    {
        var last = _view.Nodes.Select(node => node.State?.CommitIndex ?? LogIndex.Zero).Append(_committed).Max();
        return [.. _nodes.Where(node => node != without && !node.IsWiped && node.View.Disk.Last.Index >= last && !node.View.Disk.IsLogVoid).Select(node => node.Id)];
    }

    string? WhyMembershipIsUnsettled(NodeState leader)
    {
        if (leader.Configurations.EffectiveIndex > leader.CommitIndex) return $"The configuration of index {leader.Configurations.EffectiveIndex} is not committed.";
        if (leader.Configuration is { IsJoint: true, StaysJoint: false }) return "The joint configuration is not left.";
        if (leader.Configuration.Learners.FirstOrDefault(learner => learner.PromoteWhenCaughtUp) is { } waiting) return $"Learner {waiting.Id} is not promoted.";
        return leader.Quorum.Contains(leader.Self) ? null : $"Node {leader.Self} leads, and is no voter.";
    }

    Member MemberOf(int number) => new(NodeAt(number).Id, NodeAt(number).Member.Address);

    void Ask(string what, Func<Configuration, (IReadOnlyList<Member> Voters, IReadOnlyList<Member> Learners)?> change, JointUse joint = JointUse.WhenNeeded)
    {
        RequireUsable();
        if (Leader is not { } leading || NodeAt(leading) is not { View.State: { } state } leader) return;
        if (state.Configuration.IsJoint || change(state.Configuration) is not var (voters, learners)) return;
        // The leader may not have noticed yet that a node is gone; an operator knows whose disk is, and does not rely on it.
        if (_nodes.Any(node => node.IsWiped) && !new Configuration(voters).Quorum.Holds(Holders(null).Contains)) return;
        _trace.Note(Now, "", what);
        _asked.Add((Now, new Configuration(voters, learners)));
        var request = new MembershipRequest(_settings.ClusterId, _settings.GroupId, ++_changes, voters, learners, state.Configurations.EffectiveIndex) { Joint = joint };
        var host = _clientHosts[0];
        Kernel.RunAs(host, () => NodePath.Resolve((ExtendedActorSystem)host.System!, leader.Member.Address, _settings.GroupId).Tell(request, ActorRefs.NoSender));
    }
}
