using System.Globalization;
using AkkaRaft.Samples.Common;
using Shouldly;
using Xunit;

namespace AkkaRaft.Samples.Hashmap.Tests;

/// <summary>What the hashmap's commands do.</summary>
public sealed class MapStateTests
{
    readonly MapState _map = new();

    [Fact]
    public void Get_reads_what_was_put_and_says_no_to_an_absent_key()
    {
        _map.Put(new Put("k", """{"a": 1}""")).ShouldBe(new Answer(true));

        _map.Get(new Get("k")).ShouldBe(new Answer(true, """{"a":1}"""));
        _map.Get(new Get("other")).ShouldBe(new Answer(false));
    }

    /// <summary>Nodes are other processes, perhaps in another country: their state must be the same, byte by byte.</summary>
    [Fact, Trait("RaftBug", "B83")]
    public async Task The_map_is_the_same_whatever_the_culture_and_the_order_in_which_its_keys_came()
    {
        var odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (odd.NumberFormat.NumberDecimalSeparator, odd.NumberFormat.NumberGroupSeparator, odd.NumberFormat.NegativeSign) = (",", ".", "~");
        string[] keys = ["I", "i", "\u0131", "\u00e4", "z", "Z", "a-b", "ab", "-1.5"];

        async Task<string> Written(CultureInfo culture, IEnumerable<string> order)
        {
            var before = CultureInfo.CurrentCulture;
            CultureInfo.CurrentCulture = culture;
            try
            {
                var map = new MapState();
                foreach (var key in order)
                {
                    map.Put(new Put(key, "-1.5")).Yes.ShouldBeTrue();
                    map.Add(new Add(key, "1000.25")).Value.ShouldBe("998.75");
                }

                var bytes = new List<byte>();
                await foreach (var piece in map.Write()) bytes.AddRange(piece.Span);
                return Convert.ToHexString([.. bytes]);
            }
            finally
            {
                CultureInfo.CurrentCulture = before;
            }
        }

        (await Written(odd, keys)).ShouldBe(await Written(CultureInfo.InvariantCulture, keys.Reverse()));
    }

    [Fact]
    public void Cas_stores_only_over_a_value_that_means_the_expected_one()
    {
        _map.Put(new Put("k", """{"a":1,"b":2}"""));

        _map.Cas(new Cas("k", """{"a":1}""", "5")).ShouldBe(new Answer(false, "false"));
        _map.Cas(new Cas("k", """{"b":2.0,"a":1}""", "5")).ShouldBe(new Answer(true, "true"));

        _map.Get(new Get("k")).Value.ShouldBe("5");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("null")]
    public void Expected_null_means_absent(string? expected)
    {
        _map.Cas(new Cas("k", expected, "1")).Value.ShouldBe("true");

        _map.Cas(new Cas("k", expected, "2")).Value.ShouldBe("false");
        _map.Get(new Get("k")).Value.ShouldBe("1");
    }

    [Fact]
    public void Delete_removes_a_key_and_says_whether_it_was_there()
    {
        _map.Put(new Put("k", "1"));

        _map.Delete(new Delete("k")).ShouldBe(new Answer(true));
        _map.Delete(new Delete("k")).ShouldBe(new Answer(false));
        _map.Get(new Get("k")).Yes.ShouldBeFalse();
    }

    [Fact]
    public void Add_starts_from_0_and_takes_negative_numbers_and_fractions()
    {
        _map.Add(new Add("n", "5")).ShouldBe(new Answer(true, "5"));
        _map.Add(new Add("n", "-7.5")).ShouldBe(new Answer(true, "-2.5"));

        _map.Get(new Get("n")).Value.ShouldBe("-2.5");
    }

    [Theory]
    [InlineData("\"text\"")]
    [InlineData("[1]")]
    [InlineData("1e401")]
    public void Add_to_what_cannot_be_added_to_changes_nothing_and_has_no_value_but_an_error(string value)
    {
        _map.Put(new Put("k", value));

        var answer = _map.Add(new Add("k", "1"));

        answer.ShouldSatisfyAllConditions(() => answer.Yes.ShouldBeFalse(), () => answer.Value.ShouldBeNull(), () => answer.Error.ShouldNotBeNull());
        answer.Refusal.ShouldBeNull();
        _map.Get(new Get("k")).Value.ShouldBe(value);
    }

    public static TheoryData<object> Refusable => new(
        new Put("k", "null"), new Put("k", "no json"), new Put("k", null!), new Put(null!, "1"), new Put(new string('k', MapState.MaxKeyBytes + 1), "1"),
        new Put("k", $"\"{new string('v', StoredValue.MaxBytes)}\""), new Cas("k", "1", "null"), new Cas("k", "{", "1"), new Cas(null!, null, "1"),
        new Add("k", "\"1\""), new Add("k", "1e999999999"), new Add(null!, "1"), new Delete(null!));

    [Theory, MemberData(nameof(Refusable))]
    public void What_no_data_could_accept_is_refused_without_an_exception(object operation)
    {
        _map.Put(new Put("k", "1"));

        MapState.RefusalOf(operation).ShouldNotBeNull();
        Run(operation).Refusal.ShouldBe(MapState.RefusalOf(operation));
        _map.Get(new Get("k")).Value.ShouldBe("1");
    }

    [Fact]
    public void Numbers_of_absurd_size_can_be_stored_and_compared_without_an_exception()
    {
        _map.Put(new Put("k", "1e99999999999")).Yes.ShouldBeTrue();

        _map.Cas(new Cas("k", "1e99999999998", "1")).Value.ShouldBe("false");
        _map.Cas(new Cas("k", "1e99999999999", "1")).Value.ShouldBe("true");
    }

    [Fact]
    public void Keys_are_listed_by_their_code_units_in_pages_that_leave_none_out()
    {
        string[] keys = ["a", "B", "é", "\n", "\"", .. Enumerable.Range(0, 3000).Select(i => $"key-{i}")];
        foreach (var key in keys) _map.Put(new Put(key, "1"));

        var listed = new List<string>();
        var pages = 0;
        string? after = null;
        do
        {
            var page = _map.Keys(new ListKeys(after));
            page.Keys.Length.ShouldBeLessThan(64 * 1024 / 3);
            listed.AddRange(System.Text.Json.JsonSerializer.Deserialize<string[]>(page.Keys)!);
            after = page.Last;
            pages++;
        }
        while (after is not null);

        pages.ShouldBeGreaterThan(1);
        listed.ShouldBe(keys.Order(StringComparer.Ordinal));
    }

    Answer Run(object operation) => operation switch
    {
        Put put => _map.Put(put),
        Cas cas => _map.Cas(cas),
        Delete delete => _map.Delete(delete),
        Add add => _map.Add(add),
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };
}
