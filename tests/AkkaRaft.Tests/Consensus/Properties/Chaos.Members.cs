using AkkaRaft.Consensus;
using Shouldly;

namespace AkkaRaft.Tests.Consensus.Properties;

/// <summary>What happens to who belongs to the cluster.</summary>
internal sealed partial class Chaos
{
    readonly bool _membersChange;
    readonly SortedDictionary<long, int> _waitingChanges = [];
    long _changes;

    public int MembersChanged { get; private set; }

    public int JointEntered { get; private set; }

    public int Promoted { get; private set; }

    /// <summary>A leader appended a configuration in which it has no vote.</summary>
    public int LeadersRemoved { get; private set; }

    public int Wiped { get; private set; }

    void Members(ClusterNode node, int a, int b)
    {
        if (b % 13 == 0)
        {
            WipeIfRemoved(node);
            return;
        }

        // Old leaders and followers are asked too.
        if (b % 5 != 0) node = Cluster.Leader ?? node;
        if (!node.IsRunning) return;
        var now = node.State.Configuration;
        var request = Request(now, now.StaysJoint && b % 2 == 0 ? 6 : a / 42, b) with
        {
            Joint = (JointUse)(b / 3 % 3),
            Expected = b % 4 == 0 ? node.State.Configurations.EffectiveIndex : null,
        };
        _waitingChanges.Add(request.RequestId, node.Number);
        Cluster.Change(node, request);
    }

    /// <summary>Of what is in force: one more, one less, one instead of another, up, down, anything, or what it will be anyway.</summary>
    ChangeMembership Request(Configuration now, int which, int b)
    {
        var voters = now.Voters.Select(member => member.Id).ToList();
        var learners = now.Learners.Select(member => member.Id).ToList();
        var promote = b / 2 % 2 == 0;
        var one = Cluster.Nodes[b % Cluster.Nodes.Count].Id;
        switch (which % 7)
        {
            case 0:
                if (!voters.Contains(one) && !learners.Contains(one)) learners.Add(one);
                break;
            case 1:
                voters.Remove(one);
                learners.Remove(one);
                break;
            case 2:
                if (voters.Count > 0) voters.RemoveAt(b / 9 % voters.Count);
                if (!voters.Contains(one)) voters.Add(one);
                learners.Remove(one);
                break;
            case 3:
                if (voters.Remove(one)) learners.Add(one);
                promote = false;
                break;
            case 4:
                if (learners.Remove(one)) voters.Add(one);
                break;
            case 5:
                voters = [.. Cluster.Nodes.Where(n => (b >> n.Number & 1) == 1).Select(n => n.Id)];
                learners = [.. Cluster.Nodes.Where(n => (b >> n.Number & 1) == 0 && (b >> (n.Number / 2) & 1) == 1).Select(n => n.Id)];
                break;
        }

        return new ChangeMembership(++_changes, [.. voters.Select(id => MemberOf(id))], [.. learners.Select(id => MemberOf(id) with { PromoteWhenCaughtUp = promote })]);
    }

    static Member MemberOf(NodeId id) => new(id, $"host:{id}");

    /// <summary>Who is surely no member loses its disk, and is to come back as another one under its name.</summary>
    void WipeIfRemoved(ClusterNode node)
    {
        var newest = Cluster.Oracles.Committed.OfType<ConfigurationEntry>().LastOrDefault();
        if (newest is null || newest.Configuration.Find(node.Id) is not null || node.Disk.Last == EntryId.Zero) return;
        // An entry that is not committed yet may have it as a member again.
        if (Cluster.Nodes.Where(n => n.IsRunning).Any(n => n.State.Configuration.Find(node.Id) is not null)) return;
        if (Cluster.Nodes.Any(n => n.Disk.Log.Any(entry => entry.Index > newest.Index && entry is ConfigurationEntry other && other.Configuration.Find(node.Id) is not null))) return;
        if (node.IsRunning) Forget(node);
        Cluster.Wipe(node);
        Wiped++;
    }

    void Crash(ClusterNode node, int b)
    {
        Forget(node);
        Cluster.Crash(node, b % 2, b / 2 % 3, b / 6 % 2 == 0);
    }

    void Forget(ClusterNode node)
    {
        foreach (var (lost, _) in _waitingChanges.Where(pair => pair.Value == node.Number).ToList()) _waitingChanges.Remove(lost);
    }

    void OnChange(ClusterNode node, Effect effect)
    {
        if (effect is MembershipEnded ended)
        {
            _waitingChanges.Remove(ended.RequestId, out var at).ShouldBeTrue($"change {ended.RequestId} ends once");
            at.ShouldBe(node.Number);
            if (ended.Outcome == MembershipOutcome.Changed) MembersChanged++;
        }
        else if (effect is AppendToLog write && node.IsLeader)
        {
            foreach (var entry in write.Entries.OfType<ConfigurationEntry>())
            {
                var before = node.State.Configurations.CommittedAt(entry.Index.Previous);
                if (entry.Configuration.IsJoint && !before.IsJoint) JointEntered++;
                if (!entry.Configuration.IsVoter(node.Id) && before.IsVoter(node.Id)) LeadersRemoved++;
                if (before.Learners.Any(learner => learner.PromoteWhenCaughtUp && entry.Configuration.VotesAfter(learner.Id))) Promoted++;
            }
        }
    }

    /// <summary>Who has to serve: all, or the leader's members.</summary>
    List<ClusterNode> Group(ClusterNode leader) =>
        [.. _membersChange ? Cluster.Nodes.Where(node => leader.State.Configuration.Find(node.Id) is not null) : Cluster.Nodes];

    /// <summary>Whether nothing is left that the leader does by itself: leave a joint configuration, promote, write down who is who, hand over.</summary>
    bool IsSettled(ClusterNode leader)
    {
        if (!_membersChange) return true;
        var now = leader.State.Configuration;
        return leader.State.Configurations.EffectiveIndex <= leader.State.CommitIndex && now.IsVoter(leader.Id) && leader.State.Leadership!.Transfer is null
            && (!now.IsJoint || now.StaysJoint) && (now.IsJoint || now.Members.All(member => member is { Storage: not null, PromoteWhenCaughtUp: false }));
    }

    string Situation() => _membersChange
        ? "; " + string.Join("; ", Cluster.Nodes.Select(n => $"{n.Number}: {Trace.Of(n.State)}, {n.State.Configurations.EffectiveIndex}: {Trace.Of(n.State.Configuration)}"))
        : "";
}
