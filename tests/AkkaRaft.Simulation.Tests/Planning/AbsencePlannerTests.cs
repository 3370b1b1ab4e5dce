using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Planning;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Planning;

public sealed class AbsencePlannerTests
{
    static readonly TimeSpan Duration = TimeSpan.FromSeconds(10);

    static readonly Faults Absences = Faults.Calm.With(FaultKinds.LongAbsence);

    [Fact]
    public void Whoever_goes_comes_back_and_one_at_a_time_is_away()
    {
        for (var seed = 1UL; seed <= 200; seed++)
        {
            foreach (var episode in new AbsencePlanner(new SimulationRandom(seed, "absences"), 3, Duration).Plan())
            {
                episode[0].Code.ShouldMatch(@"^cluster\.(Crash|Isolate)\(\d\);$");
                episode[^1].Code.ShouldMatch(@"^cluster\.(Restart\(\d\)|Heal\(\));$");
                episode.Select(action => action.At).ShouldBe(episode.Select(action => action.At).Order());
                (episode[^1].At - episode[0].At).ShouldBeGreaterThan(Duration * 0.1);
            }
        }
    }

    [Fact]
    public void All_kinds_of_absence_are_drawn()
    {
        var code = Enumerable.Range(1, 100).SelectMany(seed => new FaultPlanner((ulong)seed, Absences, 3, 1, Duration).Plan()).Select(action => action.Code.Split('(')[0]).ToHashSet();

        string[] absences = ["cluster.Crash", "cluster.Restart", "cluster.CrashInInstall", "cluster.Isolate", "cluster.Heal"];
        absences.Except(code).ShouldBeEmpty();
    }

    [Fact]
    public void A_late_first_start_comes_before_anything_is_written()
    {
        var late = Enumerable.Range(1, 50).Select(seed => new AbsencePlanner(new SimulationRandom((ulong)seed, "absences"), 3, Duration).Plan().First()).Count(episode => episode[0].At == TimeSpan.Zero);
        late.ShouldBeInRange(10, 30);
    }

    [Fact]
    public void A_single_node_is_never_away() => new AbsencePlanner(new SimulationRandom(1, "absences"), 1, Duration).Plan().ShouldBeEmpty();

    /// <summary>So that the other faults of a seed can be compared with what they were before there were absences.</summary>
    [Fact]
    public void Absences_leave_the_other_faults_as_they_are()
    {
        var without = Faults.All.With(Faults.All.Kinds & ~FaultKinds.LongAbsence);
        var more = 0;
        for (var seed = 1UL; seed <= 40; seed++)
        {
            var expected = new FaultPlanner(seed, without, 3, 2, Duration).Plan().Select(action => (action.At, action.Code)).ToList();
            var all = new FaultPlanner(seed, Faults.All, 3, 2, Duration).Plan().Select(action => (action.At, action.Code)).ToList();
            all.Take(expected.Count).ShouldBe(expected);
            if (all.Count > expected.Count) more++;
        }

        more.ShouldBeInRange(10, 30);
    }

    [Fact]
    public void Most_seeds_take_snapshots_and_some_do_not()
    {
        var draws = Enumerable.Range(1, 200).Select(seed => SnapshotDraw.Of((ulong)seed)).ToList();

        draws.Count(draw => draw is null).ShouldBeInRange(10, 60);
        foreach (var draw in draws.OfType<SnapshotDraw>())
        {
            draw.Entries.ShouldBeInRange(2, 60);
            draw.TrailingEntries.ShouldBeInRange(0, 20);
            draw.WindowBytes.ShouldBeGreaterThanOrEqualTo(draw.ChunkBytes);
        }
    }
}
