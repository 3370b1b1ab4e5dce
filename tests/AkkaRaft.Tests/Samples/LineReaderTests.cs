using System.IO.Pipelines;
using System.Text;
using AkkaRaft.Samples.Hashmap.Driving;
using Shouldly;
using Xunit;

namespace AkkaRaft.Samples.Tests;

/// <summary>Lines as drive reads them.</summary>
public sealed class LineReaderTests
{
    static async Task<List<string?>> Lines(byte[] input)
    {
        var lines = new List<string?>();
        await foreach (var line in LineReader.Read(new MemoryStream(input))) lines.Add(line is null ? null : Encoding.UTF8.GetString(line));
        return lines;
    }

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("a\nb\n", new[] { "a", "b" })]
    [InlineData("a\n\nb", new[] { "a", "", "b" })]
    [InlineData("\n", new[] { "" })]
    [InlineData("\ufeffa\n\ufeffb\n", new[] { "a", "\ufeffb" })]
    public async Task Every_line_counts_and_the_last_needs_no_end(string input, string[] expected) =>
        (await Lines(Encoding.UTF8.GetBytes(input))).ShouldBe(expected);

    [Theory]
    [InlineData("\n")]
    [InlineData("")]
    public async Task A_line_that_is_too_long_is_named_and_the_next_is_whole(string lastEnd)
    {
        var longest = new string('x', LineReader.MaxLineBytes);

        var lines = await Lines(Encoding.UTF8.GetBytes($"{longest}\n{longest}{longest}y\nb\n{longest}y{lastEnd}"));

        lines.ShouldBe([longest, null, "b", null]);
    }

    [Fact]
    public async Task A_line_is_there_as_soon_as_its_end_is()
    {
        var pipe = new Pipe();
        await using var lines = LineReader.Read(pipe.Reader.AsStream()).GetAsyncEnumerator();

        await pipe.Writer.WriteAsync("first\nsec"u8.ToArray());

        (await lines.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();
        Encoding.UTF8.GetString(lines.Current!).ShouldBe("first");
        var second = lines.MoveNextAsync().AsTask();
        await pipe.Writer.WriteAsync("ond\n"u8.ToArray());
        (await second.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();
        Encoding.UTF8.GetString(lines.Current!).ShouldBe("second");
        await pipe.Writer.CompleteAsync();
        (await lines.MoveNextAsync()).ShouldBeFalse();
    }
}
