using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Tests.Journals;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Groups;

/// <summary>What a recovery writes, and when, over a disk that the test controls.</summary>
public sealed class RecoveryWritesSpec : JournalSpec
{
    readonly FaultyDisk _disk;

    public RecoveryWritesSpec() : this(new FaultyDisk())
    {
    }

    RecoveryWritesSpec(FaultyDisk disk) : base(disk.Config) => _disk = disk;

    protected override void AfterAll()
    {
        base.AfterAll();
        _disk.Dispose();
    }

    /// <summary>A log that reaches a term which the term journal does not have is one that no node starts with (docs/operations.md).</summary>
    [Fact, Trait("RaftBug", "B08")]
    public async Task The_term_is_durable_before_the_entry_of_it_is_written()
    {
        _disk.Plant(TermId, 1, new IdentityRecorded(Identity));
        _disk.Plant(TermId, 2, new TermChanged(new Term(4), null));
        _disk.Plant(LogId, 1, new LogStarted(Storage));
        await using var survivor = await RaftOfflineNode.Open(Sys, Settings());
        _disk.HoldsWrites = true;

        var recovery = survivor.Recover(ThisNode);

        var term = new Term(4 + QuorumLoss.TermsAhead);
        var first = _disk.NextWrite();
        first.Event.ShouldBe(new TermChanged(term, ThisNode));
        _disk.HeldWrites.ShouldBe(0);
        first.Store();
        var second = _disk.NextWrite();
        second.Event.ShouldBeOfType<EntriesAppended>().Entries.ShouldHaveSingleItem().Term.ShouldBe(term);
        recovery.IsCompleted.ShouldBeFalse("the entry is not durable");
        second.Store();
        (await recovery).Term.ShouldBe(term);
    }

    static RaftSettings Settings() => RaftSettings.Create(Akka.Configuration.ConfigurationFactory.ParseString($$"""
        cluster-id = {{Cluster}}
        node-id = "{{ThisNode}}"
        members = ["{{ThisNode}}=127.0.0.1:4052"]
        data-dir = unused
        journal.plugin-id = "{{FaultyDisk.PluginId}}"
        """)).WithGroupId(Group);
}
