using AkkaRaft.Samples.Common;

namespace AkkaRaft.Samples.Hashmap;

/// <summary>The map as its clients see it.</summary>
public interface IMapClient
{
    /// <summary>Runs a command or a <see cref="Get"/>. It never throws: what went wrong is in the outcome.</summary>
    Task<Outcome<MapResult>> Run(object operation, TimeSpan timeout);
}

/// <summary>The map of a cluster.</summary>
public sealed class MapClient(ClientSession session) : IMapClient
{
    /// <inheritdoc />
    public async Task<Outcome<MapResult>> Run(object operation, TimeSpan timeout)
    {
        if (MapState.RefusalOf(operation) is { } refusal) return Outcome<MapResult>.Failed($"{refusal} Nothing was sent.");

        var outcome = operation is Get ? await session.Query<MapResult>(operation, timeout) : await session.Propose<MapResult>(operation, timeout);
        // A node of another version may refuse what this one would take; then it has changed nothing.
        return outcome is { Kind: OutcomeKind.Ok, Result.Refusal: { } late } ? outcome with { Kind = OutcomeKind.Failed, Result = null, Error = late } : outcome;
    }

    /// <summary>Asks for the keys that come after one.</summary>
    public Task<Outcome<KeyPage>> Keys(string? after, TimeSpan timeout) => session.Query<KeyPage>(new ListKeys(after), timeout);
}
