using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using AkkaRaft.Cluster.Claims;
using AkkaRaft.Cluster.Events;
using AkkaRaft.Cluster.Piloting;
using AkkaRaft.Events;
using AkkaCluster = Akka.Cluster.Cluster;

namespace AkkaRaft.Cluster;

/// <summary>
/// Looks at the cluster for one group: tells the group's node where others are, lets it hand over when its own member leaves, and asks the autopilot at each interval. What
/// is decided is decided elsewhere: by <see cref="ClusterView"/> and <see cref="AutopilotPolicy"/>, which are pure, and in the end by the group's leader.
/// </summary>
internal sealed class ClusterWatcher : UntypedActor, IWithTimers
{
    readonly RaftClusterGroup _attached;
    readonly RaftGroup _group;
    readonly RaftClusterSettings _settings;
    readonly TimeProvider _time = RaftSetup.Of(Context.System).TimeProvider;
    readonly AkkaCluster _cluster = AkkaCluster.Get(Context.System);
    readonly ILoggingAdapter _log = Context.GetLogger();
    readonly ClusterMembers _members = new();

    ClusterView _view = ClusterView.Empty;
    AutopilotMemory _memory = AutopilotMemory.Empty;
    RaftClusterStatus _status = RaftClusterStatus.Nothing;
    bool _isBusy;

    public ClusterWatcher(RaftClusterGroup attached)
    {
        _attached = attached;
        _group = attached.Group;
        _settings = attached.Settings;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(RaftClusterGroup attached) => Akka.Actor.Props.Create(typeof(ClusterWatcher), attached).WithDeploy(Deploy.Local);

    NodeId Node => _group.Settings.NodeId;

    TimeSpan Now => _time.GetElapsedTime(0);

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
        Context.System.EventStream.Subscribe(Self, typeof(LeaderChanged));
        _group.WhenStopped.PipeTo(Self);
        if (_settings.Autopilot) Timers.StartPeriodicTimer(Look.Instance, Look.Instance, _settings.Interval);
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        Context.System.EventStream.Unsubscribe(Self);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClusterEvent.CurrentClusterState state:
                _members.Begin(state);
                OnCluster();
                if (state.Members.Any(member => member.UniqueAddress == _cluster.SelfUniqueAddress && member.Status == MemberStatus.Leaving)) OnLeaving();
                break;
            case ClusterEvent.IMemberEvent changed:
                _members.On(changed);
                OnCluster();
                if (changed is ClusterEvent.MemberLeft && changed.Member.UniqueAddress == _cluster.SelfUniqueAddress) OnLeaving();
                break;
            case ClusterEvent.IReachabilityEvent changed:
                _members.On(changed);
                OnCluster();
                break;
            case LeaderChanged led when led.Group == _group.Settings.GroupId && led.Node == Node:
                // Elected while it leaves: by others who had not heard of it, or because nobody else could be.
                if (_status.IsLeaving && led.Leader == Node) HandOver();
                break;
            case Look when !_isBusy:
                _isBusy = true;
                _group.GetStatus(_settings.ActionTimeout).PipeTo(Self, success: status => new Looked(status), failure: _ => new Looked(null));
                break;
            case Looked looked:
                OnLooked(looked.Status);
                break;
            case Acted acted:
                OnActed(acted);
                break;
            case RaftNodeStopped:
                Context.Stop(Self);
                break;
        }
    }

    void OnCluster()
    {
        var before = _view;
        _view = ClusterView.Of(_members.Peers, _settings);
        TellAddresses(before);
        if (!before.Problems.SequenceEqual(_view.Problems))
        {
            foreach (var problem in _view.Problems.Except(before.Problems)) _log.Warning("group {0}: {1}.", _group.Settings.GroupId, problem);
            if (_view.Problems.IsEmpty) _log.Info("group {0}: the roles of all cluster members are in order again", _group.Settings.GroupId);
            Publish(new ClusterProblemsChanged(_view.Problems));
        }

        Show(_status with { Members = [.. _view.Nodes.Values], Problems = _view.Problems });
    }

    /// <summary>The address book: whom the cluster has somewhere else than before, or has reached again, the node greets there at once.</summary>
    void TellAddresses(ClusterView before)
    {
        if (!_settings.AddressHints) return;
        foreach (var (id, member) in _view.Nodes)
        {
            if (id == Node || !member.IsReachable) continue;
            if (before.Nodes.TryGetValue(id, out var known) && known.IsReachable && known.Address == member.Address) continue;
            _group.Hint(id, member.Address);
        }

        foreach (var gone in before.Nodes.Keys.Where(id => id != Node && !_view.Nodes.ContainsKey(id))) _group.Hint(gone, null);
    }

    void OnLeaving()
    {
        if (_status.IsLeaving) return;
        Show(_status with { IsLeaving = true });
        HandOver();
    }

    void HandOver()
    {
        if (!_settings.HandOverOnLeave) return;
        _log.Info("node {0}: its cluster member is leaving; if it leads, it hands over first", Node);
        _ = _group.HandOver();
    }

    void OnLooked(RaftStatus? status)
    {
        _isBusy = false;
        if (status is null) return;   // the node is busy recovering or stopping, and leads nobody
        var (decision, memory) = AutopilotPolicy.Decide(
            new AutopilotView { Status = status, Cluster = _view, Now = Now, SilentAfter = _group.Settings.ElectionTimeoutMax, IsLeaving = _status.IsLeaving }, _memory, _settings);
        _memory = memory;
        if (decision.Reason != _status.LastDecision?.Reason) _log.Debug("group {0}: autopilot: {1}", _group.Settings.GroupId, decision.Reason);
        Show(_status with { LastDecision = decision, DecidedAt = _time.GetUtcNow() });
        if (decision.Action is not { } action) return;

        _isBusy = true;
        _log.Info("group {0}: autopilot {1}: {2}", _group.Settings.GroupId, action.What, decision.Reason);
        Show(_status with { LastAction = new RaftAutopilotResult(action, decision.Reason, IsOver: false, Failure: null) });
        Publish(new AutopilotActs(action, decision.Reason));
        _group.Client.ChangeMembers(action.Change, _settings.ActionTimeout)
            .PipeTo(Self, success: configuration => new Acted(action, decision.Reason, configuration, null), failure: failure => new Acted(action, decision.Reason, null, failure));
    }

    void OnActed(Acted acted)
    {
        _isBusy = false;
        Show(_status with { LastAction = new RaftAutopilotResult(acted.Action, acted.Reason, IsOver: true, acted.Failure) });
        if (acted.Failure is { } failure)
        {
            // Somebody else was quicker: there is nothing wrong with the change itself.
            if (failure is not MembershipChangeException { Failure: MembershipChangeFailure.ConfigurationChanged }) _memory = _memory.Failed(acted.Action, Now);
            _log.Warning("group {0}: autopilot {1}: that failed, and it looks again: {2}", _group.Settings.GroupId, acted.Action.What, failure.Message);
            Publish(new AutopilotFailed(acted.Action, failure));
            return;
        }

        _log.Info("group {0}: autopilot {1}: done, the members are {2}", _group.Settings.GroupId, acted.Action.What, acted.Configuration);
        Publish(new AutopilotActed(acted.Action, acted.Configuration!));
        // What comes next need not wait for the next look.
        Self.Tell(Look.Instance);
    }

    void Show(RaftClusterStatus status) => _attached.Show(_status = status);

    void Publish(RaftEvent happened) => Context.System.EventStream.Publish(happened with
    {
        Cluster = _group.Settings.ClusterId, Group = _group.Settings.GroupId, Node = Node, At = _time.GetUtcNow(),
    });

    /// <summary>To itself: time to look.</summary>
    sealed record Look : INoSerializationVerificationNeeded
    {
        public static readonly Look Instance = new();
    }

    /// <summary>To itself: how the node is; null if it did not say.</summary>
    sealed record Looked(RaftStatus? Status) : INoSerializationVerificationNeeded;

    /// <summary>To itself: what became of a change.</summary>
    sealed record Acted(RaftAutopilotAction Action, string Reason, RaftConfiguration? Configuration, Exception? Failure) : INoSerializationVerificationNeeded;
}
