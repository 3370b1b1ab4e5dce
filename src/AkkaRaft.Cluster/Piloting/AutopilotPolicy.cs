using System.Globalization;
using Akka.Cluster;
using AkkaRaft.Consensus;

namespace AkkaRaft.Cluster.Piloting;

/// <summary>
/// What an autopilot does next: at most one change of the members, with the reason, or nothing, with what it waits for. Pure: from what it sees and remembers alone.
/// Whatever it decides is put to the leader like anybody's change, for just the configuration that was looked at.
/// </summary>
/// <remarks>
/// The number of voters it makes is odd: an even number survives no more failures than the odd one below it. Voters are made two at once, through a joint configuration, where the
/// number is odd, and a dead voter is replaced in one change. An even number comes about only where a dead voter is removed without a replacement, which costs nothing: 4 voters need the
/// same 3 as 5 do. What people have made otherwise stays.
/// </remarks>
internal sealed class AutopilotPolicy
{
    readonly AutopilotView _view;
    readonly AutopilotMemory _memory;
    readonly RaftClusterSettings _settings;
    readonly RaftConfiguration _now;
    readonly List<string> _waits = [];

    AutopilotPolicy(AutopilotView view, AutopilotMemory memory, RaftClusterSettings settings, RaftConfiguration now)
    {
        _view = view;
        _memory = memory;
        _settings = settings;
        _now = now;
    }

    /// <summary>Looks, remembers and decides.</summary>
    /// <param name="view">What is seen now.</param>
    /// <param name="before">What was remembered after the last look.</param>
    /// <param name="settings">How long and how many.</param>
    /// <returns>What to do, and what to remember until the next look.</returns>
    public static (RaftAutopilotDecision Decision, AutopilotMemory Memory) Decide(AutopilotView view, AutopilotMemory before, RaftClusterSettings settings)
    {
        if (view.Status is not { Role: RaftRole.Leader, Configuration: { } now }) return (Nothing($"node {view.Self} does not lead"), AutopilotMemory.Empty);
        var memory = Remember(view, before, settings, now);
        return (new AutopilotPolicy(view, memory, settings, now).Decide(), memory);
    }

    static AutopilotMemory Remember(AutopilotView view, AutopilotMemory before, RaftClusterSettings settings, RaftConfiguration now)
    {
        if (before.Term != view.Status.Term) before = AutopilotMemory.Empty with { Term = view.Status.Term };
        return before with
        {
            StableSince = AutopilotMemory.Since(before.StableSince, now.Members.Where(member => IsWell(view, settings, member)).Select(member => member.Id), view.Now),
            DeadSince = AutopilotMemory.Since(before.DeadSince, now.Members.Where(member => IsDead(view, member)).Select(member => member.Id), view.Now),
            FailedAt = before.FailedAt.RemoveRange(before.FailedAt.Where(failed => view.Now - failed.Value >= settings.RetryAfter).Select(failed => failed.Key)),
        };
    }

    /// <summary>Whether a learner could vote: the cluster and Raft agree that it is there, at that address, with that disk, and with nearly all of the log.</summary>
    static bool IsWell(AutopilotView view, RaftClusterSettings settings, RaftConfigurationMember member) =>
        member is { Role: RaftMemberRole.Learner, Storage: not null }
        && view.Cluster.Nodes.TryGetValue(member.Id, out var there) && there is { Status: MemberStatus.Up, IsReachable: true, IsLearner: false } && there.Address == member.Address
        && view.IsHeard(member.Id) && view.PeerOf(member.Id) is { State: RaftPeerState.Replicate } peer && peer.Lag <= settings.MaxLag;

    /// <summary>Whether neither the cluster nor Raft sees it. Of an id that two members claim nobody can say so.</summary>
    static bool IsDead(AutopilotView view, RaftConfigurationMember member) =>
        !view.IsHeard(member.Id) && !view.Cluster.IsThere(member.Id) && !view.Cluster.Disputed.Contains(member.Id);

    RaftAutopilotDecision Decide()
    {
        if (_view.IsLeaving) return Nothing($"node {_view.Self} leaves the cluster; the next leader decides");
        if (_now.IsJoint || !_now.IsCommitted) return Nothing($"the configuration of index {_now.Index} is {(_now.IsJoint ? "joint" : "not committed")} yet");
        var (heard, voters) = (_now.Voters.Count(voter => _view.IsHeard(voter.Id)), _now.Voters.Count());
        // A leader that was cut off has not noticed yet: whatever it decided could not be committed.
        if (heard < MajorityOf(voters)) return Nothing($"only {heard} of {voters} voters are heard, and {MajorityOf(voters)} are needed to change anything");

        foreach (var (action, reason) in Candidates())
        {
            if (WhyNot(action.Change) is { } unsafely) Wait($"{action.What}: not done, {unsafely}");
            else if (_memory.FailedAt.TryGetValue(action.What, out var failed)) Wait($"{action.What}: it failed {Seconds(_view.Now - failed)} ago, and is tried again after {Seconds(_settings.RetryAfter)}");
            else return new RaftAutopilotDecision(action, reason);
        }

        foreach (var id in _view.Cluster.Disputed) Wait($"node {id} is claimed by several cluster members");
        return Nothing(_waits.Count == 0 ? "the members are as they should be" : string.Join("; ", _waits));
    }

    /// <summary>All that could be done, the most urgent first.</summary>
    IEnumerable<(RaftAutopilotAction Action, string Reason)> Candidates() => [.. Moves(), .. Replacements(), .. Promotions(), .. Additions(), .. Removals()];

    IEnumerable<(RaftAutopilotAction, string)> Moves()
    {
        foreach (var member in _now.Members)
        {
            if (!_view.Cluster.Nodes.TryGetValue(member.Id, out var there) || there.Address == member.Address) continue;
            // Its own voice from there decides: roles can be wrong.
            if (there is not { IsReachable: true, Status: MemberStatus.Up or MemberStatus.WeaklyUp } || _view.SpeaksFrom(member.Id) != there.Address)
            {
                Wait($"node {member.Id} was not heard from {there.Address} yet, where the cluster has it");
                continue;
            }

            yield return (Act(RaftAutopilotActionKind.Move, $"moves node {member.Id} from {member.Address} to {there.Address}", Wanted().Select(wanted =>
                wanted.Member.Id == member.Id ? wanted with { Member = new RaftMember(member.Id, there.Address) } : wanted)), "the cluster has it there, and it answers from there");
        }
    }

    IEnumerable<(RaftAutopilotAction, string)> Replacements()
    {
        if (_now.Voters.Count() > _settings.MaxVoters || Promotable().FirstOrDefault() is not { } learner) yield break;
        foreach (var dead in LongDead(RaftMemberRole.Voter))
        {
            yield return (Act(RaftAutopilotActionKind.Replace, $"replaces the dead voter {dead.Id} by the learner {learner.Id}", Without(dead.Id).Select(wanted => Voting(wanted, [learner.Id]))),
                $"node {dead.Id} {WhyDead(dead.Id)}, node {learner.Id} {WhyWell(learner.Id)}");
        }
    }

    IEnumerable<(RaftAutopilotAction, string)> Promotions()
    {
        var well = Promotable();
        if (well.Count == 0) yield break;
        var voters = _now.Voters.Count();
        var needed = voters % 2 == 0 ? 1 : 2;
        if (voters + needed > _settings.MaxVoters)
        {
            Wait($"node {well[0].Id} could vote: it waits for the place of a dead voter, for there are {voters} and max-voters is {_settings.MaxVoters}");
            yield break;
        }

        if (well.Count < needed)
        {
            Wait($"node {well[0].Id} could vote: it waits for a second one, for {voters + 1} voters survive no more failures than {voters}");
            yield break;
        }

        var promoted = well.Take(needed).Select(learner => learner.Id).ToList();
        yield return (Act(RaftAutopilotActionKind.Promote, $"makes {Named(promoted)} voters, {voters + needed} in all", Wanted().Select(wanted => Voting(wanted, promoted))),
            string.Join(", ", promoted.Select(id => $"node {id} {WhyWell(id)}")));
    }

    IEnumerable<(RaftAutopilotAction, string)> Additions()
    {
        foreach (var (id, there) in _view.Cluster.Nodes)
        {
            if (_now.Find(id) is not null) continue;
            if (there is not { Status: MemberStatus.Up, IsReachable: true })
            {
                Wait($"node {id} at {there.Address} is {(there.IsReachable ? there.Status.ToString() : "unreachable")} in the cluster");
                continue;
            }

            var added = new RaftMember(id, there.Address);
            yield return (Act(RaftAutopilotActionKind.Add, $"adds node {added} as a learner", [.. Wanted(), new RaftWantedMember(added, RaftMemberRole.Learner)]), "it is Up and reachable in the cluster, and no member");
        }
    }

    /// <summary>Learners first: they are no part of any majority.</summary>
    IEnumerable<(RaftAutopilotAction, string)> Removals()
    {
        foreach (var dead in LongDead(RaftMemberRole.Learner).Concat(LongDead(RaftMemberRole.Voter)))
        {
            yield return (Act(RaftAutopilotActionKind.Remove, $"removes the dead {dead.Role.ToString().ToLowerInvariant()} {dead.Id}", Without(dead.Id)), $"node {dead.Id} {WhyDead(dead.Id)}");
        }
    }

    /// <summary>Null for a change that leaves the group no worse off than it is: what must not happen, whatever was decided above.</summary>
    string? WhyNot(RaftMembershipChange change)
    {
        var voters = change.Members.Where(wanted => wanted.Role == RaftMemberRole.Voter).Select(wanted => wanted.Member.Id).ToList();
        if (voters.Count < _now.Voters.Count() && voters.Count < _settings.MinVoters) return $"fewer voters than min-voters = {_settings.MinVoters} would be left";
        if (voters.Count(_view.IsHeard) is var heard && heard < MajorityOf(voters.Count)) return $"of the {voters.Count} voters there would be only {heard} are heard";
        if (change.Members.Count + _now.Voters.Count() > Configuration.MaxMembers) return $"a group has at most {Configuration.MaxMembers} members, the voters before the change included";
        return change.Members.GroupBy(wanted => wanted.Member.Address, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } shared
            ? $"{Named(shared.Select(wanted => wanted.Member.Id))} would both be at {shared.Key}"
            : null;
    }

    /// <summary>Learners that were well for long enough, the longest first. Those that the leader promotes by itself are left to it.</summary>
    List<RaftConfigurationMember> Promotable()
    {
        if (_now.Learners.FirstOrDefault(learner => learner.PromoteWhenCaughtUp && !_memory.DeadSince.ContainsKey(learner.Id)) is { } promised)
        {
            Wait($"node {promised.Id} was added to become a voter when it has caught up; until then nobody else is promoted");
            return [];
        }

        foreach (var (id, since) in _memory.StableSince.Where(stable => _view.Now - stable.Value < _settings.StableAfter))
            Wait($"node {id} is stable for {Seconds(_view.Now - since)} of {Seconds(_settings.StableAfter)}");
        return [.. _now.Learners.Where(learner => _memory.StableSince.TryGetValue(learner.Id, out var since) && _view.Now - since >= _settings.StableAfter)
            .OrderBy(learner => _memory.StableSince[learner.Id]).ThenBy(learner => learner.Id)];
    }

    /// <summary>Members that were dead for long enough, the longest first.</summary>
    List<RaftConfigurationMember> LongDead(RaftMemberRole role)
    {
        if (!_settings.RemoveDead) return [];
        var dead = _now.Members.Where(member => member.Role == role && _memory.DeadSince.ContainsKey(member.Id)).OrderBy(member => _memory.DeadSince[member.Id]).ThenBy(member => member.Id).ToList();
        foreach (var member in dead.Where(member => DeadFor(member.Id) < _settings.RemoveDeadAfter))
            Wait($"node {member.Id} is dead for {Seconds(DeadFor(member.Id))} of {Seconds(_settings.RemoveDeadAfter)}");
        return [.. dead.Where(member => DeadFor(member.Id) >= _settings.RemoveDeadAfter)];
    }

    // It may have been heard between two looks.
    TimeSpan DeadFor(NodeId node) =>
        _view.Now - _memory.DeadSince[node] is var seen && _view.PeerOf(node)?.HeardAgo is { } silent && silent < seen ? silent : seen;

    string WhyDead(NodeId node) =>
        $"is {(_view.Cluster.Nodes.ContainsKey(node) ? "unreachable in" : "no member of")} the cluster and silent in Raft for {Seconds(DeadFor(node))}";

    string WhyWell(NodeId node) => $"is stable for {Seconds(_view.Now - _memory.StableSince[node])}";

    /// <summary>The members as they are, as a wish.</summary>
    IEnumerable<RaftWantedMember> Wanted() => _now.Members.Select(member =>
        new RaftWantedMember(new RaftMember(member.Id, member.Address), member.Role) { PromoteWhenCaughtUp = member.PromoteWhenCaughtUp });

    IEnumerable<RaftWantedMember> Without(NodeId node) => Wanted().Where(wanted => wanted.Member.Id != node);

    static RaftWantedMember Voting(RaftWantedMember wanted, IReadOnlyCollection<NodeId> promoted) =>
        promoted.Contains(wanted.Member.Id) ? wanted with { Role = RaftMemberRole.Voter } : wanted;

    RaftAutopilotAction Act(RaftAutopilotActionKind kind, string what, IEnumerable<RaftWantedMember> members) => new(kind, what, new RaftMembershipChange([.. members], _now.Index));

    void Wait(string what)
    {
        if (!_waits.Contains(what)) _waits.Add(what);
    }

    static RaftAutopilotDecision Nothing(string reason) => new(null, reason);

    static int MajorityOf(int voters) => voters / 2 + 1;

    static string Named(IEnumerable<NodeId> nodes) => $"nodes {string.Join(" and ", nodes)}";

    static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture) + " s";
}
