using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Journal;
using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Storage;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Storage;

/// <summary>A persistent actor cannot tell the simulated plug-ins from Akka's own: the same messages, in the same order, from the same senders.</summary>
public sealed class ProtocolComparisonTests
{
    static readonly object[] Script =
    [
        new Add(1), new AddAll(2, 3), new AddAsync(4, 5), new Snap(), new Add(6), new Forget(3), new ForgetSnapshot(99), new AddAll(), new Forget(long.MaxValue),
    ];

    [Theory]
    [InlineData("off")]
    [InlineData("fail")]
    [InlineData("repair-by-discard-old")]
    public void Writes_deletions_snapshots_and_a_replay_look_the_same(string filter)
    {
        var expected = OnAkka(typeof(MemoryJournal), filter, [.. Script.Take(5)], Script[5..]);

        OnSimulation(DiskFaults.None, filter, [.. Script.Take(5)], Script[5..]).ShouldBe(expected);

        var text = string.Join('\n', expected);
        text.ShouldContain("WriteMessagesSuccessful  from journal");
        text.ShouldContain("LoopMessageSuccess deferred from parent");
        text.ShouldContain("RecoverySuccess 6 from");
    }

    [Fact]
    public void Failed_writes_look_the_same() =>
        OnSimulation(new DiskFaults { FailProbability = 1, FailedButStored = 0 }, "fail", [new AddAll(2, 3)], [new AddAsync(4, 5)])
            .ShouldBe(OnAkka(typeof(FailingJournal), "fail", [new AddAll(2, 3)], [new AddAsync(4, 5)]));

    [Fact]
    public void Rejected_writes_look_the_same() =>
        OnSimulation(new DiskFaults { RejectProbability = 1 }, "fail", [new AddAll(2, 3)], [new AddAsync(4, 5)])
            .ShouldBe(OnAkka(typeof(RejectingJournal), "fail", [new AddAll(2, 3)], [new AddAsync(4, 5)]));

    /// <summary>All that differs is the answer.</summary>
    [Fact]
    public void Failed_deletions_and_snapshots_look_the_same()
    {
        object[] first = [new Add(1), new DiskFaults { FailProbability = 1, FailedButStored = 0 }, new Snap(), new Forget(1), new ForgetSnapshot(1), new ForgetSnapshots(1)];
        var expected = OnAkka(typeof(MemoryJournal), "fail", first, []).TakeWhile(line => !line.StartsWith("--", StringComparison.Ordinal));

        var failed = OnSimulation(DiskFaults.None, "fail", first, []).TakeWhile(line => !line.StartsWith("--", StringComparison.Ordinal)).ToList();

        failed.Count(line => line.Contains("Failure ", StringComparison.Ordinal)).ShouldBe(4);
        failed.Select(line => line.Replace("Failure  from", "Success 1 from", StringComparison.Ordinal)).ShouldBe(expected);
    }

    static List<string> OnAkka(Type journal, string filter, object[] first, object[] second)
    {
        using var system = new PumpedSystem(null, ConfigurationFactory.ParseString($$"""
            akka.persistence {
              journal.plugin = "akka.persistence.journal.compared"
              journal.compared {
                class = "{{journal.AssemblyQualifiedName}}"
                plugin-dispatcher = "akka.actor.default-dispatcher"
                replay-filter.mode = {{filter}}
              }
              snapshot-store.plugin = "akka.persistence.snapshot-store.compared"
              snapshot-store.compared {
                class = "Akka.Persistence.Snapshot.MemorySnapshotStore, Akka.Persistence"
                plugin-dispatcher = "akka.actor.default-dispatcher"
              }
            }
            """));
        return Play(system.System, first, second, _ => { }, system.RunUntil);
    }

    static List<string> OnSimulation(DiskFaults faults, string filter, object[] first, object[] second)
    {
        var clock = new ManualClock();
        var disk = new SimulatedDisk(clock, new SimulationRandom(1, "disk")) { Faults = faults };
        var config = ConfigurationFactory.ParseString($"{SimulatedStorage.JournalPluginId}.replay-filter.mode = {filter}")
            .WithFallback(ConfigurationFactory.ParseString(SimulatedStorage.Hocon));
        using var system = new PumpedSystem(disk, config);
        return Play(system.System, first, second, later => disk.Faults = later, condition =>
        {
            while (!condition())
            {
                if (!system.Run() && !clock.Step(TimeSpan.MaxValue)) throw new InvalidOperationException("Everything has stopped.");
            }
        });
    }

    // Each message's effects are awaited before the next one, for two plug-ins that answer at once may do so in any order.
    static List<string> Play(ActorSystem system, object[] first, object[] second, Action<DiskFaults> change, Action<Func<bool>> runUntil)
    {
        var raw = new List<string>();
        foreach (var script in (object[][])[first, second])
        {
            var heard = new List<object>();
            var parent = system.ActorOf(Props.Create(typeof(Recorder), Ledger.Props("ledger", raw), heard));
            runUntil(() => heard.Count > 0);
            foreach (var message in script)
            {
                if (message is DiskFaults faults)
                {
                    change(faults);
                    continue;
                }

                var before = heard.Count;
                parent.Tell(new ToChild(message), ActorRefs.NoSender);
                var answers = Answers(message);
                runUntil(() => heard.Count >= before + answers || heard.Contains("stopped"));
            }

            raw.Add("-- " + string.Join(", ", heard.Where(what => what is not "stopped")));
        }

        return raw;
    }

    static int Answers(object message) => message switch
    {
        AddAll all => all.Amounts.Length,
        AddAsync => 3,
        _ => 1,
    };

    public sealed class FailingJournal : MemoryJournal
    {
        protected override Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken) =>
            Task.FromException<IImmutableList<Exception>>(new IOException("no"));
    }

    public sealed class RejectingJournal : MemoryJournal
    {
        protected override Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken) =>
            Task.FromResult<IImmutableList<Exception>>([.. messages.Select(_ => new IOException("no"))]);
    }
}
