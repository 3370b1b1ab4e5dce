using AkkaRaft.TestKit;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Cluster;

/// <summary>Leadership that is handed over, given up, or wished for, in whole clusters.</summary>
public sealed class LeadershipTests
{
    /// <summary>Thesis 3.10: leadership goes round under load, and no write fails by it.</summary>
    [Fact, Trait("RaftBug", "B81")]
    public void Leadership_is_handed_over_under_load_and_no_write_fails()
    {
        for (var seed = 1ul; seed <= 5; seed++)
        {
            // The fifth only asks for leaders. A client without a session that hears of the next leader from somebody else, before the old one has sent on what
            // waits there, must call that unknown.
            using var cluster = Elected(seed, clients: 5);
            var writes = new List<SimulatedOperation>();
            for (var round = 0; round < 6; round++)
            {
                for (var client = 1; client <= 4; client++)
                {
                    for (var i = 0; i < 10; i++) writes.Add(cluster.Propose(new AddLine($"{round}.{client}.{i}"), client));
                }

                var next = cluster.Leader!.Value % 3 + 1;
                cluster.TransferLeadership(next, client: 5);
                cluster.RunUntil(new Condition($"node {next} leads", c => c.Leader == next));
            }

            cluster.RunUntil(Conditions.OperationsEnded);
            writes.Where(write => write.Result!.Outcome != OperationOutcome.Done).Select(write => write.Result!.Error).ShouldBeEmpty();
            cluster.RunUntil(Conditions.Converged);
            cluster.RunFor(2.Seconds());   // until the client has found each leader
            cluster.Counters.TransfersDone.ShouldBe(6);
        }
    }

    /// <summary>The target dies as soon as it is asked for: within an election timeout the old leader goes on, and who waited is served.</summary>
    [Fact, Trait("RaftBug", "B82")]
    public void A_target_that_dies_holds_nobody_up_for_longer_than_an_election_timeout()
    {
        using var cluster = Elected(1);
        var leader = cluster.Leader!.Value;
        var target = leader % 3 + 1;
        cluster.Crash(target);
        cluster.TransferLeadership(target);
        cluster.RunFor(20.Milliseconds());
        var write = cluster.Propose(new AddLine("waits"));
        var asked = cluster.Now;

        cluster.RunUntil(write.Ended);

        write.Result!.Outcome.ShouldBe(OperationOutcome.Done);
        (cluster.Now - asked).ShouldBeInRange(500.Milliseconds(), 1500.Milliseconds());
        cluster.Leader.ShouldBe(leader);
        cluster.Counters.TransfersDone.ShouldBe(0);
    }

    /// <summary>A target that stands still is given up, and the call in its mailbox does no harm when it wakes.</summary>
    [Fact, Trait("RaftBug", "B91")]
    public void A_target_that_stands_still_does_not_disturb_when_it_wakes()
    {
        using var cluster = Elected(1);
        var leader = cluster.Leader!.Value;
        var target = leader % 3 + 1;
        cluster.TransferLeadership(target);
        cluster.Pause(target);
        cluster.RunFor(3.Seconds());
        cluster.Leader.ShouldBe(leader);
        var elections = cluster.Counters.Elections;

        cluster.Resume(target);
        cluster.RunFor(5.Seconds());

        cluster.Leader.ShouldBe(leader);
        cluster.Counters.Elections.ShouldBe(elections);
    }

    /// <summary>A leader whose disk hangs is heard by all, and gives up all the same; the others elect one whose disk works.</summary>
    [Fact, Trait("RaftBug", "B90")]
    public void A_leader_whose_disk_hangs_gives_up_and_another_leads_on()
    {
        using var cluster = Elected(1);
        var leader = cluster.Leader!.Value;
        cluster.StallDisk(leader, 20.Seconds());
        var hanging = cluster.Propose(new AddLine("a"));
        var began = cluster.Now;

        cluster.RunUntil(new Condition("another leads", c => c.Leader is { } other && other != leader));

        (cluster.Now - began).ShouldBeLessThan(4.Seconds());
        cluster.RunFor(5.Seconds());
        cluster.Leader.ShouldNotBe(leader, "it does not stand again while its disk hangs");
        cluster.RunUntil(hanging.Ended);
        var write = cluster.Propose(new AddLine("b"));
        cluster.RunUntil(write.Ended);
        write.Result!.Outcome.ShouldBe(OperationOutcome.Done);
        cluster.EndFaults();
        cluster.RunUntil(Conditions.Converged);
    }

    /// <summary>A slowed journal is the limit: writes take as long as its rate says, and nothing fails.</summary>
    [Fact]
    public void A_slowed_journal_sets_the_pace()
    {
        using var cluster = Elected(1, settings: settings => settings.WithTestingJournalBytesPerSecond(40_000));
        var began = cluster.Now;
        var writes = Enumerable.Range(0, 20).Select(i => cluster.Propose(new AddLine(new string('x', 4000)), timeout: 60.Seconds())).ToList();

        cluster.RunUntil(Conditions.OperationsEnded);

        writes.ShouldAllBe(write => write.Result!.Outcome == OperationOutcome.Done);
        (cluster.Now - began).ShouldBeInRange(1900.Milliseconds(), 4.Seconds());
    }

    /// <summary>All seeds with nothing but handing over, and what ordinary days bring.</summary>
    [Fact]
    public void Handing_over_again_and_again_breaks_nothing()
    {
        var counters = Simulate.Seeds(10, cluster => cluster.Nodes(3).For(10.Seconds()).Faults(Faults.Transfers).StateMachine(() => new Journaled())
            .Clients(3, random => new AddLine($"{random.Between(0, 1000)}")));

        counters.TransfersDone.ShouldBeGreaterThan(10);
        // Who waits for 150 ms only may give up while a target that is behind is waited for.
        counters.OperationsUnknown.ShouldBeLessThan(counters.OperationsDone / 50);
    }

    static SimulatedCluster Elected(ulong seed, int clients = 1, Func<RaftSettings, RaftSettings>? settings = null)
    {
        var cluster = new SimulatedCluster(seed, new ClusterOptions
        {
            Clients = clients,
            StateMachine = () => new Journaled(),
            Fingerprint = machine => ((Journaled)machine).State,
            Settings = settings ?? (same => same),
        });
        cluster.Start();
        cluster.RunUntil(Conditions.LeaderElected);
        return cluster;
    }
}
