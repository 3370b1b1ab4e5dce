using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Journal;
using AkkaRaft.Journals;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Journals;

/// <summary>Which journal plug-ins a node accepts.</summary>
public sealed class JournalPolicyTests
{
    public sealed class DerivedMemoryJournal : MemoryJournal;

    [Theory]
    [InlineData("")]
    [InlineData("akka.persistence.journal.inmem")]
    [InlineData("my.journal")]
    public void An_in_memory_journal_is_refused_unless_allowed_by_name(string pluginId)
    {
        using var system = ActorSystem.Create("policy", $"my.journal.class = \"{typeof(DerivedMemoryJournal).AssemblyQualifiedName}\"");

        var refused = Should.Throw<ConfigurationException>(() => JournalPolicy.Check(system, pluginId, allowInMemory: false));

        refused.Message.ShouldContain("akka.raft.journal.plugin-id");
        refused.Message.ShouldContain("akka.raft.journal.allow-in-memory = on");
        JournalPolicy.Check(system, pluginId, allowInMemory: true).ShouldBe(pluginId.Length == 0 ? "akka.persistence.journal.inmem" : pluginId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("replay-filter.mode = repair-by-discard-old")]
    [InlineData("replay-filter.mode = warn")]
    [InlineData("replay-filter.mode = off")]
    public void A_replay_filter_that_repairs_is_refused(string setting)
    {
        using var system = WithSql(setting);

        var refused = Should.Throw<ConfigurationException>(() => JournalPolicy.Check(system, "akka.persistence.journal.sql", allowInMemory: false));

        var value = setting.Length == 0 ? "repair-by-discard-old" : setting.Split(" = ")[1];
        refused.Message.ShouldContain($"akka.persistence.journal.sql.replay-filter.mode = \"{value}\"");
        refused.Message.ShouldContain("akka.persistence.journal.sql.replay-filter.mode = fail");
    }

    [Fact]
    public void A_durable_journal_with_a_failing_replay_filter_is_accepted()
    {
        using var system = WithSql("replay-filter.mode = fail");

        JournalPolicy.Check(system, "akka.persistence.journal.sql", allowInMemory: false).ShouldBe("akka.persistence.journal.sql");
    }

    [Fact]
    public void A_journal_without_a_block_is_refused()
    {
        using var system = ActorSystem.Create("policy");

        Should.Throw<ConfigurationException>(() => JournalPolicy.Check(system, "akka.persistence.journal.absent", allowInMemory: false))
            .Message.ShouldContain("akka.persistence.journal.absent");
    }

    static ActorSystem WithSql(string setting) => ActorSystem.Create(
        "policy", $"akka.persistence.journal.sql {{ class = \"Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql\"\n {setting} }}");

    [Theory]
    [InlineData("akka.persistence.snapshot-store.local", "does not sync")]
    [InlineData("akka.persistence.snapshot-store.inmem", "is in memory")]
    [InlineData("my.store", "names no snapshot-store plug-in")]
    public void A_snapshot_store_that_is_missing_or_loses_what_it_confirmed_is_refused(string pluginId, string why)
    {
        using var system = ActorSystem.Create("policy");

        var refused = Should.Throw<ConfigurationException>(() => JournalPolicy.SnapshotPlugin(system, Settings($"snapshot.plugin-id = \"{pluginId}\""), own: null));

        refused.Message.ShouldContain("akka.raft.snapshot.plugin-id");
        refused.Message.ShouldContain(why);
    }

    [Fact]
    public void The_nodes_own_snapshot_store_is_taken_unless_one_is_named_and_none_beside_a_journal_of_the_applications()
    {
        using var system = ActorSystem.Create("policy");

        JournalPolicy.SnapshotPlugin(system, Settings("data-dir = x"), own: "own").ShouldBe("own");
        JournalPolicy.SnapshotPlugin(system, Settings("journal.plugin-id = akka.persistence.journal.sql"), own: null).ShouldBeNull();
        JournalPolicy.SnapshotPlugin(system, Settings("journal { plugin-id = akka.persistence.journal.inmem, allow-in-memory = on }"), own: null)
            .ShouldBe("akka.persistence.snapshot-store.inmem");
    }

    static RaftSettings Settings(string hocon) => RaftSettings.Create(ConfigurationFactory.ParseString(hocon));
}
