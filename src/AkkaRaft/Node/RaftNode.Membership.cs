using Akka.Actor;
using Akka.Event;
using AkkaRaft.Consensus;
using AkkaRaft.Protocol;

namespace AkkaRaft.Node;

/// <summary>Who belongs to the group, as the shell has to know it: where members are, and which storage each of their names stands for.</summary>
internal sealed partial class RaftNode
{
    /// <summary>A node that has heard no leader for so many election timeouts is no part of a living majority.</summary>
    const int ElectionsBeforeGivingUp = 4;

    // Requests to the core, by its name for them: who asked, and under which number.
    readonly Dictionary<long, (IActorRef Client, long RequestId)> _changes = [];

    long _lastChange;
    Configuration? _followed;
    Configuration? _told;
    bool _toldRemoved;

    // The newest configuration by which a leader has sent entries to this very storage: what is older says nothing of it.
    LogIndex _vouchedFor;

    /// <summary>Before the effects of a step are carried out: its messages go to the members that it decided on.</summary>
    /// <returns>Whether there is anything to tell afterwards.</returns>
    bool FollowConfiguration()
    {
        var state = _core!.State;
        var isOther = !ReferenceEquals(_followed, state.Configuration);
        if (isOther)
        {
            _followed = state.Configuration;
            _peers!.Follow(state.Configurations.EffectiveIndex, _followed, Now.Monotonic);
        }

        return isOther || state.IsRemoved != _toldRemoved;
    }

    void TellConfiguration()
    {
        if (_core?.State is not { } state) return;
        if (!ReferenceEquals(_told, state.Configuration))
        {
            _told = state.Configuration;
            var configuration = RaftConfiguration.Of(state.Configurations.EffectiveIndex, state.Configuration, state.CommitIndex);
            _log.Info("node {0}: goes by the configuration of index {1}: {2}", _settings.NodeId, configuration.Index, configuration);
            Publish(new Events.ConfigurationChanged(configuration));
        }

        if (state.IsRemoved == _toldRemoved) return;
        _toldRemoved = state.IsRemoved;
        if (!_toldRemoved) return;
        _log.Warning("node {0}: it was removed from group {1}: it votes and leads no more. Stop it; its data folder is not needed any more.", _settings.NodeId, _settings.GroupId);
        Publish(new Events.NodeRemoved());
    }

    IReadOnlyList<RaftMember> KnownMembers =>
        _core is { State.Configuration: var configuration } ? [.. configuration.Members.Select(member => new RaftMember(member.Id, member.Address))] : [];

    /// <summary>What a start has to say of who belongs to the group.</summary>
    void TellOfMembership()
    {
        var configuration = _core!.State.Configuration;
        if (configuration.Members.IsEmpty)
            _log.Info("node {0}: it belongs to no group yet, and waits until the members of one add it as {0}={1}", _settings.NodeId, _address);
        else if (configuration.Find(_settings.NodeId) is null && !_core.State.IsRemoved)
            _log.Info("node {0}: by the log that it has it is no member of the group. It waits for what a leader has to say; if it was removed, stop it", _settings.NodeId);
        else if (configuration.Find(_settings.NodeId) is { } self && self.Address != _address)
            _log.Warning("node {0}: it is at {1}, and the members of the group look for it at {2}. They answer what it asks, but do not find it by themselves until it is moved: " +
                "members move {0}={1}, or RaftClient.MoveMember.", _settings.NodeId, _address, self.Address);
    }

    void OnMembershipRequest(MembershipRequest request)
    {
        _changes.Add(++_lastChange, (Sender, request.RequestId));
        Step(new ChangeMembership(_lastChange, request.Voters, request.Learners) { Expected = request.Expected, Joint = request.Joint, Force = request.Force });
    }

    void OnMembershipEnded(MembershipEnded ended)
    {
        if (_changes.Remove(ended.RequestId, out var asker))
            asker.Client.Tell(new MembershipReply(_settings.NodeId, Leader, asker.RequestId, ended.Outcome, ended.Index, ended.Why), Self);
    }

    /// <summary>The node leaves the protocol: what became of a change, the others know.</summary>
    void EndMembershipRequests(string why)
    {
        foreach (var (client, requestId) in _changes.OrderBy(pair => pair.Key).Select(pair => pair.Value))
            client.Tell(new MembershipReply(_settings.NodeId, Nobody, requestId, MembershipOutcome.Interrupted, LogIndex.Zero, why), Self);
        _changes.Clear();
        _followed = null;
    }

    /// <summary>A leader means just this storage: whoever knows older configurations only, and another storage of this name, lags.</summary>
    void NoteVouching(PeerHeader header, RaftMessage message)
    {
        if (message is AppendEntries or InstallSnapshot && header.ToStorage == _identity!.Storage) _vouchedFor = LogIndex.Max(_vouchedFor, header.Configuration);
    }

    /// <summary>Lets a peer's message in, and notes whose storage is new.</summary>
    /// <param name="header">What it carries besides itself.</param>
    /// <param name="isAnswer">Whether it answers this node, so that nothing is to be said to it in turn.</param>
    bool LetsIn(PeerHeader header, bool isAnswer = false)
    {
        var state = _core!.State;
        if (!_peers!.Accepts(header, Now.Monotonic))
        {
            if (!isAnswer) _peers.TellHistory(header, Now.Monotonic, Self);
            var (index, agreed) = state.Configurations.CommittedWithIndex(state.CommitIndex);
            if (_peers.IsOfOtherStorage(header) && header.Configuration <= index && agreed.Find(header.From)?.Storage is { } known && known != header.FromStorage)
                _peers.Refuse(header, known, index, Now.Monotonic, Self);
            return false;
        }

        var isFounder = Identities.IsFounding(state) && _peers.IsNew(header);
        if (isFounder && !(state.MetFounders.TryGetValue(header.From, out var met) && met == header.FromStorage)) Step(new Met(header.From, header.FromStorage));
        return true;
    }

    /// <summary>
    /// A node greets that goes by a recovery of this group which this one has no part in. Whoever leads or has heard a leader not long ago is part of a living majority, which a recovery by
    /// mistake must not bring down, not even in the middle of an election; else what is stored here is no part of the group any more.
    /// </summary>
    RaftNodeException? WhyLeftBehind(PeerHeader header)
    {
        var isOfLivingMajority = _core!.State is { Leader: not null } or { LeaderIsAlive: true } || Now.Monotonic - _core.State.LeaderContact < ElectionsBeforeGivingUp * _settings.ElectionTimeoutMax;
        if (!_peers!.IsLeftBehind(header) || isOfLivingMajority) return null;
        return new RaftNodeException($"Node \"{_settings.NodeId}\" stops: group \"{_settings.GroupId}\" of cluster \"{_settings.ClusterId}\" was recovered without it, says node \"{header.From}\" at " +
            $"{header.FromAddress} (recovery {header.RecoveryMark:x16}), and no leader of before is heard. What is stored here ({_options.DataPlace}) belongs to the group as it was before, and must not be mixed with what was " +
            "written since. Nothing was changed. Keep a copy of the folder if something in it may be missed; then empty it, start the node with akka.raft.join = on, and add it again. If the recovery was a mistake, stop " +
            $"node \"{header.From}\" before you start this one again.");
    }

    /// <summary>
    /// Another node says that this one's name stands for another storage. It is right if it knows of a newer configuration than the log here has, and than a leader had that meant this storage.
    /// While a leader feeds this node it lags, however new it takes its configuration for: after a start from a snapshot that is the snapshot's index (seed 1770).
    /// </summary>
    RaftNodeException? WhyStranger(IdentityRefused refused)
    {
        var header = refused.Header;
        var isForMe = header.Cluster == _settings.ClusterId && header.Group == _settings.GroupId && header.To == _settings.NodeId && header.ToStorage == _identity!.Storage;
        var lags = _core!.State.Leader is not null || refused.Index <= LogIndex.Max(_core.State.Configurations.EffectiveIndex, _vouchedFor);
        if (!isForMe || lags || refused.Storage == _identity!.Storage) return null;
        return new RaftNodeException($"Node \"{_settings.NodeId}\" stops: in cluster \"{_settings.ClusterId}\" its name stands for storage {refused.Storage} since entry {refused.Index}, says node " +
            $"\"{header.From}\" at {header.FromAddress}, and the storage here is {_identity.Storage} ({_options.DataPlace}). Its disk was wiped, or the name is used by another node, or it was removed and its name given " +
            "away. What that storage had acknowledged is not here, so this node must not vote in its place. Nothing was changed. Remove the node from the members and add it again with an empty folder, or give it a name of its own.");
    }
}
