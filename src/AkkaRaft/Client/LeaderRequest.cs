namespace AkkaRaft.Client;

/// <summary>Something that a leader is asked to do by itself, outside its log's commands.</summary>
internal abstract class LeaderRequest<TAnswer>(TimeSpan timeout, TimeSpan deadline) : Operation<TAnswer>(timeout, deadline)
{
    /// <summary>Which leader is asked; null while it waits for one.</summary>
    public Flight? Flight { get; set; }

    /// <summary>Under which number it was asked last.</summary>
    public long RequestId { get; set; }
}

/// <summary>A client's requests of one kind.</summary>
internal abstract class LeaderRequestTable<TRequest, TAnswer> where TRequest : LeaderRequest<TAnswer>
{
    long _lastRequest;

    protected List<TRequest> Requests { get; } = [];

    public void Add(TRequest request) => Requests.Add(request);

    public void Remove(TRequest request) => Requests.Remove(request);

    /// <summary>Whether a leader owes an answer to one of them.</summary>
    public virtual bool HasInFlight => Requests.Exists(request => request.Flight is not null);

    /// <summary>Whether one is to be sent as soon as there is a leader.</summary>
    public virtual bool HasUnsent => Requests.Exists(request => request.Flight is null);

    /// <summary>Whom an answer is for; null if that is over.</summary>
    public TRequest? Asked(long requestId) => Requests.Find(request => request.Flight is not null && request.RequestId == requestId);

    protected long NextRequestId() => ++_lastRequest;

    /// <summary>Those that wait for the answer of a leader like this.</summary>
    protected IEnumerable<TRequest> To(Func<Flight, bool> which) => Requests.Where(request => request.Flight is { } flight && which(flight));

    /// <summary>Those that this message carried.</summary>
    protected IEnumerable<TRequest> CarriedBy(object message) => Requests.Where(request => ReferenceEquals(request.Flight?.Message, message));
}
