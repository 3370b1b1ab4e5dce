using System.Threading.Channels;

namespace AkkaRaft.Samples.Hashmap.Driving;

/// <summary>Writes answers to a stream, each whole and at once. A reader that does not read holds up the clients, not the program's threads.</summary>
public sealed class AnswerWriter
{
    readonly Channel<DriveAnswer> _answers = Channel.CreateBounded<DriveAnswer>(new BoundedChannelOptions(1024) { SingleReader = true });
    long _written;

    /// <summary>Writes to the stream from now on.</summary>
    public AnswerWriter(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Writing = Task.Run(() => WriteAll(stream));
    }

    /// <summary>Completes when everything is written, and fails as soon as nobody reads any more.</summary>
    public Task Writing { get; }

    /// <summary>How many answers are written.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Whether nobody reads any more.</summary>
    public bool IsBroken => Writing.IsFaulted;

    /// <summary>Takes an answer.</summary>
    /// <exception cref="IOException">Nobody reads any more.</exception>
    public async Task Write(DriveAnswer answer)
    {
        try
        {
            await _answers.Writer.WriteAsync(answer);
        }
        catch (ChannelClosedException closed)
        {
            throw new IOException("The output is closed.", closed.InnerException);
        }
    }

    /// <summary>Completes when everything that was taken is written.</summary>
    public Task Finish()
    {
        _answers.Writer.TryComplete();
        return Writing;
    }

    async Task WriteAll(Stream stream)
    {
        try
        {
            await foreach (var answer in _answers.Reader.ReadAllAsync())
            {
                await stream.WriteAsync(answer.ToLine());
                await stream.FlushAsync();
                Interlocked.Increment(ref _written);
            }
        }
        catch (IOException broken)
        {
            _answers.Writer.TryComplete(broken);
            throw;
        }
    }
}
