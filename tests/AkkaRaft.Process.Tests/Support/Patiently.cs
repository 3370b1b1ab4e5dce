using AkkaRaft.Samples.ClusterLauncher.Traffic;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>What may be repeated is repeated, for a busy machine may have an election at any moment.</summary>
internal static class Patiently
{
    /// <summary>Writes.</summary>
    public static Task Put(ClusterClient client, string key, string json) => Do($"a write of {key}", () => client.Put(key, json));

    /// <summary>Reads, linearizably; null if there is no such key.</summary>
    public static Task<string?> Get(ClusterClient client, string key) => Do($"a read of {key}", () => client.Get(key));

    /// <summary>Repeats it until it ends without a <see cref="RaftException"/>.</summary>
    public static async Task<T> Do<T>(string what, Func<Task<T>> once)
    {
        var done = await Until.Holds(what, async () =>
        {
            try
            {
                return new Attempt<T>(await once(), null);
            }
            catch (RaftException failed)
            {
                return new Attempt<T>(default, failed.Message);
            }
        }, attempt => attempt.Failure is null);
        return done.Result!;
    }

    sealed record Attempt<T>(T? Result, string? Failure);
}
