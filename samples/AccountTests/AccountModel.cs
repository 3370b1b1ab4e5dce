using AkkaRaft.TestKit;

namespace AkkaRaft.Samples.AccountTests;

/// <summary>What an account must do, one operation after the other: the simulation compares with it what the clients of a cluster saw.</summary>
public sealed class AccountModel : SequentialModel<long>
{
    public static readonly AccountModel Instance = new();

    public override long Initial => 0;

    public override (long State, object? Output) Apply(long balance, object input) => input switch
    {
        Deposit deposit => (balance + deposit.Amount, balance + deposit.Amount),
        Withdraw withdraw when withdraw.Amount <= balance => (balance - withdraw.Amount, true),
        Withdraw => (balance, false),
        _ => (balance, balance),
    };
}
