using AkkaRaft.Consensus;
using AkkaRaft.Protocol;

namespace AkkaRaft.Client;

/// <summary>
/// Queries that one node is to answer, whether it leads or not: a named one, or the contact points in turn. A query changes nothing, so that it is sent again wherever
/// there was no answer, and any of the answers will do. It knows nothing of leaders.
/// </summary>
internal sealed class NodeReads(RaftClientSettings settings, OperationTable numbers, Func<NodeId, NodeAddress?> placeOf)
{
    /// <summary>Twice as long each time: a network that is slower than the first wait must not be asked for ever without being heard.</summary>
    const int MostDoublings = 4;

    /// <summary>A query may have all the time in the world; an answer to an older flight is no longer listened for.</summary>
    const int MostFlights = 32;

    readonly NodeAddress[] _contacts = [.. settings.ContactPoints.Select(contact => NodeAddress.Parse(contact.Address))];

    // Sorted, because they may be walked, and the order of a walk is seen by others.
    readonly SortedDictionary<long, NodeRead> _open = [];
    readonly SortedDictionary<long, NodeRead> _ready = [];
    readonly Dictionary<long, NodeRead> _flights = [];
    int _turn;

    /// <summary>When something has to be sent again; not later than that, perhaps earlier. Null while nothing waits for a time.</summary>
    public TimeSpan? NextAt { get; private set; }

    public bool HasReady => _ready.Count > 0;

    public void Begin(StateOperation operation)
    {
        var read = new NodeRead(operation);
        _open.Add(operation.Sequence, read);
        _ready.Add(operation.Sequence, read);
    }

    public void End(StateOperation operation)
    {
        if (!_open.Remove(operation.Sequence, out var read)) return;
        _ready.Remove(operation.Sequence);
        foreach (var request in read.Requests) _flights.Remove(request);
    }

    /// <summary>Time has passed: what was silent, or had to wait, is ready to be sent again.</summary>
    /// <returns>Whether anything is.</returns>
    public bool OnTime(TimeSpan now)
    {
        if (NextAt is null || now < NextAt) return false;
        NextAt = null;
        foreach (var (sequence, read) in _open)
        {
            if (read.DueAt is not { } due) continue;
            if (due <= now) Ready(sequence, read);
            else Wake(due);
        }

        return HasReady;
    }

    /// <summary>What is ready, in as few messages as may be.</summary>
    public IReadOnlyList<(NodeAddress To, QueryBatch Message)> Send(TimeSpan now)
    {
        var batches = new List<(NodeAddress, QueryBatch)>();
        var gathered = new List<(NodeAddress To, QueryTerms Terms, NodeRead Read)>();
        foreach (var read in _ready.Values)
        {
            if (NextPlace(read) is { } to) gathered.Add((to, TermsOf(read.Operation, now), read));
            else DueAt(read, now + settings.LeaderPollInterval);
        }

        _ready.Clear();
        foreach (var group in gathered.GroupBy(each => (each.To, each.Terms)))
        {
            var requests = new List<ClientRequest>();
            var bytes = 0;
            foreach (var (to, terms, read) in group)
            {
                if (requests.Count > 0 && (requests.Count == settings.MaxBatchRequests || bytes + read.Operation.Size > settings.MaxBatchBytes))
                {
                    batches.Add((to, Batch(requests, terms)));
                    (requests, bytes) = ([], 0);
                }

                requests.Add(new ClientRequest(TakeOff(read, to, terms, now), read.Operation.Body));
                bytes += read.Operation.Size;
            }

            batches.Add((group.Key.To, Batch(requests, group.Key.Terms)));
        }

        return batches;
    }

    /// <summary>Whose flight has this number; null if it is over, or none of these.</summary>
    public StateOperation? InFlight(long requestId) => _flights.GetValueOrDefault(requestId)?.Operation;

    /// <summary>Whether any contact point will do, and not all were asked yet.</summary>
    public bool HasOthers(long requestId) => HasOthers(_flights[requestId]);

    /// <summary>The node cannot answer now: another one is asked, or the same one later.</summary>
    public void OnRefused(long requestId, string why, TimeSpan now)
    {
        var read = _flights[requestId];
        read.LastRefusal = why;
        if (requestId == read.Requests[^1]) Retry(read, now);   // the answer to a later try may still come
    }

    /// <summary>What is under way to a node that is gone goes again.</summary>
    public void OnNodeGone(Predicate<NodeAddress> isGone, TimeSpan now)
    {
        foreach (var read in _open.Values)
        {
            if (read.At is { } at && isGone(at)) Retry(read, now);
        }
    }

    /// <summary>Akka hands back what it has surely not delivered.</summary>
    public void OnUndelivered(QueryBatch message, TimeSpan now)
    {
        foreach (var request in message.Requests)
        {
            if (_flights.TryGetValue(request.RequestId, out var read) && request.RequestId == read.Requests[^1]) Retry(read, now);
        }
    }

    /// <summary>Its time is up.</summary>
    public RaftException Late(StateOperation operation)
    {
        var refusal = _open.GetValueOrDefault(operation.Sequence)?.LastRefusal;
        return ClientErrors.NoAnswerOfNode(operation, refusal, operation.From.Id is { } id ? placeOf(id) : null);
    }

    NodeAddress? NextPlace(NodeRead read)
    {
        if (read.Operation.From.Id is { } id) return placeOf(id);
        _turn = (_turn + 1) % _contacts.Length;
        return _contacts[_turn];
    }

    // A node that waits longer than the client answers nobody.
    static QueryTerms TermsOf(StateOperation operation, TimeSpan now)
    {
        if (operation.Deadline == TimeSpan.MaxValue) return operation.Terms;
        var left = operation.Deadline - now;
        // Not at once when a little has passed: queries of the same terms travel together.
        return operation.Terms.MaxWait <= left - (ReadOptions.TimeForTheAnswer(left) / 2) ? operation.Terms : operation.Terms with { MaxWait = ReadOptions.WaitWithin(left) };
    }

    long TakeOff(NodeRead read, NodeAddress to, QueryTerms terms, TimeSpan now)
    {
        var id = numbers.NextRequestId();
        read.Requests.Add(id);
        read.Tries++;
        if (read.Requests.Count > MostFlights)
        {
            _flights.Remove(read.Requests[0]);
            read.Requests.RemoveAt(0);
        }

        read.At = to;
        _flights.Add(id, read);
        var silence = settings.SilenceBeforeProbe * (1 << Math.Min(read.Tries - 1, MostDoublings));
        DueAt(read, now + terms.MaxWait + silence);
        return id;
    }

    QueryBatch Batch(IReadOnlyList<ClientRequest> requests, QueryTerms terms) => new(settings.ClusterId, settings.GroupId, requests) { Terms = terms };

    // Once round all contact points at once, then at the pace of a search.
    void Retry(NodeRead read, TimeSpan now)
    {
        read.At = null;
        if (HasOthers(read)) Ready(read.Operation.Sequence, read);
        else DueAt(read, now + settings.LeaderPollInterval);
    }

    bool HasOthers(NodeRead read) => read.Operation.From.Id is null && read.Tries % _contacts.Length != 0;

    void Ready(long sequence, NodeRead read)
    {
        read.DueAt = null;
        _ready[sequence] = read;
    }

    void DueAt(NodeRead read, TimeSpan at)
    {
        read.DueAt = at;
        Wake(at);
    }

    void Wake(TimeSpan at)
    {
        if (NextAt is null || at < NextAt) NextAt = at;
    }

    sealed class NodeRead(StateOperation operation)
    {
        public StateOperation Operation => operation;

        /// <summary>The numbers of its last flights.</summary>
        public List<long> Requests { get; } = [];

        public int Tries { get; set; }

        /// <summary>Where it is under way to; null while it waits here.</summary>
        public NodeAddress? At { get; set; }

        /// <summary>When it is sent again unless something happens before.</summary>
        public TimeSpan? DueAt { get; set; }

        public string? LastRefusal { get; set; }
    }
}
