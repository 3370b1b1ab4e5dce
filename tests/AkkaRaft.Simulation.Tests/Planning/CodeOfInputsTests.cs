using AkkaRaft.TestKit.Planning;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Planning;

/// <summary>Inputs as code: a script that says less than the run did would be another run.</summary>
public sealed class CodeOfInputsTests
{
    [Fact]
    public void Properties_outside_of_the_constructor_are_set() =>
        CodeText.Of(new Initialized { Key = "a", Value = 3 }).ShouldBe("""new CodeOfInputsTests.Initialized() { Key = "a", Value = 3 }""");

    [Fact]
    public void Constructor_and_initializer_go_together() =>
        CodeText.Of(new Mixed("a") { Value = 3 }).ShouldBe("""new CodeOfInputsTests.Mixed("a") { Value = 3 }""");

    [Fact]
    public void Computed_properties_are_left_out() => CodeText.Of(new Computed(2)).ShouldBe("new CodeOfInputsTests.Computed(2)");

    [Fact]
    public void Classes_are_read_by_names_whatever_their_case() => CodeText.Of(new Plain("a")).ShouldBe("""new CodeOfInputsTests.Plain("a")""");

    [Fact]
    public void What_cannot_be_said_is_no_code() => CodeText.Of(new Hidden(2)).ShouldStartWith("/*");

    [Fact]
    public void Values_of_the_framework_are_code_too()
    {
        CodeText.Of(new Guid("00000000-0000-0000-0000-000000000001")).ShouldBe("""Guid.Parse("00000000-0000-0000-0000-000000000001")""");
        CodeText.Of((1, "a")).ShouldBe("""(1, "a")""");
        CodeText.Of(new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc)).ShouldBe("""DateTime.Parse("2026-01-02T03:04:05.0000000Z", null, DateTimeStyles.RoundtripKind)""");
    }

    internal sealed record Initialized
    {
        public string Key { get; init; } = "";

        public int Value { get; init; }
    }

    internal sealed record Mixed(string Key)
    {
        public int Value { get; init; }
    }

    internal sealed record Computed(int Value)
    {
        public int Double => Value * 2;
    }

    internal sealed class Plain(string key)
    {
        public string Key { get; } = key;
    }

    internal sealed class Hidden(int seed)
    {
        public int Value { get; } = seed * 2;
    }
}
