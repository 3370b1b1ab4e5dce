using AkkaRaft.TestKit;
using Xunit;
using static AkkaRaft.TestKit.Conditions;

namespace AkkaRaft.Samples.AccountTests;

public sealed class AccountTests
{
    /// <summary>Fifty clusters under every kind of fault: whatever happens, the clients see one account.</summary>
    [Fact]
    public void Account_survives_anything() =>
        Simulate.Seeds(50, cluster => cluster
            .Nodes(3).StateMachine(() => new Account())
            .Clients(4, random => random.Pick(new Deposit(1), new Withdraw(1), new GetBalance()))
            .Faults(Faults.All)
            .Fingerprint(machine => ((Account)machine).Balance)
            .Check(history => Linearizability.Of(history, AccountModel.Instance)));

    /// <summary>One story, told step by step: the leader is cut off with a deposit that it cannot commit, and the others go on without it.</summary>
    [Fact]
    public void A_deposit_at_a_leader_that_is_cut_off_is_not_acknowledged()
    {
        using var cluster = new SimulatedCluster(seed: 1, new ClusterOptions { StateMachine = () => new Account(), Clients = 2 });
        cluster.Start();
        cluster.RunUntil(LeaderElected);
        var first = cluster.Propose(new Deposit(10));
        cluster.RunUntil(first.Ended);
        Assert.Equal(10L, first.Result!.Output);

        var old = cluster.Leader!.Value;
        int[] others = [.. new[] { 1, 2, 3 }.Where(node => node != old)];
        cluster.Partition([old], others);           // clients are with the first group
        var lost = cluster.Propose(new Deposit(5), timeout: 2.Seconds());
        cluster.RunUntil(lost.Ended);
        Assert.Equal(OperationOutcome.Unknown, lost.Result!.Outcome);

        cluster.RunUntil(new Condition("the others have a leader", c => c.Leader is { } leader && leader != old));
        cluster.Crash(old);
        cluster.Heal();
        var balance = cluster.Query(new GetBalance(), client: 2);
        cluster.RunUntil(balance.Ended);
        Assert.Equal(10L, balance.Result!.Output);

        cluster.Restart(old);
        cluster.RunUntil(Converged);
    }
}
