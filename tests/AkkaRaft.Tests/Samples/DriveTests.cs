using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using AkkaRaft.Samples.Common;
using AkkaRaft.Samples.Hashmap.Driving;
using AkkaRaft.Tests;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace AkkaRaft.Samples.Hashmap.Tests;

/// <summary>How drive spreads lines over clients, starts them and answers them; the cluster is a fake whose operations end when the test says so.</summary>
public sealed class DriveTests
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    readonly FakeTimeProvider _time = new();
    readonly Channel<byte[]?> _input = Channel.CreateUnbounded<byte[]?>();
    readonly LineStream _output = new();
    readonly Channel<Begun> _begun = Channel.CreateUnbounded<Begun>();
    bool? _inputHasEnded;
    int _asked;

    Task Run(int clients) => new Drive(
        clients, i => new FakeClient(i, _begun.Writer), Timeout, new AnswerWriter(_output), _time, _inputHasEnded is null ? null : HasInputEnded)
        .Run(_input.Reader.ReadAllAsync());

    bool HasInputEnded()
    {
        Interlocked.Increment(ref _asked);
        return _inputHasEnded!.Value;
    }

    void Send(string line) => _input.Writer.TryWrite(Encoding.UTF8.GetBytes(line)).ShouldBeTrue();

    void SendGets(int count) => Enumerable.Range(0, count).ToList().ForEach(i => Send($$"""{"id":{{i}},"op":"get","key":"k{{i}}"}"""));

    async Task<Begun> NextBegun() => await _begun.Reader.ReadAsync().AsTask().WaitAsync(Soon);

    async Task<JsonElement> NextAnswer() => JsonDocument.Parse(await _output.NextLine(Soon)).RootElement;

    [Fact]
    public async Task Line_i_goes_to_client_i_mod_N_which_runs_its_lines_in_order_one_at_a_time()
    {
        var run = Run(clients: 3);
        SendGets(7);

        Begun[] first = [await NextBegun(), await NextBegun(), await NextBegun()];
        first.OrderBy(b => b.Client).Select(b => (b.Client, b.Key)).ShouldBe([(0, "k0"), (1, "k1"), (2, "k2")]);
        _begun.Reader.TryRead(out _).ShouldBeFalse();

        first.Single(b => b.Client == 1).End("1");
        var second = await NextBegun();
        (second.Client, second.Key).ShouldBe((1, "k4"));

        foreach (var begun in first.Where(b => b.Client != 1).Append(second)) begun.End("1");
        Begun[] third = [await NextBegun(), await NextBegun()];
        third.OrderBy(b => b.Client).Select(b => (b.Client, b.Key)).ShouldBe([(0, "k3"), (2, "k5")]);
        foreach (var begun in third) begun.End("1");
        (await NextBegun()).End("1");
        _input.Writer.Complete();
        await run.WaitAsync(Soon);
    }

    [Fact]
    public async Task A_line_is_started_and_answered_before_the_input_ends()
    {
        var run = Run(clients: 2);

        Send("""{"id":"a","op":"get","key":"k"}""");
        (await NextBegun()).End("""{"x":[1]}""");

        var answer = await NextAnswer();
        answer.GetProperty("id").GetString().ShouldBe("a");
        answer.GetProperty("outcome").GetString().ShouldBe("ok");
        answer.GetProperty("value").GetRawText().ShouldBe("""{"x":[1]}""");
        answer.GetProperty("index").GetInt64().ShouldBe(123);
        answer.GetProperty("leader").GetString().ShouldBe("2");
        answer.GetProperty("error").ValueKind.ShouldBe(JsonValueKind.Null);
        run.IsCompleted.ShouldBeFalse();
        _input.Writer.Complete();
        await run.WaitAsync(Soon);
    }

    [Fact]
    public async Task Start_and_end_are_nanoseconds_of_the_monotonic_clock_around_the_operation()
    {
        var run = Run(clients: 1);
        var before = _time.GetTimestamp();

        Send("""{"id":1,"op":"get","key":"k"}""");
        var begun = await NextBegun();
        _time.Advance(TimeSpan.FromMilliseconds(250));
        begun.End("1");

        var answer = await NextAnswer();
        answer.GetProperty("start_ns").GetInt64().ShouldBe((long)((Int128)before * 1_000_000_000 / _time.TimestampFrequency));
        (answer.GetProperty("end_ns").GetInt64() - answer.GetProperty("start_ns").GetInt64()).ShouldBe(250_000_000);
        _input.Writer.Complete();
        await run.WaitAsync(Soon);
    }

    [Theory]
    [InlineData("""{"id":1,"op":"get","key":"k"}""", null)]
    [InlineData("""{"id":1,"op":"get","key":"k","consistency":"linearizable","node":null}""", null)]
    [InlineData("""{"id":1,"op":"get","key":"k","node":"2"}""", "Linearizable node 2")]
    [InlineData("""{"id":1,"op":"get","key":"k","consistency":"lease"}""", "Lease ")]
    [InlineData("""{"id":1,"op":"put","key":"k","value":1,"node":"2"}""", null)]
    public async Task A_get_says_which_node_answers_and_how(string line, string? asked)
    {
        var run = Run(clients: 1);

        Send(line);

        var begun = await NextBegun();
        (begun.Read is { } read ? $"{read.Consistency} {read.From}" : null).ShouldBe(asked);
        begun.End("1");
        _input.Writer.Complete();
        await run.WaitAsync(Soon);
    }

    [Theory]
    [InlineData("garbage", "null")]
    [InlineData("", "null")]
    [InlineData("[1]", "null")]
    [InlineData("""{"id":1,"id":2,"op":"get","key":"k"}""", "null")]
    [InlineData("""{"id":7.0,"op":"pop","key":"k"}""", "7.0")]
    [InlineData("""{"id":"x","op":"get"}""", "\"x\"")]
    [InlineData("""{"id":1,"op":"get","key":5}""", "1")]
    [InlineData("""{"id":1,"op":"get","key":"k","consistency":"whatever"}""", "1")]
    [InlineData("""{"id":1,"op":"get","key":"k","consistency":"local"}""", "1")]
    [InlineData("""{"id":1,"op":"get","key":"k","node":"no id"}""", "1")]
    [InlineData("""{"id":1,"op":"get","key":"k","node":2}""", "1")]
    [InlineData("""{"id":1,"op":"put","key":"k"}""", "1")]
    [InlineData("""{"id":1,"op":"put","key":"k","value":null}""", "1")]
    [InlineData("""{"id":1,"op":"put","key":"\ud800","value":1}""", "1")]
    [InlineData("""{"id":1,"op":"cas","key":"k","value":1}""", "1")]
    [InlineData("""{"id":1,"op":"cas","key":"k","expected":1,"value":null}""", "1")]
    [InlineData("""{"id":[1, 2],"op":"add","key":"k","value":"1"}""", "[1,2]")]
    public async Task A_line_that_cannot_be_run_is_failed_with_its_id_and_never_sent(string line, string id)
    {
        var run = Run(clients: 1);

        Send(line);

        var answer = await NextAnswer();
        answer.GetProperty("id").GetRawText().ShouldBe(id);
        answer.GetProperty("outcome").GetString().ShouldBe("failed");
        answer.GetProperty("value").ValueKind.ShouldBe(JsonValueKind.Null);
        answer.GetProperty("error").GetString().ShouldNotBeNullOrEmpty();
        answer.GetProperty("end_ns").GetInt64().ShouldBeGreaterThanOrEqualTo(answer.GetProperty("start_ns").GetInt64());
        _input.Writer.Complete();
        await run.WaitAsync(Soon);
        _begun.Reader.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Lines_that_cannot_be_run_count_and_wait_for_their_turn()
    {
        var run = Run(clients: 2);
        Send("""{"id":0,"op":"get","key":"k0"}""");
        Send("garbage");
        Send("more garbage");
        Send("""{"id":3,"op":"get","key":"k3"}""");

        (await NextAnswer()).GetProperty("outcome").GetString().ShouldBe("failed");    // client 1
        Begun[] both = [await NextBegun(), await NextBegun()];
        both.OrderBy(b => b.Client).Select(b => b.Key).ShouldBe(["k0", "k3"]);
        both.Single(b => b.Key == "k3").End("1");
        (await NextAnswer()).GetProperty("id").GetRawText().ShouldBe("3");

        both.Single(b => b.Key == "k0").End("1");
        (await NextAnswer()).GetProperty("id").GetRawText().ShouldBe("0");
        (await NextAnswer()).GetProperty("outcome").GetString().ShouldBe("failed");    // client 0, after its first
        _input.Writer.Complete();
        await run.WaitAsync(Soon);
    }

    [Theory]
    [InlineData(OutcomeKind.Failed, "failed")]
    [InlineData(OutcomeKind.Unknown, "unknown")]
    public async Task What_the_client_knows_is_what_is_answered(OutcomeKind kind, string expected)
    {
        var run = Run(clients: 1);
        Send("""{"id":1,"op":"add","key":"k","value":1}""");

        (await NextBegun()).End(new Outcome<Answer>(kind, null, null, null, "why"));

        var answer = await NextAnswer();
        answer.GetProperty("outcome").GetString().ShouldBe(expected);
        answer.GetProperty("error").GetString().ShouldBe("why");
        answer.GetProperty("index").ValueKind.ShouldBe(JsonValueKind.Null);
        _input.Writer.Complete();
        await run.WaitAsync(Soon);
    }

    [Fact]
    public async Task An_add_to_what_is_no_number_is_ok_without_value_and_with_the_error()
    {
        var run = Run(clients: 1);
        Send("""{"id":1,"op":"add","key":"k","value":1}""");

        (await NextBegun()).End(new Outcome<Answer>(OutcomeKind.Ok, new Answer(false, Error: "no number"), 5, "1", null));

        var answer = await NextAnswer();
        answer.GetProperty("outcome").GetString().ShouldBe("ok");
        answer.GetProperty("value").ValueKind.ShouldBe(JsonValueKind.Null);
        answer.GetProperty("error").GetString().ShouldBe("no number");
        _input.Writer.Complete();
        await run.WaitAsync(Soon);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(null)]
    public async Task What_was_not_started_in_time_after_the_end_of_the_input_is_failed_and_the_run_ends(bool? canTell)
    {
        _inputHasEnded = canTell;
        const int lines = Drive.LinesAhead * 3;
        var run = Run(clients: 1);
        SendGets(lines);
        _input.Writer.Complete();

        // A file says nothing: it is read to its end once nothing has succeeded for a while. Of a pipe the end is seen while most of it waits.
        var only = await NextBegun();
        await Eventually.Holds("lines are taken", () => _input.Reader.Count < lines - Drive.LinesAhead, Soon);
        _time.Advance(Drive.Stall);
        if (canTell is null) await Eventually.Holds("all lines are taken", () => _input.Reader.Completion.IsCompleted, Soon);
        else await Eventually.Holds("it is asked", () => _asked > 0, Soon);
        _time.Advance(Drive.StartLimit + TimeSpan.FromMilliseconds(1));
        only.End(Outcome<Answer>.Unknown("no answer"));

        (await NextAnswer()).GetProperty("outcome").GetString().ShouldBe("unknown");
        for (var i = 1; i < lines; i++) (await NextAnswer()).GetProperty("outcome").GetString().ShouldBe("failed");
        await run.WaitAsync(Soon);
        _begun.Reader.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Input_is_read_only_a_little_ahead_of_the_clients()
    {
        var run = Run(clients: 1);
        SendGets(Drive.LinesAhead * 3);

        var begun = await NextBegun();
        await Eventually.Holds("lines are taken", () => _input.Reader.Count < Drive.LinesAhead * 2, Soon);
        // One runs, the others wait, and the reader holds one more.
        _input.Reader.Count.ShouldBeGreaterThanOrEqualTo((Drive.LinesAhead * 2) - 2);

        _input.Writer.Complete();
        for (var i = 1; i < Drive.LinesAhead * 3; i++)
        {
            begun.End("1");
            begun = await NextBegun();
        }

        begun.End("1");
        await run.WaitAsync(Soon);
    }

    [Fact]
    public async Task A_reader_that_is_gone_ends_the_run()
    {
        _output.Break();
        var run = Run(clients: 1);
        Send("garbage");
        Send("garbage");

        await Should.ThrowAsync<IOException>(run.WaitAsync(Soon));
    }

    [Fact]
    public async Task Nothing_is_begun_once_the_reader_is_gone()
    {
        var run = Run(clients: 2);
        SendGets(1);
        _output.Break();
        (await NextBegun()).End("1");
        await Should.ThrowAsync<IOException>(run.WaitAsync(Soon));

        // For client 1, which is free.
        SendGets(1);
        _input.Writer.Complete();

        await _input.Reader.Completion.WaitAsync(Soon);
        _begun.Reader.TryRead(out _).ShouldBeFalse();
    }

    sealed class FakeClient(int number, ChannelWriter<Begun> begun) : ISampleClient
    {
        public Task<Outcome<Answer>> Run(object operation, TimeSpan timeout, ReadOptions? read = null)
        {
            timeout.ShouldBe(Timeout);
            var one = new Begun(number, operation, read);
            begun.TryWrite(one);
            return one.Outcome;
        }
    }

    sealed class Begun(int client, object operation, ReadOptions? read)
    {
        readonly TaskCompletionSource<Outcome<Answer>> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Client => client;

        public ReadOptions? Read => read;

        public string Key => operation is Get get ? get.Key : "";

        public Task<Outcome<Answer>> Outcome => _outcome.Task;

        public void End(Outcome<Answer> outcome) => _outcome.SetResult(outcome);

        public void End(string value) => End(new Outcome<Answer>(OutcomeKind.Ok, new Answer(true, value), 123, "2", null));
    }

    /// <summary>Takes what is flushed, as lines.</summary>
    sealed class LineStream : MemoryStream
    {
        readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
        bool _broken;

        public void Break() => _broken = true;

        public async Task<string> NextLine(TimeSpan limit) => await _lines.Reader.ReadAsync().AsTask().WaitAsync(limit);

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            if (_broken) throw new IOException("Broken pipe");
            var text = Encoding.UTF8.GetString(ToArray());
            SetLength(0);
            text.ShouldEndWith("\n");
            text.TrimEnd('\n').ShouldNotContain("\n");
            _lines.Writer.TryWrite(text).ShouldBeTrue();
            return Task.CompletedTask;
        }
    }
}
