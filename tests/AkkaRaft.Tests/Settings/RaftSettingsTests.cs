using Akka.Actor;
using Akka.Configuration;
using AkkaRaft.Consensus;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Settings;

/// <summary>RaftSettings: HOCON in, typed values out, and everything that is wrong told at once.</summary>
public sealed class RaftSettingsTests
{
    const string Complete = """
        cluster-id = orders
        node-id = 2
        members = ["1=10.0.0.1:4051", "2=10.0.0.2:4051", "3=10.0.0.3:4051"]
        data-dir = "/var/lib/orders"
        """;

    [Fact]
    public void A_value_where_the_block_should_be_is_refused_with_a_sentence()
    {
        using var system = ActorSystem.Create("orders", ConfigurationFactory.ParseString("akka.stdout-loglevel = OFF\nakka.raft = 5"));

        Should.Throw<RaftSettingsException>(() => RaftSettings.Create(system)).Errors.ShouldHaveSingleItem().ShouldStartWith("akka.raft = 5: it must be a block");
        Should.Throw<RaftSettingsException>(() => RaftClientSettings.Create(system)).Errors.ShouldHaveSingleItem().ShouldStartWith("akka.raft = 5: ");
    }

    [Fact]
    public void Defaults_are_the_documented_ones()
    {
        var settings = From(Complete);

        settings.Errors().ShouldBeEmpty();
        settings.GroupId.ShouldBe(GroupId.Parse("default"));
        settings.HeartbeatInterval.ShouldBe(TimeSpan.FromMilliseconds(100));
        settings.ElectionTimeoutMin.ShouldBe(TimeSpan.FromMilliseconds(600));
        settings.ElectionTimeoutMax.ShouldBe(TimeSpan.FromMilliseconds(1200));
        settings.TickInterval.ShouldBe(TimeSpan.FromMilliseconds(25));
        settings.MaxCommandSize.ShouldBe(64 * 1024);
        settings.AppendMaxEntries.ShouldBe(1000);
        settings.AppendMaxBytes.ShouldBe(72 * 1024);
        settings.MaxInflightAppends.ShouldBe(64);
        settings.MaxInflightAppendBytes.ShouldBe(2 * 1024 * 1024);
        settings.MaxPendingProposals.ShouldBe(20_000);
        settings.MaxPendingProposalBytes.ShouldBe(32 * 1024 * 1024);
        settings.MaxPendingReads.ShouldBe(20_000);
        settings.LeaseReads.ShouldBeFalse();
        settings.ClockDriftBound.ShouldBe(0.1);
        settings.ApplyMaxEntries.ShouldBe(4096);
        settings.MaxDeferredMessages.ShouldBe(256);
        settings.MaxBufferedRequests.ShouldBe(20_000);
        settings.PeerUnreachableWarningAfter.ShouldBe(TimeSpan.FromSeconds(10));
        settings.GreetingInterval.ShouldBe(TimeSpan.FromSeconds(1));
        settings.StopTimeout.ShouldBe(TimeSpan.FromSeconds(3));
        settings.PayloadTypeNames.ShouldBeEmpty();
        settings.RandomSeed.ShouldBeNull();
        settings.TraceFile.ShouldBe("");
        settings.SessionTimeout.ShouldBe(TimeSpan.FromMinutes(10));
        settings.MaxSessions.ShouldBe(10_000);
        settings.MaxSessionResults.ShouldBe(4096);
        settings.MaxSessionResultBytes.ShouldBe(256 * 1024);
        settings.JournalPluginId.ShouldBe("");
        settings.AllowInMemoryJournal.ShouldBeFalse();
        settings.JournalMaxEventBytes.ShouldBe(1024 * 1024);
        settings.JournalRestartBackoffMin.ShouldBe(TimeSpan.FromMilliseconds(200));
        settings.JournalRestartBackoffMax.ShouldBe(TimeSpan.FromSeconds(5));
        settings.JournalMaxRestarts.ShouldBe(5);
        settings.JournalHealthyAfter.ShouldBe(TimeSpan.FromSeconds(60));
    }

    /// <summary>The pure core has the same defaults, so that its tests speak of the node that users run.</summary>
    [Fact]
    public void Defaults_equal_those_of_the_core() => From(Complete).ToCoreOptions().ShouldBe(new CoreOptions());

    [Fact]
    public void Values_of_HOCON_arrive_typed_and_with_their_units()
    {
        var settings = From("""
            cluster-id = orders, group = eu, node-id = b
            members = ["a=hostA:4051", "b=hostB:4052"]
            data-dir = "/data"
            heartbeat-interval = 1s, election-timeout-min = 5s, election-timeout-max = 1m, tick-interval = 30
            max-command-size = 10kB, append-max-entries = 7, append-max-bytes = 1MiB, max-inflight-append-bytes = 4MiB
            payload-types = ["System.String", "AkkaRaft.NodeId, AkkaRaft"]
            random-seed = 18446744073709551615
            trace-file = "/var/log/b.trace"
            journal.plugin-id = "akka.persistence.journal.sql", journal.max-restarts = 0, journal.max-event-bytes = 2097152
            """);

        settings.Errors().ShouldBeEmpty();
        settings.ClusterId.ShouldBe(ClusterId.Parse("orders"));
        settings.GroupId.ShouldBe(GroupId.Parse("eu"));
        settings.NodeId.ShouldBe(NodeId.Parse("b"));
        settings.Members.ShouldBe([new RaftMember(NodeId.Parse("a"), "hostA:4051"), new RaftMember(NodeId.Parse("b"), "hostB:4052")]);
        settings.Self.ShouldBe(settings.Members[1]);
        settings.HeartbeatInterval.ShouldBe(TimeSpan.FromSeconds(1));
        settings.ElectionTimeoutMax.ShouldBe(TimeSpan.FromMinutes(1));
        settings.TickInterval.ShouldBe(TimeSpan.FromMilliseconds(30));
        settings.MaxCommandSize.ShouldBe(10_000);
        settings.AppendMaxEntries.ShouldBe(7);
        settings.PayloadTypeNames.ShouldBe(["System.String", "AkkaRaft.NodeId, AkkaRaft"]);
        settings.RandomSeed.ShouldBe(ulong.MaxValue);
        settings.TraceFile.ShouldBe("/var/log/b.trace");
        settings.JournalPluginId.ShouldBe("akka.persistence.journal.sql");
        settings.JournalMaxRestarts.ShouldBe(0);
        settings.JournalMaxEventBytes.ShouldBe(2 * 1024 * 1024);
        settings.ToFirstConfiguration().Voters.Select(voter => voter.Address).ShouldBe(["hostA:4051", "hostB:4052"]);
    }

    [Fact]
    public void A_missing_block_is_refused_as_Akka_refuses_it()
    {
        Should.Throw<ConfigurationException>(() => RaftSettings.Create((Config)null!)).Message.ShouldContain("akka.raft");
        Should.Throw<ConfigurationException>(() => RaftSettings.Create(Config.Empty)).Message.ShouldContain("akka.raft");
    }

    [Fact]
    public void What_is_required_and_missing_is_told_at_once()
    {
        var refusal = Should.Throw<RaftSettingsException>(From("heartbeat-interval = 100ms").Validate);

        Keys(refusal.Errors).ShouldBe(["akka.raft.cluster-id", "akka.raft.node-id", "akka.raft.members", "akka.raft.data-dir"]);
        refusal.Errors.ShouldAllBe(error => error.Contains("required"));
        foreach (var error in refusal.Errors) refusal.Message.ShouldContain(error);
    }

    [Fact]
    public void All_errors_are_told_at_once_each_with_key_and_value()
    {
        var settings = From(Complete + """

            heartbeat-interval = soon
            tick-interval = 5ms
            election-timeout-min = 700ms
            election-timeout-max = 800ms
            max-command-size = 64kiloBytes
            append-max-bytes = -3
            append-max-entries = 1.5
            max-pending-reads = 0
            payload-types = ["No.Such, Type"]
            random-seed = -1
            journal { allow-in-memory = perhaps, max-restarts = -1, restart-backoff-min = 9s }
            """);

        var errors = settings.Errors();

        ShouldTell(errors, "akka.raft.heartbeat-interval", "soon");
        ShouldTell(errors, "akka.raft.tick-interval", "5ms", "10ms");
        ShouldTell(errors, "akka.raft.election-timeout-max", "800ms", "akka.raft.election-timeout-min", "700ms");
        ShouldTell(errors, "akka.raft.max-command-size", "64kiloBytes");
        ShouldTell(errors, "akka.raft.append-max-bytes", "-3B");
        ShouldTell(errors, "akka.raft.append-max-entries", "1.5");
        ShouldTell(errors, "akka.raft.max-pending-reads", "0");
        ShouldTell(errors, "akka.raft.payload-types", "No.Such, Type");
        ShouldTell(errors, "akka.raft.random-seed", "-1");
        ShouldTell(errors, "akka.raft.journal.allow-in-memory", "perhaps");
        ShouldTell(errors, "akka.raft.journal.max-restarts", "-1");
        ShouldTell(errors, "akka.raft.journal.restart-backoff-max", "5s", "akka.raft.journal.restart-backoff-min", "9s");
        errors.Count.ShouldBe(12);
    }

    [Theory]
    [InlineData("election-timeout-min = 399ms", "akka.raft.election-timeout-min = 399ms", "akka.raft.heartbeat-interval = 100ms")]
    [InlineData("election-timeout-max = 899ms", "akka.raft.election-timeout-max = 899ms", "akka.raft.election-timeout-min = 600ms")]
    [InlineData("tick-interval = 51ms", "akka.raft.tick-interval = 51ms", "akka.raft.heartbeat-interval = 100ms")]
    [InlineData("append-max-bytes = 69631", "akka.raft.append-max-bytes = 69631B", "akka.raft.max-command-size = 64KiB")]
    [InlineData("max-inflight-append-bytes = 64KiB", "akka.raft.max-inflight-append-bytes = 64KiB", "akka.raft.append-max-bytes = 72KiB")]
    [InlineData("max-pending-proposal-bytes = 32KiB", "akka.raft.max-pending-proposal-bytes = 32KiB", "akka.raft.max-command-size = 64KiB")]
    [InlineData("max-pending-proposal-bytes = 64KiB", "akka.raft.max-pending-proposal-bytes = 64KiB", "akka.raft.max-command-size = 64KiB")]
    [InlineData("sessions.timeout = 999ms", "akka.raft.sessions.timeout = 999ms", "1s")]
    [InlineData("sessions.max-sessions = 0", "akka.raft.sessions.max-sessions = 0", "at least 1")]
    [InlineData("sessions.max-results = 0", "akka.raft.sessions.max-results = 0", "at least 1")]
    [InlineData("sessions.max-result-bytes = 0", "akka.raft.sessions.max-result-bytes", "at least 1")]
    [InlineData("journal.max-event-bytes = 71KiB", "akka.raft.journal.max-event-bytes = 71KiB", "akka.raft.append-max-bytes = 72KiB")]
    [InlineData("data-dir = \"\"", "akka.raft.data-dir = \"\"", "akka.raft.journal.plugin-id = \"\"")]
    [InlineData("node-id = 4", "akka.raft.members = [", "akka.raft.node-id = \"4\"")]
    [InlineData("journal.plugin-id = akka.persistence.journal.inmem", "akka.raft.journal.plugin-id", "akka.raft.journal.allow-in-memory = off")]
    public void A_rule_between_two_settings_names_both_keys_and_both_values(string hocon, string one, string other)
    {
        var error = From($"{Complete}\n{hocon}").Errors().ShouldHaveSingleItem();

        error.ShouldStartWith(one);
        error.ShouldContain(other);
    }

    [Theory]
    [InlineData("election-timeout-min = 400ms")]
    [InlineData("election-timeout-max = 900ms")]
    [InlineData("tick-interval = 50ms")]
    [InlineData("tick-interval = 10ms")]
    [InlineData("append-max-bytes = 69632")]
    [InlineData("journal.max-event-bytes = 72KiB")]
    [InlineData("data-dir = \"\", journal.plugin-id = my.journal")]
    [InlineData("data-dir = \"\", journal.plugin-id = akka.persistence.journal.inmem, journal.allow-in-memory = on")]
    public void A_value_at_the_bound_is_admitted(string hocon) => From($"{Complete}\n{hocon}").Errors().ShouldBeEmpty();

    [Theory]
    [InlineData("""["2=a:1", "2=b:1"]""", "node \"2\" is named twice")]
    [InlineData("""["2=a:1", "3=a:1"]""", "address \"a:1\" is named twice")]
    [InlineData("""["2=a:1", "3"]""", "\"3\" is no member")]
    [InlineData("""["2=a:1", "3=b"]""", "\"b\" is no address")]
    [InlineData("""["2=a:1", "3=b:0"]""", "\"b:0\" is no address")]
    [InlineData("""["2=a:1", "3=b:65536"]""", "\"b:65536\" is no address")]
    [InlineData("""["2=a:1", "3=b:04051"]""", "\"b:04051\" is no address")]
    [InlineData("""["2=a:1", "3=akka.tcp://x@b:1"]""", "is no address")]
    [InlineData("""["2=a:1", "3=münchen:1"]""", "\"münchen:1\" is no address")]
    [InlineData("""["2=a:1", "3=b?c:1"]""", "\"b?c:1\" is no address")]
    [InlineData("""["2=a:1", "x y=b:1"]""", "\"x y\" is no node id")]
    [InlineData("\"2=a:1\"", "it must be a list")]
    public void A_first_configuration_that_cannot_be_is_refused(string members, string expected)
    {
        var error = From($"{Complete}\nmembers = {members}").Errors().ShouldHaveSingleItem();

        error.ShouldStartWith("akka.raft.members = ");
        error.ShouldContain(expected);
    }

    /// <summary>Thesis 4.4: a new node waits until the members of a group add it; it has no list of its own.</summary>
    [Fact]
    public void A_node_that_joins_names_no_members_and_one_that_founds_names_some()
    {
        From($"{Complete}\nmembers = [], join = on").Errors().ShouldBeEmpty();
        From($"{Complete}\nmembers = [], join = on").Join.ShouldBeTrue();
        From($"{Complete}\njoin = on").Errors().ShouldHaveSingleItem().ShouldStartWith("akka.raft.join = on: a node that joins learns from the others");
        From($"{Complete}\nmembers = []").Errors().ShouldHaveSingleItem().ShouldContain("or join = on");
    }

    [Theory]
    [InlineData("cluster-id = \"a b\"", "akka.raft.cluster-id", "a b")]
    [InlineData("group = \"a/b\"", "akka.raft.group", "a/b")]
    [InlineData("node-id = \"ä\"", "akka.raft.node-id", "ä")]
    public void A_name_with_other_characters_is_refused(string hocon, string key, string value) =>
        ShouldTell(From($"{Complete}\n{hocon}").Errors(), key, value);

    [Theory]
    [InlineData("/var/log/traces/")]
    [InlineData("/var/log/a\\tb")]
    public void A_trace_file_that_can_be_no_file_is_refused(string path) =>
        ShouldTell(From($"{Complete}\ntrace-file = \"{path}\"").Errors(), "akka.raft.trace-file", "the path of a file");

    [Fact]
    public void Each_group_has_a_trace_file_of_its_own()
    {
        var settings = From($$"""
            {{Complete}}
            group = stock, trace-file = "/traces/all"
            groups.stock.trace-file = "/traces/stock"
            """);

        settings.TraceFile.ShouldBe("/traces/stock");
    }

    [Theory]
    [InlineData("heartbeat-intervall = 1s", "akka.raft.heartbeat-intervall")]
    [InlineData("journal.max-event-byte = 1MiB", "akka.raft.journal.max-event-byte")]
    [InlineData("groups.default.tick = 1s", "akka.raft.groups.default.tick")]
    public void A_mistyped_key_is_refused_instead_of_leaving_the_default(string hocon, string key) =>
        From($"{Complete}\n{hocon}").Errors().ShouldHaveSingleItem().ShouldStartWith(key + " = ");

    [Fact]
    public void A_group_with_dots_in_its_name_has_a_block_of_its_own()
    {
        var settings = From($$"""
            {{Complete}}
            group = "eu.orders"
            groups { "eu.orders" { max-command-size = 16KiB } }
            """);

        settings.Errors().ShouldBeEmpty();
        settings.MaxCommandSize.ShouldBe(16 * 1024);
    }

    [Fact]
    public void The_whole_reference_with_what_is_required_is_valid()
    {
        var whole = ConfigurationFactory.ParseString(Complete).WithFallback(RaftSettings.ReferenceConfig.GetConfig("akka.raft"));

        RaftSettings.Create(whole).Errors().ShouldBeEmpty();
    }

    static RaftSettings From(string hocon) => RaftSettings.Create(ConfigurationFactory.ParseString(hocon));

    static IEnumerable<string> Keys(IEnumerable<string> errors) => errors.Select(error => error[..error.IndexOf(' ')]);

    static void ShouldTell(IReadOnlyList<string> errors, string key, params string[] parts)
    {
        var error = errors.Where(e => e.StartsWith(key + " = ", StringComparison.Ordinal)).ShouldHaveSingleItem();
        foreach (var part in parts) error.ShouldContain(part);
    }
}
