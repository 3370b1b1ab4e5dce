using AkkaRaft.Client;

namespace AkkaRaft;

/// <content>Who belongs to the group (Raft 6, thesis 4).</content>
public sealed partial class RaftClient
{
    /// <summary>Who belongs to the group, in the leader's own words.</summary>
    /// <param name="timeout">How long it may take, up to <see cref="MaxTimeout"/> or infinite; default <see cref="RaftClientSettings.RequestTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// The configuration that the leader goes by, committed or not. The task fails with <see cref="NotLeaderException"/> (no leader was found in time) or
    /// <see cref="NodeUnreachableException"/> (it did not answer in time).
    /// </returns>
    public async Task<RaftConfiguration> GetConfiguration(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        (await GetLeaderStatus(UntilOf(timeout), cancellationToken)).Configuration!;

    /// <summary>
    /// Changes all members at once (Raft 6): any set to any other. Where more than one voter changes, a joint configuration stands between, in which decisions need a majority of
    /// both; it is left by itself, whoever leads by then.
    /// </summary>
    /// <param name="change">The members, and the configuration that is meant to be changed.</param>
    /// <param name="timeout">How long it may take, up to <see cref="MaxTimeout"/> or infinite; default <see cref="RaftClientSettings.RequestTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait; a change that was already sent may still be made.</param>
    /// <returns>
    /// The configuration afterwards; it is committed. The task fails with <see cref="MembershipChangeException"/> or <see cref="NotLeaderException"/> (surely nothing was changed), or
    /// <see cref="OutcomeUnknownException"/> (it may have been changed; see <see cref="GetConfiguration"/>).
    /// </returns>
    /// <exception cref="ArgumentException">The change could never be carried out.</exception>
    public async Task<RaftConfiguration> ChangeMembers(RaftMembershipChange change, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        change.Check();
        var until = UntilOf(timeout);
        await Begin((limit, deadline) => new MembershipOperation(change, limit, deadline), Left(until), cancellationToken);
        return (await GetLeaderStatus(until, cancellationToken)).Configuration!;
    }

    /// <summary>
    /// Adds a node, which was started empty (<see cref="RaftSettings.Join"/>) and waits for this: first as a learner, which gets everything and does not vote, and then, as soon as it has
    /// caught up, as a voter; the leader sees to that, whoever it is by then. Completes when the node is a learner; see <see cref="WaitUntilVoter"/>. May be called again: what is
    /// done already stays as it is.
    /// </summary>
    /// <param name="member">Its name and canonical address.</param>
    /// <param name="learner">Whether it stays a learner. Default false.</param>
    /// <param name="timeout">How long it may take; default <see cref="RaftClientSettings.RequestTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait; the node may still be added.</param>
    /// <returns>The configuration with the node. For the ways to fail see <see cref="ChangeMembers"/>.</returns>
    /// <exception cref="ArgumentException">There is a member of that name at another address (see <see cref="MoveMember"/>), or another one at that address.</exception>
    public Task<RaftConfiguration> AddMember(RaftMember member, bool learner = false, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(member);
        return Change(now =>
        {
            if (now.Find(member.Id) is not { } known)
                return With(now, member.Id, new RaftWantedMember(member, RaftMemberRole.Learner) { PromoteWhenCaughtUp = !learner });
            if (known.Address != member.Address)
                throw new ArgumentException($"Node {member.Id} is a member already, at {known.Address}. Nothing was changed. To move it, call MoveMember (members move {member}).", nameof(member));
            return known.Role == RaftMemberRole.Voter || known.PromoteWhenCaughtUp == !learner
                ? null
                : With(now, member.Id, new RaftWantedMember(member, RaftMemberRole.Learner) { PromoteWhenCaughtUp = !learner });
        }, timeout, cancellationToken);
    }

    /// <summary>Makes a learner a voter, now. The leader refuses it while too many of the voters would be nodes that lack the log.</summary>
    /// <param name="node">The learner; a voter stays as it is.</param>
    /// <param name="force">Whether it votes though the majority of the voters would not be there, or no leader has heard it. Default false: that is refused.</param>
    /// <param name="timeout">How long it may take; default <see cref="RaftClientSettings.RequestTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait; it may still be promoted.</param>
    /// <returns>The configuration with the voter. For the ways to fail see <see cref="ChangeMembers"/>.</returns>
    /// <exception cref="ArgumentException">There is no such member.</exception>
    public Task<RaftConfiguration> PromoteMember(NodeId node, bool force = false, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Change(now => Known(now, node) is { Role: RaftMemberRole.Voter } ? null : With(now, node, Wanted(now, node, RaftMemberRole.Voter)) with { Force = force }, timeout, cancellationToken);

    /// <summary>Makes a voter a learner: it gets everything and votes no more.</summary>
    /// <param name="node">The voter; a learner stays one, and is not promoted any more when it has caught up.</param>
    /// <param name="timeout">How long it may take; default <see cref="RaftClientSettings.RequestTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait; it may still be demoted.</param>
    /// <returns>The configuration with the learner. For the ways to fail see <see cref="ChangeMembers"/>.</returns>
    /// <exception cref="ArgumentException">There is no such member, or it is the only voter.</exception>
    public Task<RaftConfiguration> DemoteMember(NodeId node, TimeSpan? timeout = null, CancellationToken cancellationToken = default) => Change(
        now => Known(now, node) is { Role: RaftMemberRole.Learner, PromoteWhenCaughtUp: false } ? null : With(now, node, Wanted(now, node, RaftMemberRole.Learner)),
        timeout, cancellationToken);

    /// <summary>
    /// Removes a node. A leader that is removed leads until that is committed and told, and then hands over. The node can be stopped afterwards; under its name another node may be added.
    /// </summary>
    /// <param name="node">Which one; one that is no member is fine.</param>
    /// <param name="force">Whether it is removed though the majority of those that stay is not there. Default false: that is refused.</param>
    /// <param name="timeout">How long it may take; default <see cref="RaftClientSettings.RequestTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait; it may still be removed.</param>
    /// <returns>The configuration without the node. For the ways to fail see <see cref="ChangeMembers"/>.</returns>
    /// <exception cref="ArgumentException">It is the only voter.</exception>
    public Task<RaftConfiguration> RemoveMember(NodeId node, bool force = false, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Change(now => now.Find(node) is null ? null : With(now, node, null) with { Force = force }, timeout, cancellationToken);

    /// <summary>Says that a member is at another address now; it may have been started there before. Its name, its storage and its role stay.</summary>
    /// <param name="member">Its name, and where it is.</param>
    /// <param name="timeout">How long it may take; default <see cref="RaftClientSettings.RequestTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait; it may still be changed.</param>
    /// <returns>The configuration with the new address. For the ways to fail see <see cref="ChangeMembers"/>.</returns>
    /// <exception cref="ArgumentException">There is no such member, or another one at that address.</exception>
    public Task<RaftConfiguration> MoveMember(RaftMember member, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(member);
        return Change(now => Known(now, member.Id).Address == member.Address
            ? null
            : With(now, member.Id, Wanted(now, member.Id, Known(now, member.Id).Role) with { Member = member, PromoteWhenCaughtUp = Known(now, member.Id).PromoteWhenCaughtUp }), timeout, cancellationToken);
    }

    /// <summary>
    /// Puts one node in the place of another: the new one is added as a learner, votes when it has caught up, and then the old one is removed. May be called again after any failure, and
    /// goes on where it was.
    /// </summary>
    /// <param name="old">The node that goes; one that is no member any more is fine.</param>
    /// <param name="by">The node that comes: another name than the old one's. It was started empty.</param>
    /// <param name="progress">Told how far the new node has come, at each poll; null for nobody.</param>
    /// <param name="timeout">How long all of it may take: a large state takes minutes. Default <see cref="RaftClientSettings.RequestTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait; what has begun goes on.</param>
    /// <returns>The configuration without the old node. For the ways to fail see <see cref="ChangeMembers"/>; the old node is removed only when the new one votes.</returns>
    /// <exception cref="ArgumentException">Both are one and the same name: remove that node first, and then add it again.</exception>
    public async Task<RaftConfiguration> ReplaceMember(
        NodeId old, RaftMember by, IProgress<RaftMemberProgress>? progress = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(by);
        if (by.Id == old)
        {
            throw new ArgumentException($"Node {old} cannot replace itself: of two storages with one name one would be taken for the other. Nothing was changed. Remove it, start it with an empty " +
                "folder, and add it again.", nameof(by));
        }

        var until = UntilOf(timeout);
        await AddMember(by, learner: false, Left(until), cancellationToken);
        await WaitUntilVoter(by.Id, progress, Left(until), cancellationToken);
        return await RemoveMember(old, force: false, Left(until), cancellationToken);
    }

    /// <summary>Waits until a node that is to be promoted votes.</summary>
    /// <param name="node">Which one.</param>
    /// <param name="progress">Told how far it has come, at each poll (<see cref="RaftClientSettings.LeaderPollInterval"/>); null for nobody.</param>
    /// <param name="timeout">How long it may take: a large state takes minutes. Default <see cref="RaftClientSettings.RequestTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait; it may still be promoted.</param>
    /// <returns>
    /// The configuration with the voter. The task fails with <see cref="MembershipChangeException"/> if the node is no member, or a learner that is to stay one, and with
    /// <see cref="OutcomeUnknownException"/> if it did not vote in time; the leader goes on with it.
    /// </returns>
    public async Task<RaftConfiguration> WaitUntilVoter(
        NodeId node, IProgress<RaftMemberProgress>? progress = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var until = UntilOf(timeout);
        while (true)
        {
            var status = await GetLeaderStatus(until, cancellationToken);
            var configuration = status.Configuration!;
            var member = configuration.Find(node);
            var peer = status.Peers.FirstOrDefault(peer => peer.Node == node);
            progress?.Report(new RaftMemberProgress(node, member?.Role, peer?.Lag ?? 0, peer?.Transfer));
            if (member is { Role: RaftMemberRole.Voter } && configuration is { IsCommitted: true, IsJoint: false }) return configuration;
            if (configuration.IsCommitted && member is null or { Role: RaftMemberRole.Learner, PromoteWhenCaughtUp: false })
                throw ClientErrors.NotToBeVoter(node, member);
            if (_intake.Now + Settings.LeaderPollInterval >= until) throw ClientErrors.NotYetVoter(node, peer);
            await Task.Delay(Settings.LeaderPollInterval, _time, cancellationToken);
        }
    }

    /// <summary>Reads, decides, changes just what was read; and again, when somebody else was quicker.</summary>
    async Task<RaftConfiguration> Change(Func<RaftConfiguration, RaftMembershipChange?> decide, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var until = UntilOf(timeout);
        while (true)
        {
            var now = await GetConfiguration(Left(until), cancellationToken);
            if (now is { IsCommitted: true, IsJoint: false })
            {
                if (decide(now) is not { } change) return now;
                try
                {
                    return await ChangeMembers(change, Left(until), cancellationToken);
                }
                catch (MembershipChangeException changed) when (changed.Failure == MembershipChangeFailure.ConfigurationChanged && _intake.Now < until)
                {
                    continue;
                }
                catch (OutcomeUnknownException) when (_intake.Now < until)
                {
                    continue;   // what is in force says what became of it
                }
            }

            if (_intake.Now + Settings.LeaderPollInterval >= until) throw ClientErrors.AnotherChangeUnderWay(now);
            await Task.Delay(Settings.LeaderPollInterval, _time, cancellationToken);
        }
    }

    async Task<RaftStatus> GetLeaderStatus(TimeSpan until, CancellationToken cancellationToken)
    {
        while (true)
        {
            var leader = await FindLeader(Left(until), cancellationToken);
            var status = await Begin((limit, deadline) => new StatusOperation(leader.Node, limit, deadline, NodeAddress.Parse(leader.Address)), Left(until), cancellationToken);
            if (status is { Role: RaftRole.Leader, Configuration: not null }) return status;
        }
    }

    TimeSpan UntilOf(TimeSpan? timeout) => LimitOf(timeout).Deadline;

    // What is begun at the last moment fails as what it is, not as a wrong argument.
    TimeSpan Left(TimeSpan until) => until == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : until - _intake.Now is var left && left > ShortestWait ? left : ShortestWait;

    static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    static RaftConfigurationMember Known(RaftConfiguration now, NodeId node) =>
        now.Find(node) ?? throw new ArgumentException($"There is no member {node}: the group has {now}. Nothing was changed. Add it first.", nameof(node));

    static RaftWantedMember Wanted(RaftConfiguration now, NodeId node, RaftMemberRole role) => new(new RaftMember(node, Known(now, node).Address), role);

    /// <summary>The same members, but for one.</summary>
    static RaftMembershipChange With(RaftConfiguration now, NodeId node, RaftWantedMember? wanted)
    {
        var others = now.Members.Where(member => member.Id != node).Select(member => new RaftWantedMember(new RaftMember(member.Id, member.Address), member.Role)
        {
            PromoteWhenCaughtUp = member.PromoteWhenCaughtUp,
        });
        var change = new RaftMembershipChange([.. others, .. wanted is null ? Array.Empty<RaftWantedMember>() : [wanted]], now.Index);
        change.Check();
        return change;
    }
}
