using System.Reflection;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Settings;

/// <summary>Groups, copies with other values, and what comes from the ActorSystem.</summary>
public sealed class RaftSettingsChangesTests : IAsyncLifetime
{
    readonly List<ActorSystem> _systems = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Task.WhenAll(_systems.Select(system => system.Terminate()));

    [Fact]
    public void A_group_takes_its_own_values_and_the_shared_ones_for_the_rest()
    {
        var system = SystemWith("""
            akka.raft {
              cluster-id = shop, node-id = 1, members = ["1=h:1"], data-dir = "/data", max-pending-reads = 5
              groups {
                orders { max-command-size = 16KiB, journal.max-restarts = 9 }
                stock { max-command-size = 1KiB }
              }
            }
            """);

        var orders = RaftSettings.Create(system, "orders");
        var other = RaftSettings.Create(system, "other");

        orders.Errors().ShouldBeEmpty();
        (orders.GroupId.Value, orders.MaxCommandSize, orders.JournalMaxRestarts, orders.MaxPendingReads).ShouldBe(("orders", 16 * 1024, 9, 5));
        orders.JournalMaxEventBytes.ShouldBe(1024 * 1024);
        (other.GroupId.Value, other.MaxCommandSize, other.JournalMaxRestarts, other.MaxPendingReads).ShouldBe(("other", 64 * 1024, 5, 5));
        other.Errors().ShouldBeEmpty();
    }

    [Fact]
    public void The_group_that_the_shared_block_names_takes_its_own_values_too()
    {
        var system = SystemWith("akka.raft { group = orders, max-pending-reads = 5, groups.orders.max-pending-reads = 6 }");

        RaftSettings.Create(system).MaxPendingReads.ShouldBe(6);
    }

    [Fact]
    public void An_error_names_the_block_that_the_value_came_from()
    {
        var system = SystemWith("""
            akka.raft {
              cluster-id = shop, node-id = 1, members = ["1=h:1"], data-dir = "/data", election-timeout-min = 900ms
              groups.orders { election-timeout-max = 1s, tick-interval = never, group = stock }
            }
            """);

        var errors = RaftSettings.Create(system, "orders").Errors();

        errors.ShouldContain(error =>
            error.StartsWith("akka.raft.groups.orders.election-timeout-max = 1s") && error.Contains("akka.raft.election-timeout-min = 900ms"));
        errors.ShouldContain(error => error.StartsWith("akka.raft.groups.orders.tick-interval = never"));
        errors.ShouldContain(error => error.StartsWith("akka.raft.groups.orders.group = stock"));
        errors.Count.ShouldBe(3);
    }

    [Fact]
    public void A_system_without_a_block_has_the_defaults_and_With_sets_the_rest()
    {
        var settings = RaftSettings.Create(SystemWith("akka.loglevel = WARNING"))
            .WithClusterId(ClusterId.Parse("shop")).WithNodeId(NodeId.Parse("1")).WithMembers(RaftMember.Parse("1=h:1")).WithDataDir("/data");

        settings.Errors().ShouldBeEmpty();
        Should.NotThrow(settings.Validate);
    }

    [Fact]
    public void A_group_name_that_cannot_be_is_refused()
    {
        var errors = RaftSettings.Create(SystemWith("akka.loglevel = WARNING"), "a b").Errors();

        errors.ShouldContain(error => error.StartsWith("akka.raft.group = \"a b\""));
    }

    public static TheoryData<string> Settings => new(Properties.Select(property => property.Name));

    static IEnumerable<PropertyInfo> Properties =>
        typeof(RaftSettings).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.Name != nameof(RaftSettings.Self));

    [Theory, MemberData(nameof(Settings))]
    public void Each_value_has_a_With_that_changes_it_alone_in_a_copy(string name)
    {
        var original = RaftSettings.Create(ConfigurationFactory.ParseString("max-pending-reads = 5"));
        var property = typeof(RaftSettings).GetProperty(name)!;
        var with = typeof(RaftSettings).GetMethod("With" + name).ShouldNotBeNull();
        var before = property.GetValue(original);
        var value = AnotherValue(property.PropertyType, before);

        var copy = (RaftSettings)with.Invoke(original, [value])!;

        property.GetValue(copy).ShouldBe(value);
        property.GetValue(original).ShouldBe(before);
        foreach (var rest in Properties.Where(other => other.Name != name))
            rest.GetValue(copy).ShouldBe(rest.GetValue(original), rest.Name);
    }

    [Fact]
    public void What_could_not_be_read_is_no_error_once_it_is_set()
    {
        var settings = RaftSettings.Create(ConfigurationFactory.ParseString("""
            cluster-id = c, node-id = 1, members = ["1=h:1"], data-dir = "/data", max-pending-reads = many
            """));

        settings.Errors().ShouldHaveSingleItem().ShouldContain("many");
        settings.WithMaxPendingReads(7).Errors().ShouldBeEmpty();
        settings.WithMaxPendingReads(0).Errors().ShouldHaveSingleItem().ShouldStartWith("akka.raft.max-pending-reads = 0:");
    }

    [Fact]
    public void A_clocks_drift_is_a_share_between_its_bounds()
    {
        const string Complete = "cluster-id = c, node-id = 1, members = [\"1=h:1\"], data-dir = \"/data\"";
        RaftSettings.Create(ConfigurationFactory.ParseString($"{Complete}, lease-reads = on, clock-drift-bound = 0.25")).ToCoreOptions().LeaseDuration
            .ShouldBe(TimeSpan.FromMilliseconds(480));
        foreach (var wrong in new[] { "0", "-0.1", "1.5", "0.0001" })
        {
            RaftSettings.Create(ConfigurationFactory.ParseString($"{Complete}, clock-drift-bound = {wrong}")).Errors()
                .ShouldHaveSingleItem().ShouldBe($"akka.raft.clock-drift-bound = {wrong}: it must be from 0.001 to 1.");
        }

        RaftSettings.Create(ConfigurationFactory.ParseString($"{Complete}, clock-drift-bound = much")).Errors()
            .ShouldHaveSingleItem().ShouldContain("it must be a number, such as 0.1.");
    }

    [Fact]
    public void Ids_that_were_never_checked_are_checked_by_Validate()
    {
        var settings = RaftSettings.Create(ConfigurationFactory.ParseString("data-dir = \"/data\""))
            .WithClusterId(new ClusterId("a/b")).WithGroupId(new GroupId("")).WithNodeId(new NodeId("1")).WithMembers(new RaftMember(new NodeId("1"), "h"));

        var errors = settings.Errors();

        errors.Select(error => error[..error.IndexOf(' ')]).ShouldBe(["akka.raft.cluster-id", "akka.raft.group", "akka.raft.members"]);
    }

    [Fact]
    public void Nodes_with_the_same_seed_draw_different_timeouts_and_each_the_same_again()
    {
        var one = RaftSettings.Create(ConfigurationFactory.ParseString("node-id = 1, random-seed = 42"));
        Func<ulong> noEntropy = () => throw new InvalidOperationException("A seed was given.");

        one.ElectionSeed(noEntropy).ShouldBe(one.ElectionSeed(noEntropy));
        one.WithNodeId(NodeId.Parse("2")).ElectionSeed(noEntropy).ShouldNotBe(one.ElectionSeed(noEntropy));
        one.WithRandomSeed(43).ElectionSeed(noEntropy).ShouldNotBe(one.ElectionSeed(noEntropy));
        one.WithRandomSeed(null).ElectionSeed(() => 7).ShouldBe(7UL);
    }

    [Fact]
    public void RaftSetup_gives_a_system_its_own_clock_and_entropy()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var given = RaftSetup.Create().WithTimeProvider(clock).WithEntropy(() => 7);
        var system = ActorSystem.Create("setup", BootstrapSetup.Create().And(given));
        _systems.Add(system);

        RaftSetup.Of(system).TimeProvider.ShouldBeSameAs(clock);
        RaftSetup.Of(system).Entropy().ShouldBe(7UL);
    }

    [Fact]
    public void Without_RaftSetup_clock_and_entropy_are_the_machines()
    {
        var setup = RaftSetup.Of(SystemWith("akka.loglevel = WARNING"));

        setup.TimeProvider.ShouldBeSameAs(TimeProvider.System);
        Enumerable.Range(0, 16).Select(_ => setup.Entropy()).Distinct().Count().ShouldBe(16);
    }

    static object AnotherValue(Type type, object? before) => before switch
    {
        _ when type == typeof(ulong?) => 99UL,
        string text => text + "x",
        int number => number + 1,
        long number => number + 1,
        bool flag => !flag,
        double number => number + 0.5,
        TimeSpan time => time + TimeSpan.FromMilliseconds(1),
        ClusterId => ClusterId.Parse("other"),
        GroupId => GroupId.Parse("other"),
        NodeId => NodeId.Parse("other"),
        IReadOnlyList<RaftMember> => new[] { RaftMember.Parse("9=h:9") },
        IReadOnlyList<string> => new[] { "System.String" },
        _ => throw new NotSupportedException($"The test knows no other value of {type}."),
    };

    ActorSystem SystemWith(string hocon)
    {
        var system = ActorSystem.Create("settings", hocon);
        _systems.Add(system);
        return system;
    }
}
