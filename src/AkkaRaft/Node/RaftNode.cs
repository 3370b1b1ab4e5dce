using Akka.Actor;
using Akka.Event;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Protocol;
using AkkaRaft.StateMachine;

namespace AkkaRaft.Node;

/// <summary>
/// A Raft node: the shell around <see cref="RaftCore"/>. Its FSM states are the roles; each hands what came to the core, carries out the effects in
/// order, and goes to the role that the core decided. No rule of Raft is here.
/// </summary>
internal sealed partial class RaftNode : FSM<RaftRole, NodeData>
{
    const string TickTimer = "tick";
    const string ReopenTimer = "reopen";
    const string OverdueTimer = "overdue";

    /// <summary>Their answers come together, so that each waits for the slowest of so many.</summary>
    const int MaxQueriesAtOnce = 64;

    readonly RaftNodeOptions _options;
    readonly RaftSettings _settings;
    readonly ILoggingAdapter _log = Context.GetLogger();
    readonly StopStrategy _strategy = new();
    readonly NodeChildren _children;
    readonly Effects _effects = new();
    readonly AddressHints _hints = new();
    readonly LeaderAskers _askers = new();
    readonly List<RunQuery> _queries = [];
    readonly ulong _incarnation;
    readonly string _address;

    RaftCore? _core;
    PeerLinks? _peers;
    Journals.NodeIdentity? _identity;
    ClientDesk? _desk;
    TimeSpan _readySince;
    int _journalFailures;
    bool _flushing;

    public RaftNode(RaftNodeOptions options)
    {
        _options = options;
        _settings = options.Settings;
        _address = options.Address;
        _incarnation = options.Entropy();
        _children = new NodeChildren(Context, options);

        _startedAt = Now;

        StartWith(RaftRole.Recovering, NodeData.Starting(options));
        When(RaftRole.Recovering, Recover);
        When(RaftRole.Follower, Drive);
        When(RaftRole.PreCandidate, Drive);
        When(RaftRole.Candidate, Drive);
        When(RaftRole.Leader, Drive);
        When(RaftRole.InstallingSnapshot, Drive);
        When(RaftRole.Stopping, FinishStopping);
        Initialize();
    }

    public static Props Props(RaftNodeOptions options) => Akka.Actor.Props.Create(typeof(RaftNode), options);

    protected override void PreStart()
    {
        base.PreStart();
        _children.Open();
    }

    // A node that breaks does not leave the protocol in order; those who wait are told all the same. What a broken step had not told the desk, it had not sent.
    protected override void PostStop()
    {
        EndTransfers("it broke or was stopped from outside");
        EndMembershipRequests("it broke or was stopped from outside");
        _backups?.End($"node {_settings.NodeId} broke or was stopped from outside", Self);
        _desk?.OnStopping("it broke or was stopped from outside");
        _desk?.SendReplies(LeaderHint.Nobody(), Self);
        base.PostStop();
    }

    protected override SupervisorStrategy SupervisorStrategy() => _strategy;

    Instant Now => new(_options.Time.GetElapsedTime(0), _options.Time.GetUtcNow());

    LeaderHint Leader => _core is { State: var state } && state.Leader is { } leader
        ? new LeaderHint(state.Term, leader, _peers!.AddressOf(leader))
        : Nobody;

    LeaderHint Nobody => LeaderHint.Nobody(_core?.State.Vote.DurableTerm ?? Term.Zero);

    /// <summary>Every role: the event to the core, its effects carried out, the state that it decided.</summary>
    State<RaftRole, NodeData> Drive(Event<NodeData> e)
    {
        switch (e.FsmEvent)
        {
            case Tick tick:
                Step(tick);
                _peers!.Watch(Now.Monotonic, _core!.State.Role == RaftRole.Leader, Self);
                _backups!.OnTick(Now.Monotonic, Self);
                break;
            case PeerMessage { Header: var header, Message: var message }:
                if (!LetsIn(header) || message.From != header.From) break;
                NoteVouching(header, message);
                Step(_peers!.IsNew(header) ? message with { FromStorage = header.FromStorage } : message);
                break;
            case Greeting greeting when WhyLeftBehind(greeting.Header) is { } why:
                return BeginStopping(why);
            case Greeting greeting:
                if (LetsIn(greeting.Header, greeting.IsReply)) _peers!.OnGreeting(greeting, Self);
                break;
            case IdentityRefused refused:
                if (WhyStranger(refused) is { } stranger) return BeginStopping(stranger);
                break;
            case Written written when IsStorage(Sender):
                if (written.Event is { } stored) _options.Observer?.Stored(stored);
                TellOfSnapshot(written.Input);
                if (written.Input is EntriesPersisted persisted) _latency.Confirmed(persisted.WriteId, Now.Monotonic);
                Step(written.Input);
                break;
            case EntriesApplied applied when Sender.Equals(_children.Machine):
                _desk!.OnApplied(applied, Now.Monotonic);
                Step(new Applied(applied.UpTo));
                break;
            case QueriesAnswered { Answers: var answers } when Sender.Equals(_children.Machine):
                foreach (var answered in answers) _desk!.OnAnswered(answered);
                break;
            case ProposeBatch or QueryBatch when !IsOfStranger(e.FsmEvent):
                OnRequests(e.FsmEvent);
                break;
            case Flush:
                OnFlush();
                break;
            case SnapshotUnreadable unreadable when Sender.Equals(_children.SnapshotStore):
                return BeginStopping(Unreadable(unreadable));
            case JournalFailed failed when IsStorage(Sender):
                return StartOver($"{failed.Journal} journal: {failed.What}", failed.Cause);
            case Terminated gone:
                return OnChildGone(gone.ActorRef);
            case StopNode { MayHandOver: true } when CanHandOver:
                OnHandOver(null);
                break;
            case StopNode:
                return BeginStopping(null);
            case HandOver { Done: var done } when CanHandOver:
                OnHandOver(done);
                break;
            case HandOverOverdue:
                FinishHandOver();
                break;
            case TransferRequest request when !IsOfStranger(request):
                OnTransferRequest(request);
                break;
            case MembershipRequest request when !IsOfStranger(request):
                OnMembershipRequest(request);
                break;
            case BackupRequest request when !IsOfStranger(request):
                OnBackupRequest(request);
                break;
            case BackupPieceRequest request when !IsOfStranger(request):
                OnBackupPieceRequest(request);
                break;
            case LeaderRequest request when !IsOfStranger(request):
                Step(Look.Instance);
                OnAnyTime(request);
                _askers.Remember(Sender, Now.Monotonic);
                break;
            default:
                if (OnSnapshotEvent(e.FsmEvent)) break;
                return OnAnyTime(e.FsmEvent);
        }

        SettleBackups();
        SettleHandOver();
        _desk!.SendReplies(Leader, Self);
        var shown = _core!.State is { Role: RaftRole.Follower, IsInstalling: true } ? RaftRole.InstallingSnapshot : _core.State.Role;
        return shown == StateName ? Stay() : GoTo(shown);
    }

    bool IsStorage(IActorRef sender) => sender.Equals(_children.TermJournal) || sender.Equals(_children.LogJournal) || sender.Equals(_children.SnapshotStore);

    void Step(Input input)
    {
        _wasHandingOver = input is TransferLeadership || _core!.State.Leadership is { Transfer: not null };
        _core!.Step(Now, input, _effects);
        _options.Observer?.Stepped(_core, input, _effects.All);
        var reconfigured = FollowConfiguration();
        foreach (var effect in _effects.All) Execute(effect);
        _effects.Clear();
        RunQueries();
        if (reconfigured) TellConfiguration();
    }

    void Execute(Effect effect)
    {
        switch (effect)
        {
            case Send send:
                _peers!.Send(send.To, send.Message, Self);
                break;
            case PersistTerm persist:
                _children.TermJournal.Tell(new Write(persist));
                break;
            case AppendToLog append:
                _latency.Began(append.WriteId, Now.Monotonic);
                _children.LogJournal.Tell(new Write(append));
                break;
            case ApplyCommitted apply:
                _children.Machine.Tell(new ApplyEntries([.. apply.Entries.Select(entry => new CommittedEntry(entry, _desk!.WantsResult(entry.Id)))]));
                break;
            case ProposalAppended appended:
                _desk!.OnAppended(appended);
                break;
            case ProposalRefused refused:
                _desk!.OnRefused(refused.ProposalId, refused.Reason);
                break;
            case ReadReady ready when BackupDesk.IsRead(ready.ReadId):
                _backups!.OnRead(ready);
                break;
            case ReadRefused refused when BackupDesk.IsRead(refused.ReadId):
                OnBackupReadRefused(refused);
                break;
            case ReadReady ready:
                if (_desk!.QueryOf(ready) is { } query) _queries.Add(new RunQuery(ready.ReadId, query));
                break;
            case ReadRefused { Reason: RequestRefusal.NotLeader } held when _wasHandingOver:
                _desk!.Hold(held.ReadId);
                break;
            case TransferEnded ended:
                OnTransferEnded(ended);
                break;
            case MembershipEnded ended:
                OnMembershipEnded(ended);
                break;
            case ReadRefused refused:
                _desk!.OnRefused(refused);
                break;
            case RoleChanged changed:
                OnRoleChanged(changed);
                break;
            case LeaderChanged changed:
                if (changed.Leader is { } leader) _log.Info("node {0}: node {1} leads term {2}", _settings.NodeId, leader, changed.Term);
                else _log.Info("node {0}: no leader is known in term {1}", _settings.NodeId, changed.Term);
                Publish(new Events.LeaderChanged(changed.Leader, changed.Term, changed.Leader is { } known ? _peers!.AddressOf(known) : null));
                if (changed.Leader is not null) TellAskers();
                break;
            default:
                ExecuteOfSnapshots(effect);
                break;
        }
    }

    // Those that one round has confirmed run together, and are answered together.
    void RunQueries()
    {
        foreach (var some in _queries.Chunk(MaxQueriesAtOnce)) _children.Machine.Tell(new RunQueries(some));
        _queries.Clear();
    }

    void OnRoleChanged(RoleChanged changed)
    {
        if (changed.From == changed.To) return;
        _log.Info("node {0}: {1} -> {2} in term {3}: {4}", _settings.NodeId, changed.From, changed.To, changed.Term, changed.Reason);
        Publish(new Events.RoleChanged(changed.From, changed.To, changed.Term, changed.Reason));
        if (changed.From == RaftRole.Leader) _desk!.OnLeadershipLost(changed.Reason);
        if (changed.To == RaftRole.Leader) _peers!.ExpectAnswers(Now.Monotonic);
    }

    /// <summary>Requests that wait in the mailbox become one batch: they are gathered, and the flush comes after the last of them.</summary>
    void OnRequests(object batch)
    {
        if (_core!.State.Role != RaftRole.Leader && !HoldsRequests && batch is not QueryBatch { Terms.AnyNode: true })
        {
            RefuseRequests(batch, ClientDesk.DoesNotLead(_settings.NodeId));
            return;
        }

        if (batch is ProposeBatch proposals) _desk!.Gather(proposals, Sender);
        else _desk!.Gather((QueryBatch)batch, Sender);
        if (!_flushing && _desk.HasGathered && !HoldsRequests) ScheduleFlush();
    }

    void ScheduleFlush()
    {
        _flushing = true;
        Self.Tell(Flush.Instance);
    }

    void OnFlush()
    {
        _flushing = false;
        if (HoldsRequests) return;
        var (proposals, reads) = _desk!.TakeGathered();
        if (proposals is not null) Step(proposals);
        foreach (var read in reads) Step(read);
    }

    LeaderReply LeaderIs() => new(_settings.NodeId, Leader) { Members = KnownMembers };

    void TellAskers()
    {
        foreach (var asker in _askers.Take(Now.Monotonic)) asker.Tell(LeaderIs());
    }

    void RefuseRequests(object batch, string why) =>
        Sender.Tell(ClientDesk.Refusal(_settings.NodeId, Leader, ClientDesk.RequestsOf(batch), ClientOutcome.NotLeader, why));

    // A hint of this cluster, with terms of its own, would hide the asker's true leader from it: a stranger learns nothing but that it is one.
    void RefuseStranger(object message)
    {
        var (cluster, group) = AddresseeOf(message)!.Value;
        var what = $"A request for group \"{group}\" of cluster \"{cluster}\"";
        var me = $"this is node {_settings.NodeId} of group \"{_settings.GroupId}\" in cluster \"{_settings.ClusterId}\"";
        _peers?.Drop("request for another cluster", $"{what}, sent by {Sender}, was refused: {me}. Check the client's addresses and cluster id.");
        if (message is not (ProposeBatch or QueryBatch)) return;
        Sender.Tell(ClientDesk.Refusal(_settings.NodeId, LeaderHint.Nobody(), ClientDesk.RequestsOf(message), ClientOutcome.Rejected,
            $"{what} was not appended: {me}. Check the client's addresses and cluster id."));
    }

    bool IsOfStranger(object message) => AddresseeOf(message) is var (cluster, group) && (cluster != _settings.ClusterId || group != _settings.GroupId);

    static (ClusterId Cluster, GroupId Group)? AddresseeOf(object message) => message switch
    {
        ProposeBatch m => (m.Cluster, m.Group),
        QueryBatch m => (m.Cluster, m.Group),
        LeaderRequest m => (m.Cluster, m.Group),
        StatusRequest m => (m.Cluster, m.Group),
        ExplainRequest m => (m.Cluster, m.Group),
        TransferRequest m => (m.Cluster, m.Group),
        MembershipRequest m => (m.Cluster, m.Group),
        BackupRequest m => (m.Cluster, m.Group),
        BackupPieceRequest m => (m.Cluster, m.Group),
        _ => null,
    };

    /// <summary>What is answered in every state.</summary>
    State<RaftRole, NodeData> OnAnyTime(object message)
    {
        switch (message)
        {
            case ProposeBatch or QueryBatch or LeaderRequest or StatusRequest or ExplainRequest or TransferRequest or MembershipRequest or BackupRequest or BackupPieceRequest when IsOfStranger(message):
                RefuseStranger(message);
                break;
            case ProposeBatch or QueryBatch:
                RefuseRequests(message, $"Node {_settings.NodeId} is {StateName.ToString().ToLowerInvariant()}. The request was not appended.");
                break;
            case LeaderRequest:
                Sender.Tell(LeaderIs());
                break;
            case StatusRequest:
                Sender.Tell(new StatusReply(Status));
                break;
            case ExplainRequest:
                Sender.Tell(new ExplainReply(Explanation));
                break;
            case TransferRequest request:
                Sender.Tell(new TransferReply(_settings.NodeId, Leader, request.RequestId, TransferOutcome.NotLeader, $"node {_settings.NodeId} does not lead"));
                break;
            case MembershipRequest request:
                Sender.Tell(new MembershipReply(_settings.NodeId, Leader, request.RequestId, MembershipOutcome.NotLeader, LogIndex.Zero, $"node {_settings.NodeId} does not lead"));
                break;
            case BackupRequest request:
                Sender.Tell(new BackupReply(_settings.NodeId, request.RequestId, BackupOutcome.NotNow, $"node {_settings.NodeId} is {StateName.ToString().ToLowerInvariant()}"));
                break;
            case HandOver handOver:
                handOver.Done.TrySetResult();
                break;
            case PeerAddressHint hint:
                _hints.Hear(hint.Node, hint.Address);
                _peers?.OnHint(hint.Node, Now.Monotonic, Self);
                break;
            case UnreadableMessage unreadable:
                _log.Debug("Node {0} got a message \"{1}\" that it cannot read: {2}", _settings.NodeId, unreadable.Manifest, unreadable.Reason);
                _peers?.Drop($"unreadable \"{unreadable.Manifest}\"", $"A message \"{unreadable.Manifest}\" could not be read and was dropped: {unreadable.Reason}");
                break;
        }

        return Stay();
    }
}
