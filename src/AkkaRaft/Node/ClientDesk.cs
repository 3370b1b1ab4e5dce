using System.Text;
using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Protocol;
using AkkaRaft.Serialization;
using AkkaRaft.Settings;
using AkkaRaft.StateMachine;

namespace AkkaRaft.Node;

/// <summary>
/// Clients' requests at one node, from their arrival to their reply. Each ends exactly once, with no more than what is known: refused before it was
/// appended, applied with its result, or unknown.
/// </summary>
internal sealed class ClientDesk
{
    /// <summary>Handlers of the user may throw texts of any length; one that does not fit into a frame would be lost with all that is beside it.</summary>
    const int MaxErrorLength = 2000;

    readonly NodeId _me;
    readonly RaftSettings _settings;
    readonly IPayloadCodec _codec;
    readonly Func<Type, bool> _isCommand;
    readonly Func<Type, bool> _isQuery;
    List<Proposal> _proposals = [];
    readonly GatheredReads _reads = new();
    readonly Dictionary<long, Waiting> _waiting = [];
    readonly Dictionary<EntryId, Waiting> _appended = [];
    readonly Dictionary<IActorRef, List<ClientReply>> _replies = [];

    readonly DrainRate _drain = new();

    long _lastRequest;
    long _gatheredBytes;

    public ClientDesk(NodeId me, RaftSettings settings, IPayloadCodec codec, MachineTypes admitted)
    {
        _me = me;
        _settings = settings;
        _codec = codec;
        _isCommand = admitted.IsCommand;
        _isQuery = admitted.IsQuery;
    }

    /// <summary>Whether anything is gathered for the next flush.</summary>
    public bool HasGathered => _proposals.Count > 0 || _reads.Count > 0;

    /// <summary>Takes in proposals at the leader. What this node could not read is refused here: it would stop every replica at every restart.</summary>
    public void Gather(ProposeBatch batch, IActorRef client)
    {
        foreach (var request in batch.Requests)
        {
            if (RefusalOf(request.Body, "command", _isCommand) is { } error) Refuse(client, request.RequestId, error);
            else if (_appended.Count + _proposals.Count >= _settings.MaxPendingProposals) RefuseOverload(client, request.RequestId, SettingKeys.MaxPendingProposals);
            else if (_gatheredBytes + request.Body.Size > _settings.MaxPendingProposalBytes) RefuseOverload(client, request.RequestId, SettingKeys.MaxPendingProposalBytes);
            else if (MayWait(client, request.RequestId))
            {
                _proposals.Add(new Proposal(Wait(client, request), request.Body) { Stamp = StampOf(batch, request) });
                _gatheredBytes += request.Body.Size;
            }
        }

        if (batch.Call is { } call) Gather(call, batch.Session, client);
    }

    // Another copy of what is already in the log is appended again: only the table of sessions, which is the same on every node, knows for sure what is applied.
    static SessionStamp? StampOf(ProposeBatch batch, ClientRequest request) =>
        batch.Session is { } session ? new SessionStamp(session.Id, request.Sequence, session.LowestUnanswered) : null;

    /// <summary>Takes in what a client asks for its session itself. The limits are this leader's, and all nodes learn them from the entry.</summary>
    void Gather(SessionCall call, BatchSession? session, IActorRef client)
    {
        if (call.RequestId == 0) client = ActorRefs.Nobody;
        if (_appended.Count + _proposals.Count >= _settings.MaxPendingProposals) RefuseOverload(client, call.RequestId, SettingKeys.MaxPendingProposals);
        else if (MayWait(client, call.RequestId))
            _proposals.Add(new Proposal(Wait(client, SessionReplies.RequestOf(call)), null) { Session = SessionReplies.ProposalOf(call, session, _settings) });
    }

    /// <summary>Takes in queries: at the leader, or anywhere if their terms say so.</summary>
    public void Gather(QueryBatch batch, IActorRef client)
    {
        foreach (var request in batch.Requests)
        {
            if (RefusalOf(request.Body, "query", _isQuery) is { } error) Refuse(client, request.RequestId, error);
            else if (_waiting.Count - _proposals.Count >= _settings.MaxPendingReads) RefuseOverload(client, request.RequestId, SettingKeys.MaxPendingReads);
            else if (MayWait(client, request.RequestId)) _reads.Add(Wait(client, request, batch.Terms), batch.Terms);
        }
    }

    /// <summary>What was gathered since the last flush, each once.</summary>
    public (Propose? Proposals, IReadOnlyList<Input> Reads) TakeGathered()
    {
        _gatheredBytes = 0;
        if (_proposals.Count == 0) return (null, _reads.Take());
        var proposals = new Propose(_proposals);
        _proposals = new List<Proposal>(_proposals.Count);
        return (proposals, _reads.Take());
    }

    /// <summary>A read that cannot be answered here is kept until it is known who can.</summary>
    public void Hold(long readId)
    {
        if (_waiting.TryGetValue(readId, out var waiting)) _reads.Add(readId, waiting.Terms);
    }

    public bool WantsResult(EntryId entry) => _appended.ContainsKey(entry);

    public void OnAppended(ProposalAppended appended)
    {
        if (_waiting.Remove(appended.ProposalId, out var waiting)) _appended.Add(appended.Entry, waiting);
    }

    public void OnRefused(long id, RequestRefusal reason)
    {
        if (!_waiting.Remove(id, out var waiting)) return;
        if (reason == RequestRefusal.NotLeader) Reply(waiting, ClientOutcome.NotLeader, DoesNotLead(_me));
        else if (reason == RequestRefusal.HandingOver)
            Reply(waiting, ClientOutcome.NotLeader, $"Node {_me} is handing its leadership over. The request was not appended.");
        else RefuseOverload(waiting.Client, waiting.RequestId, waiting.IsQuery ? SettingKeys.MaxPendingReads : $"{SettingKeys.MaxPendingProposals} or {SettingKeys.MaxPendingProposalBytes}");
    }

    public void OnRefused(ReadRefused refused)
    {
        if (refused.Reason is RequestRefusal.NotLeader or RequestRefusal.Overloaded)
        {
            OnRefused(refused.ReadId, refused.Reason);
            return;
        }

        if (!_waiting.Remove(refused.ReadId, out var waiting)) return;
        var (outcome, why) = refused.Reason switch
        {
            RequestRefusal.NotApplied => (ClientOutcome.TooStale, $"has applied the log up to index {refused.Applied}, and did not get in time as far as the query wants"),
            RequestRefusal.TooStale => (ClientOutcome.TooStale,
                $"has applied the log up to index {refused.Applied}, and did not hear in time, as lately as the query wants, a leader that knew no more to be committed"),
            _ => (ClientOutcome.NotLeader, "has heard no leader for an election timeout"),
        };
        Reply(waiting, outcome, $"Node {_me} {why}. The query was not answered. Ask again, or another node.", refused.Applied);
    }

    /// <summary>A read may run; returns its query.</summary>
    public Payload? QueryOf(ReadReady ready) => _waiting.GetValueOrDefault(ready.ReadId)?.Body;

    public void OnAnswered(QueryAnswered answered)
    {
        if (!_waiting.Remove(answered.ReadId, out var waiting)) return;
        if (answered.Error is { } error) Reply(waiting, ClientOutcome.QueryFailed, error);
        else ReplyOk(waiting, answered.Index, answered.Value);
    }

    public void OnApplied(EntriesApplied applied, TimeSpan now)
    {
        _drain.Count(applied.Results.Count, now);
        foreach (var result in applied.Results)
        {
            if (!_appended.Remove(result.Entry, out var waiting)) continue;
            if (SessionReplies.Refusal(result) is { } refusal) Reply(waiting, refusal.Outcome, refusal.Error, result.Entry.Index);
            else if (result.Error is { } error) Reply(waiting, ClientOutcome.ResultUnavailable, error, result.AppliedAt ?? result.Entry.Index);
            else if (result.Opened is { } limits) Add(waiting.Client, SessionReplies.Opened(waiting.RequestId, result.Entry.Index, limits));
            else ReplyOk(waiting, result.AppliedAt ?? result.Entry.Index, result.Value);
        }
    }

    /// <summary>
    /// This node leads no longer. What is in the log may still be committed by others (Raft figure 8), so its fate is unknown here; what was not appended
    /// surely never will be. Reads that were confirmed are still answered.
    /// </summary>
    public void OnLeadershipLost(string why)
    {
        foreach (var waiting in _appended.Values.OrderBy(waiting => waiting.Number))
            Reply(waiting, ClientOutcome.Unknown, $"Node {_me} led when the command was appended, and leads no longer: {why}. " +
                "It may or may not be committed. Read the state before you try again.");
        _appended.Clear();
    }

    /// <summary>The node starts over or stops: everything here ends.</summary>
    public void OnStopping(string why)
    {
        OnLeadershipLost(why);
        foreach (var waiting in _waiting.Values.OrderBy(waiting => waiting.Number)) Reply(waiting, ClientOutcome.NotLeader, DoesNotLead(_me));
        _waiting.Clear();
        _proposals.Clear();
        _reads.Clear();
        _gatheredBytes = 0;
    }

    /// <summary>What a batch asks for.</summary>
    public static IReadOnlyList<ClientRequest> RequestsOf(object batch) => batch switch
    {
        ProposeBatch { Call: { } call } proposals => [.. proposals.Requests, SessionReplies.RequestOf(call)],
        ProposeBatch proposals => proposals.Requests,
        _ => ((QueryBatch)batch).Requests,
    };

    /// <summary>Refuses a whole batch. The text is told once: with it the replies to the many small requests of a frame would not fit into another one.</summary>
    public static ClientReplyBatch Refusal(NodeId me, LeaderHint leader, IReadOnlyList<ClientRequest> requests, ClientOutcome outcome, string why) =>
        new(me, leader, [.. requests.Select((request, place) => new ClientReply(request.RequestId, outcome, LogIndex.Zero, null, place == 0 ? Short(why) : null))]);

    /// <summary>Sends the replies of this step, each client's together, in frames that Akka.Remote can carry.</summary>
    public void SendReplies(LeaderHint leader, IActorRef self)
    {
        if (_replies.Count == 0) return;
        foreach (var (client, replies) in _replies)
        {
            var from = 0;
            while (from < replies.Count)
            {
                var bytes = 0;
                var to = from;
                while (to < replies.Count && (to == from || bytes + SizeOf(replies[to]) <= _settings.AppendMaxBytes)) bytes += SizeOf(replies[to++]);
                client.Tell(new ClientReplyBatch(_me, leader, replies.GetRange(from, to - from)), self);
                from = to;
            }
        }

        _replies.Clear();
    }

    public static string DoesNotLead(NodeId me) => $"Node {me} does not lead. The request was not appended.";

    string? RefusalOf(Payload body, string what, Func<Type, bool> isKnown)
    {
        if (body.Bytes.Length > _settings.MaxCommandSize)
            return $"The {what} has {body.Bytes.Length} bytes; max-command-size allows {_settings.MaxCommandSize}. Nothing was changed. " +
                "Send less at a time, or raise the setting on all nodes and clients.";
        try
        {
            var decoded = body.Decoded ?? _codec.Decode(body);
            if (!isKnown(decoded.GetType()))
                return $"The state machine has no handler for the {what} {decoded.GetType()}. Nothing was changed. Register one in its constructor.";
            body.Decoded = decoded;
            return null;
        }
        catch (PayloadUnreadableException unreadable)
        {
            return unreadable.Message;
        }
    }

    bool MayWait(IActorRef client, long requestId)
    {
        if (_proposals.Count + _reads.Count < _settings.MaxBufferedRequests) return true;
        Refuse(client, requestId, $"Node {_me} has gathered {_settings.MaxBufferedRequests} requests, as many as max-buffered-requests allows. This one was not appended. " +
            "Try again later.", ClientOutcome.Overloaded, RetryAfter);
        return false;
    }

    long Wait(IActorRef client, ClientRequest request, QueryTerms? terms = null)
    {
        _lastRequest++;
        _waiting.Add(_lastRequest, new Waiting(_lastRequest, client, request.RequestId, request.Body) { Terms = terms ?? QueryTerms.AtLeader, IsQuery = terms is not null });
        return _lastRequest;
    }

    void ReplyOk(Waiting waiting, LogIndex index, Payload? value)
    {
        if (value is not null && value.Size > _settings.AppendMaxBytes)
            Reply(waiting, ClientOutcome.ResultUnavailable, $"The result has {value.Size} bytes; append-max-bytes allows {_settings.AppendMaxBytes} in one message. " +
                "The request was carried out; only its result is not sent. Make the result smaller, or raise append-max-bytes and Akka.Remote's maximum-frame-size.", index);
        else Add(waiting.Client, new ClientReply(waiting.RequestId, ClientOutcome.Ok, index, value, null));
    }

    void Refuse(IActorRef client, long requestId, string error, ClientOutcome outcome = ClientOutcome.Rejected, TimeSpan? retryAfter = null) =>
        Add(client, new ClientReply(requestId, outcome, LogIndex.Zero, null, Short(error)) { RetryAfter = retryAfter });

    // Half of what waits: then there is room again, and the others who were refused have come back too.
    TimeSpan? RetryAfter => _drain.TimeFor((_appended.Count + _waiting.Count + 1) / 2);

    void RefuseOverload(IActorRef client, long requestId, string limit) => Refuse(client, requestId,
        $"Node {_me} has as many requests waiting as {limit} allows. This one was not appended. " +
        "Try again later, or with fewer requests at a time.", ClientOutcome.Overloaded, RetryAfter);

    void Reply(Waiting waiting, ClientOutcome outcome, string error, LogIndex index = default) =>
        Add(waiting.Client, new ClientReply(waiting.RequestId, outcome, index, null, Short(error)));

    void Add(IActorRef client, ClientReply reply)
    {
        if (!_replies.TryGetValue(client, out var replies)) _replies.Add(client, replies = []);
        replies.Add(reply);
    }

    static int SizeOf(ClientReply reply) => 32 + (reply.Value?.Size ?? 0) + (reply.Error is { } error ? Encoding.UTF8.GetByteCount(error) : 0);

    public static string Short(string error) => error.Length <= MaxErrorLength ? error : string.Concat(error.AsSpan(0, MaxErrorLength), " ...");

    sealed class Waiting(long number, IActorRef client, long requestId, Payload body)
    {
        public long Number => number;

        public IActorRef Client => client;

        public long RequestId => requestId;

        public Payload Body => body;

        public bool IsQuery { get; init; }

        /// <summary>Of a query.</summary>
        public QueryTerms Terms { get; init; } = QueryTerms.AtLeader;
    }
}

/// <summary>What the state machine has handlers for.</summary>
internal sealed class MachineTypes(IEnumerable<Type> commands, IEnumerable<Type> queries)
{
    readonly HashSet<Type> _commands = [.. commands];
    readonly HashSet<Type> _queries = [.. queries];

    public bool IsCommand(Type type) => _commands.Contains(type);

    public bool IsQuery(Type type) => _queries.Contains(type);
}
