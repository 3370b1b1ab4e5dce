using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Storage;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Storage;

/// <summary>The snapshot store as a table of rows under many ids, which is how a node keeps its snapshots: each request as Akka's own store answers it.</summary>
public sealed class SnapshotRowTests
{
    static readonly object[] Script =
    [
        new SaveSnapshot(Named("rows/1", 1), "one"), new SaveSnapshot(Named("rows/1", 2), "two"), new SaveSnapshot(Named("rows/1", 3), "three"),
        new SaveSnapshot(Named("rows/2", 2), "another two"),
        Row("rows/1", 1), Row("rows/1", 2), Row("rows/1", 3), Row("rows/1", 4), Row("rows/2", 1), Row("rows/2", 2), Row("rows/3", 1),
        new LoadSnapshot("rows/1", SnapshotSelectionCriteria.Latest, long.MaxValue), new LoadSnapshot("rows/1", new SnapshotSelectionCriteria(long.MaxValue), 2),
        new LoadSnapshot("rows/1", SnapshotSelectionCriteria.None, long.MaxValue),
        new SaveSnapshot(Named("rows/1", 2), "two again"), Row("rows/1", 2),
        new DeleteSnapshots("rows/1", new SnapshotSelectionCriteria(2, DateTime.MaxValue)), Row("rows/1", 1), Row("rows/1", 2), Row("rows/1", 3), Row("rows/2", 2),
        new SaveSnapshot(Named("rows/1", 4), "four"), new SaveSnapshot(Named("rows/1", 5), "five"),
        new DeleteSnapshots("rows/1", new SnapshotSelectionCriteria(4, DateTime.MaxValue, 4)), Row("rows/1", 3), Row("rows/1", 4), Row("rows/1", 5),
        new DeleteSnapshot(Named("rows/1", 3)), Row("rows/1", 3), new DeleteSnapshot(Named("rows/1", 77)),
        new DeleteSnapshots("rows/1", SnapshotSelectionCriteria.Latest), new LoadSnapshot("rows/1", SnapshotSelectionCriteria.Latest, long.MaxValue), Row("rows/2", 2),
    ];

    readonly ManualClock _clock = new();
    readonly SimulatedDisk _disk;

    public SnapshotRowTests() => _disk = new SimulatedDisk(_clock, new SimulationRandom(1, "disk"));

    [Fact]
    public void Rows_are_saved_found_by_their_number_and_deleted_as_by_Akkas_own_store()
    {
        var expected = OnAkka();

        OnSimulation().ShouldBe(expected);

        expected[4].ShouldBe("LoadSnapshotResult rows/1 1 one");
        expected[7].ShouldBe("LoadSnapshotResult rows/1 3 three", "the lower bounds of the criteria do not count");
        expected.ShouldContain("LoadSnapshotResult rows/1 2 two again");
    }

    [Fact]
    public void Whoever_looks_on_is_told_what_is_on_disk_when_it_is()
    {
        var told = new List<string>();
        _disk.SnapshotStored = (id, number, saved) =>
        {
            _disk.Contents.Snapshots(id).ShouldContain(stored => stored.Metadata.SequenceNr == number);
            told.Add($"{id} {number} {saved}");
        };
        _disk.SnapshotDeleted = (id, number) =>
        {
            _disk.Contents.Snapshots(id).ShouldNotContain(stored => stored.Metadata.SequenceNr == number);
            told.Add($"{id} {number} gone");
        };

        OnSimulation();

        told.ShouldBe([
            "rows/1 1 one", "rows/1 2 two", "rows/1 3 three", "rows/2 2 another two", "rows/1 2 two again", "rows/1 1 gone", "rows/1 2 gone", "rows/1 4 four", "rows/1 5 five",
            "rows/1 3 gone", "rows/1 4 gone", "rows/1 5 gone",
        ]);
    }

    [Theory]
    [InlineData(1.0, "rows 1 text")]
    [InlineData(0.0)]
    public void What_a_crash_leaves_is_told_too(double whole, params string[] expected)
    {
        var told = new List<string>();
        _disk.Faults = new DiskFaults { CrashKeepsWhole = whole, CrashKeepsPrefix = 0 };
        _disk.SnapshotStored = (id, number, saved) => told.Add($"{id} {number} {saved}");
        _disk.Connect(TimeSpan.FromSeconds(20)).Save(new StoredSnapshot(Named("rows", 1), StoredPayload.AsObject("text")), "text", _ => told.Add("answered"));

        _disk.Crash();

        told.ShouldBe(expected);
    }

    [Fact]
    public void Deleted_events_are_told()
    {
        var told = new List<string>();
        using var node = new SimulatedNode();
        node.Disk.EventsDeleted = (id, upTo) => told.Add($"{id} {upTo}: {node.Disk.Contents.Events(id).Count} left");
        var ledger = node.Start(Ledger.Props("ledger"));
        node.RunOn();
        foreach (var message in (object[])[new AddAll(1, 2, 3), new Forget(2)])
        {
            ledger.Tell(message);
            node.RunOn();
        }

        told.ShouldBe(["ledger 2: 1 left"]);
    }

    [Fact]
    public void A_damaged_row_has_one_bit_that_was_not_written()
    {
        var heard = OnSimulation([new SaveSnapshot(Named("rows", 1), new byte[100])], () =>
        {
            _disk.Contents.Damage("rows", 2).ShouldBeFalse();
            _disk.Contents.Damage("other", 1).ShouldBeFalse();
            _disk.Contents.Damage("rows", 1).ShouldBeTrue();
        }, [Row("rows", 1)]);

        heard.ShouldBe(["SaveSnapshotSuccess rows 1", "LoadSnapshotResult rows 1 100 bytes, 1 bits"]);
    }

    [Fact]
    public void What_is_kept_as_an_object_cannot_be_damaged() =>
        Should.Throw<InvalidOperationException>(() => StoredPayload.AsObject("text").Damaged());

    /// <summary>As a persistent actor names one: without its time.</summary>
    static SnapshotMetadata Named(string id, long number) => new(id, number, DateTime.MinValue);

    static LoadSnapshot Row(string id, long number) => new(id, new SnapshotSelectionCriteria(number, DateTime.MaxValue, number), long.MaxValue);

    static List<string> OnAkka()
    {
        using var system = new PumpedSystem(null, ConfigurationFactory.ParseString("""
            akka.persistence {
              journal.plugin = "akka.persistence.journal.inmem"
              snapshot-store.plugin = "akka.persistence.snapshot-store.compared"
              snapshot-store.compared {
                class = "Akka.Persistence.Snapshot.MemorySnapshotStore, Akka.Persistence"
                plugin-dispatcher = "akka.actor.default-dispatcher"
              }
            }
            """));
        var heard = new List<string>();
        Play(system.System, "akka.persistence.snapshot-store.compared", Script, heard, system.RunUntil);
        return heard;
    }

    List<string> OnSimulation() => OnSimulation(Script, () => { }, []);

    List<string> OnSimulation(object[] first, Action between, object[] second)
    {
        using var system = new PumpedSystem(_disk, ConfigurationFactory.ParseString(SimulatedStorage.Hocon));
        var heard = new List<string>();
        Play(system.System, SimulatedStorage.SnapshotPluginId, first, heard, RunUntil);
        between();
        Play(system.System, SimulatedStorage.SnapshotPluginId, second, heard, RunUntil);
        return heard;

        void RunUntil(Func<bool> condition)
        {
            while (!condition())
            {
                if (!system.Run() && !_clock.Step(TimeSpan.MaxValue)) throw new InvalidOperationException("Everything has stopped.");
            }
        }
    }

    static void Play(ActorSystem system, string plugin, object[] script, List<string> heard, Action<Func<bool>> runUntil)
    {
        var store = Persistence.Instance.Apply(system).SnapshotStoreFor(plugin);
        var asker = system.ActorOf(Props.Create(typeof(Asker), heard));
        foreach (var request in script)
        {
            var before = heard.Count;
            store.Tell(request, asker);
            runUntil(() => heard.Count > before);
        }
    }

    sealed class Asker(List<string> heard) : UntypedActor
    {
        protected override void OnReceive(object message) => heard.Add($"{message.GetType().Name} {Content(message)}");

        static string Content(object message) => message switch
        {
            LoadSnapshotResult { Snapshot: null } => "none",
            LoadSnapshotResult { Snapshot: { Snapshot: byte[] bytes } row } => $"{Name(row.Metadata)} {bytes.Length} bytes, {bytes.Sum(octet => int.PopCount(octet))} bits",
            LoadSnapshotResult { Snapshot: { } row } => $"{Name(row.Metadata)} {row.Snapshot}",
            SaveSnapshotSuccess saved => Name(saved.Metadata),
            DeleteSnapshotSuccess deleted => Name(deleted.Metadata),
            DeleteSnapshotsSuccess deleted => $"{deleted.Criteria.MinSequenceNr} to {deleted.Criteria.MaxSequenceNr}",
            _ => "",
        };

        static string Name(SnapshotMetadata metadata) => $"{metadata.PersistenceId} {metadata.SequenceNr}";
    }
}
