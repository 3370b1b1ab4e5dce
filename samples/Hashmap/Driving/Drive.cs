using System.Globalization;
using AkkaRaft.Samples.Common;

namespace AkkaRaft.Samples.Hashmap.Driving;

/// <summary>
/// Runs the lines of a stream on concurrent clients. Line i goes to client i mod N; each client runs its lines in order, with one operation under way. A line
/// is started when it arrives, if its client is free then, and answered when it ends.
/// </summary>
/// <remarks>
/// Input is read only a little ahead of the clients, so that its end comes when the work is nearly done. After the end the program is bound to come to an
/// end too: what has not been started some seconds later is answered as failed, never sent. A cluster that does not answer must not hide the end:
/// of a pipe it is asked for while reading pauses; a file, which cannot say, is read on while nothing succeeds.
/// </remarks>
public sealed class Drive
{
    /// <summary>How many lines are read ahead for each client.</summary>
    public const int LinesAhead = 16;

    /// <summary>How many lines of a file are read ahead in all while nothing succeeds.</summary>
    public const int MaxLinesAhead = 10_000;

    /// <summary>Nothing has succeeded for so long: a file is read on.</summary>
    public static readonly TimeSpan Stall = TimeSpan.FromSeconds(3);

    /// <summary>
    /// After the end of the input nothing is started later than this. With an operation's time-out on top, and the start of the program before, it ends within
    /// 10 s and that time-out.
    /// </summary>
    public static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(6.5);

    static readonly TimeSpan RoomPoll = TimeSpan.FromMilliseconds(50);

    readonly Func<int, ISampleClient> _clientOf;
    readonly TimeSpan _timeout;
    readonly TimeProvider _time;
    readonly AnswerWriter _output;
    readonly Lane[] _lanes;
    readonly Func<bool>? _hasInputEnded;
    long _lastSuccess;
    long _inputEnd = long.MaxValue;
    int _waiting;

    /// <summary>Makes a run.</summary>
    /// <param name="clients">How many.</param>
    /// <param name="clientOf">Client number i.</param>
    /// <param name="timeout">For each operation.</param>
    /// <param name="output">Where the answers go.</param>
    /// <param name="time">The monotonic clock.</param>
    /// <param name="hasInputEnded">Whether nothing more will come than what waits to be read; null if that cannot be told.</param>
    public Drive(int clients, Func<int, ISampleClient> clientOf, TimeSpan timeout, AnswerWriter output, TimeProvider time, Func<bool>? hasInputEnded)
    {
        ArgumentNullException.ThrowIfNull(time);
        _lanes = [.. Enumerable.Range(0, clients).Select(_ => new Lane())];
        _clientOf = clientOf;
        _timeout = timeout;
        _output = output;
        _time = time;
        _hasInputEnded = hasInputEnded;
        _lastSuccess = time.GetTimestamp();
    }

    /// <summary>Runs all lines; completes when each is answered.</summary>
    /// <param name="lines">The input; null stands for a line that is too long.</param>
    /// <exception cref="IOException">Nobody reads the answers.</exception>
    public async Task Run(IAsyncEnumerable<byte[]?> lines)
    {
        var running = _lanes.Select((lane, i) => Task.Run(() => RunLane(lane, _clientOf(i)))).Append(Hand(lines)).ToList();
        while (running.Count > 0)
        {
            // The first that fails ends it all: without a reader of the answers nothing more is worth doing.
            var ended = await Task.WhenAny([.. running, _output.Writing]);
            await ended;
            running.Remove(ended);
        }

        await _output.Finish();
    }

    async Task Hand(IAsyncEnumerable<byte[]?> lines)
    {
        long i = 0;
        await foreach (var bytes in lines)
        {
            var line = bytes is null ? DriveLine.Unreadable($"The line is longer than {LineReader.MaxLineBytes} bytes.") : DriveLine.Parse(bytes);
            var lane = _lanes[i++ % _lanes.Length];
            while (MustWait(lane)) await lane.WaitForRoom(RoomPoll);
            Interlocked.Increment(ref _waiting);
            lane.Add(line);
        }

        // What was read during a stall may have been there since it began.
        EndOfInput(_hasInputEnded is null && IsStalled ? Stall : TimeSpan.Zero);
        foreach (var lane in _lanes) lane.Close();
    }

    bool MustWait(Lane lane)
    {
        if (lane.Waiting < LinesAhead) return false;
        if (_hasInputEnded is null) return !IsStalled || Volatile.Read(ref _waiting) >= MaxLinesAhead;
        if (_hasInputEnded()) EndOfInput(TimeSpan.Zero);
        return true;
    }

    bool IsStalled => _time.GetElapsedTime(Volatile.Read(ref _lastSuccess)) >= Stall;

    void EndOfInput(TimeSpan ago)
    {
        if (Volatile.Read(ref _inputEnd) == long.MaxValue)
            Volatile.Write(ref _inputEnd, _time.GetTimestamp() - (long)(ago.TotalSeconds * _time.TimestampFrequency));
    }

    async Task RunLane(Lane lane, ISampleClient client)
    {
        await foreach (var line in lane.Take())
        {
            // What nobody would be told of is not begun.
            if (_output.IsBroken) return;
            Interlocked.Decrement(ref _waiting);
            await _output.Write(await RunLine(line, client));
        }
    }

    async Task<DriveAnswer> RunLine(DriveLine line, ISampleClient client)
    {
        var start = Now;
        if (line.Operation is null) return Failed(line.Error!);
        if (IsTooLate)
            return Failed(string.Create(
                CultureInfo.InvariantCulture, $"It was not started: the input ended more than {StartLimit.TotalSeconds} s before its turn."));

        var outcome = await client.Run(line.Operation, _timeout, line.Read);
        var answer = new DriveAnswer(line.Id, outcome, start, Now);
        if (outcome.Kind == OutcomeKind.Ok) Volatile.Write(ref _lastSuccess, _time.GetTimestamp());
        return answer;

        DriveAnswer Failed(string error) => new(line.Id, Outcome<Answer>.Failed(error), start, Now);
    }

    bool IsTooLate => Volatile.Read(ref _inputEnd) is var end and not long.MaxValue && _time.GetElapsedTime(end) > StartLimit;

    // Whole nanoseconds without a detour over floating point, which would lose the last digits.
    long Now => (long)((Int128)_time.GetTimestamp() * 1_000_000_000 / _time.TimestampFrequency);
}
