namespace AkkaRaft.Samples.Common;

/// <summary>The data as its clients see it.</summary>
public interface ISampleClient
{
    /// <summary>Runs a command or a query. It never throws: what went wrong is in the outcome.</summary>
    /// <param name="operation">The command or query.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="read">How this query is asked; null for as the client asks all of them.</param>
    Task<Outcome<Answer>> Run(object operation, TimeSpan timeout, ReadOptions? read = null);
}

/// <summary>The data of a cluster.</summary>
/// <param name="app">The program.</param>
/// <param name="session">Where the cluster is.</param>
/// <param name="reads">How queries are asked unless told; null for linearizable at the leader.</param>
public sealed class SampleClient(SampleApp app, ClientSession session, ReadOptions? reads = null) : ISampleClient
{
    /// <inheritdoc />
    public async Task<Outcome<Answer>> Run(object operation, TimeSpan timeout, ReadOptions? read = null)
    {
        if (app.RefusalOf(operation) is { } refusal) return Outcome<Answer>.Failed($"{refusal} Nothing was sent.");

        var outcome = app.IsQuery(operation) ? await session.Query<Answer>(operation, timeout, read ?? reads) : await session.Propose<Answer>(operation, timeout);
        // A node of another version may refuse what this one would take; then it has changed nothing.
        return outcome is { Kind: OutcomeKind.Ok, Result.Refusal: { } late }
            ? outcome with { Kind = OutcomeKind.Failed, Result = null, Error = late }
            : outcome;
    }
}
