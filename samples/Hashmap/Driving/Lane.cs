using System.Threading.Channels;

namespace AkkaRaft.Samples.Hashmap.Driving;

/// <summary>The lines of one client: it runs them in order, one at a time.</summary>
internal sealed class Lane
{
    readonly Channel<DriveLine> _lines = Channel.CreateUnbounded<DriveLine>();
    readonly SemaphoreSlim _taken = new(0, 1);

    /// <summary>How many lines wait.</summary>
    public int Waiting => _lines.Reader.Count;

    public void Add(DriveLine line) => _lines.Writer.TryWrite(line);

    public void Close() => _lines.Writer.TryComplete();

    /// <summary>Waits until a line has been taken, but not for long.</summary>
    public Task WaitForRoom(TimeSpan limit) => _taken.WaitAsync(limit);

    public async IAsyncEnumerable<DriveLine> Take()
    {
        await foreach (var line in _lines.Reader.ReadAllAsync())
        {
            if (_taken.CurrentCount == 0) _taken.Release();
            yield return line;
        }
    }
}
