using AkkaRaft.Samples.Common;
using Shouldly;
using Xunit;

namespace AkkaRaft.Samples.Tests;

/// <summary>JSON values as the samples store and compare them.</summary>
public sealed class JsonTests
{
    [Theory]
    [InlineData(" { \"b\" : 1,\n \"a\" : [ 1.0 , 2e3 ] } ", """{"b":1,"a":[1.0,2e3]}""")]
    [InlineData("123456789012345678901234567890.10", "123456789012345678901234567890.10")]
    [InlineData("\"caf\\u00e9\"", "\"café\"")]
    [InlineData("\"a\\u2028b\"", "\"a\\u2028b\"")]
    [InlineData("null", "null")]
    public void A_value_loses_its_blanks_and_nothing_else(string text, string expected)
    {
        JsonValue.TryParse(text, out var value, out _).ShouldBeTrue();

        value.ShouldBe(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("text")]
    [InlineData("{\"a\":1,}")]
    [InlineData("1 2")]
    [InlineData("01")]
    [InlineData("NaN")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("\"\\ud800\"")]
    [InlineData("\ud800")]
    public void What_is_no_value_is_refused_with_a_reason(string text)
    {
        JsonValue.TryParse(text, out _, out var error).ShouldBeFalse();

        error.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("1", "1.0")]
    [InlineData("1", "10e-1")]
    [InlineData("0", "-0.0")]
    [InlineData("9007199254740993", "9007199254740993.0")]
    [InlineData("\"\\u0041\"", "\"A\"")]
    [InlineData("""{"a":1,"b":[true,null]}""", """{"b":[true,null],"a":1.0}""")]
    public void Values_that_mean_the_same_are_the_same(string left, string right) => JsonValue.Same(left, right).ShouldBeTrue();

    [Theory]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("1", "\"1\"")]
    [InlineData("[1,2]", "[2,1]")]
    [InlineData("{}", "[]")]
    [InlineData("false", "null")]
    [InlineData("1e99999999999", "1e99999999998")]
    [InlineData("1e2147483648", "2")]
    public void Values_that_mean_something_else_are_not(string left, string right) => JsonValue.Same(left, right).ShouldBeFalse();

    [Theory]
    [InlineData("1", "2", "3")]
    [InlineData("0.1", "0.2", "0.3")]
    [InlineData("5", "-5", "0")]
    [InlineData("-0.5", "0.25", "-0.25")]
    [InlineData("9223372036854775807", "1", "9223372036854775808")]
    [InlineData("1e3", "1E-3", "1000.001")]
    [InlineData("1.50", "1.50", "3")]
    [InlineData("79228162514264337593543950335.5", "0.25", "79228162514264337593543950335.75")]
    public void Sums_are_exact(string left, string right, string expected)
    {
        JsonNumber.TryAdd(left, right, out var sum).ShouldBeTrue();

        sum.ShouldBe(expected);
        JsonValue.TryParse(sum, out _, out _).ShouldBeTrue();
    }

    [Theory]
    [InlineData("\"1\"", "1")]
    [InlineData("1", "true")]
    [InlineData("1e400", "0")]
    [InlineData("1e-400", "0")]
    [InlineData("1e399", "9e399")]
    [InlineData("1e399", "0.1")]
    [InlineData("1e99999999999", "1")]
    [InlineData("1e401", "1")]
    public void What_has_no_sum_of_a_size_that_can_be_kept_gives_none(string left, string right)
    {
        JsonNumber.TryAdd(left, right, out var sum).ShouldBeFalse();

        sum.ShouldBeNull();
    }

    /// <summary>At most 400 digits, those before and those after the point together.</summary>
    [Theory]
    [InlineData("1e399", "0")]
    [InlineData("-9e399", "0")]
    [InlineData("1e398", "9e398")]
    [InlineData("1e-399", "0")]
    [InlineData("1e398", "0.1")]
    public void A_number_of_400_digits_is_added_in_full(string left, string right)
    {
        JsonNumber.TryAdd(left, right, out var sum).ShouldBeTrue();

        sum.Count(char.IsAsciiDigit).ShouldBe(JsonNumber.MaxDigits);
        JsonNumber.TryAdd(sum, "0", out var again).ShouldBeTrue();
        again.ShouldBe(sum);
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Nesting_is_bounded_and_what_is_deeper_is_named_as_such(int depth, bool isAccepted)
    {
        var text = new string('[', depth) + "\"\\\"[[\"" + new string(']', depth);

        JsonValue.TryParse(text, out _, out var error).ShouldBe(isAccepted);

        if (!isAccepted) error.ShouldNotBeNull().ShouldContain("more than 64 deep");
    }

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("20s", 20_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("2m", 120_000)]
    [InlineData("24h", 86_400_000)]
    public void Durations_are_read_with_their_unit(string text, int milliseconds) =>
        DurationText.Parse(text).ShouldBe(TimeSpan.FromMilliseconds(milliseconds));

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("0s")]
    [InlineData("0.5ms")]
    [InlineData("25h")]
    [InlineData("99999999999999999999999999999999s")]
    [InlineData("5 s")]
    [InlineData("1,5s")]
    [InlineData("5sec")]
    public void What_is_no_duration_is_refused(string text) => Should.Throw<FormatException>(() => DurationText.Parse(text)).Message.ShouldContain("duration");
}
