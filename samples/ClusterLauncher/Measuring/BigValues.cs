using System.Globalization;
using AkkaRaft.Samples.ClusterLauncher.Traffic;

namespace AkkaRaft.Samples.ClusterLauncher.Measuring;

/// <summary>Fills a map with values of one size; each can be told from all others.</summary>
internal sealed class BigValues(int count, int valueBytes)
{
    const int Writers = 24;
    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    /// <summary>How many.</summary>
    public int Count => count;

    /// <summary>The name of one.</summary>
    public static string KeyOf(int number) => $"big-{number}";

    /// <summary>What is written under it, as JSON.</summary>
    public string ValueOf(int number) => $"\"{number.ToString("D10", CultureInfo.InvariantCulture).PadRight(valueBytes - 2, 'x')}\"";

    /// <summary>Writes some of them, as fast as it goes.</summary>
    /// <param name="client">Writes.</param>
    /// <param name="from">The first.</param>
    /// <param name="to">The one behind the last.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task Write(ClusterClient client, int from, int to, CancellationToken cancellationToken)
    {
        var next = from - 1;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var number && number < to) await WriteOne(client, number, cancellationToken);
        }));
    }

    // The same value again is no other state: whatever became of the write, it can be repeated.
    async Task WriteOne(ClusterClient client, int number, CancellationToken cancellationToken)
    {
        var value = ValueOf(number);
        for (var tries = 1; ; tries++)
        {
            try
            {
                await client.Put(KeyOf(number), value, cancellationToken);
                return;
            }
            catch (RaftException) when (tries < 100)
            {
                await Task.Delay(s_pause, cancellationToken);
            }
        }
    }
}
