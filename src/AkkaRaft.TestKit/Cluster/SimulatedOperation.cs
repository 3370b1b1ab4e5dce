namespace AkkaRaft.TestKit;

/// <summary>An operation that a script has begun.</summary>
public sealed class SimulatedOperation
{
    internal SimulatedOperation(int client, object input, bool isQuery, TimeSpan timeout)
    {
        Client = client;
        Input = input;
        IsQuery = isQuery;
        Timeout = timeout;
    }

    /// <summary>Which client, from 1.</summary>
    public int Client { get; }

    /// <summary>The command or query.</summary>
    public object Input { get; }

    /// <summary>Whether it is a query.</summary>
    public bool IsQuery { get; }

    /// <summary>Of a query: how it is asked; null for linearizable at the leader.</summary>
    public SimulatedRead? Read { get; internal init; }

    /// <summary>How long the client tries.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>How it ended; null while it has not.</summary>
    public Operation? Result { get; internal set; }

    /// <summary>Waits for it: <c>cluster.RunUntil(operation.Ended)</c>.</summary>
    public Condition Ended => new("operation.Ended", _ => Result is not null);
}
