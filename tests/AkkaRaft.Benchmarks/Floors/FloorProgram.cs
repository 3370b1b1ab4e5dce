using System.Globalization;
using AkkaRaft.Benchmarks.Contenders;

namespace AkkaRaft.Benchmarks.Floors;

/// <summary>The processes that floors are measured with.</summary>
internal static class FloorProgram
{
    /// <summary>The hidden command that starts one.</summary>
    public const string Command = "floor-process";

    /// <param name="kind">Which.</param>
    /// <param name="arguments">More about it.</param>
    public static Task<int> Run(string kind, IReadOnlyList<string> arguments) => kind switch
    {
        DiskFloor.Writer => BlockWriter.Serve(arguments[0]),
        JournalFloor.Writer => JournalWriter.Serve(arguments[0], Number(arguments[1])),
        RemoteFloor.Peer => RemotePeer.Serve(arguments[0], arguments.ElementAtOrDefault(1)),
        RemoteFloor.Sender => RemoteSender.Serve(arguments[0], arguments[1], Number(arguments[2])),
        AllocationFloor.Leader => StockLeader.Run(arguments[0], arguments[1], arguments[2], Number(arguments[3]), TimeSpan.FromSeconds(Number(arguments[4])), TimeSpan.FromSeconds(Number(arguments[5]))),
        _ => throw new ArgumentException($"There is no process \"{kind}\" of a floor."),
    };

    static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>One thing, done again and again: what a load takes for a store.</summary>
internal sealed class Repeated(Func<Task> once) : IStoreClient
{
    public Task Write(int key, ReadOnlyMemory<byte> value) => once();

    public Task Read(int key) => throw new NotSupportedException("A floor has nothing to read.");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
