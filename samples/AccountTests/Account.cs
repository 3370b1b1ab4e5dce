namespace AkkaRaft.Samples.AccountTests;

public sealed record Deposit(long Amount);

public sealed record Withdraw(long Amount);

public sealed record GetBalance;

/// <summary>The state machine under test: what you would run in production.</summary>
public sealed class Account : RaftStateMachine
{
    public Account()
    {
        Command<Deposit, long>(deposit => Balance += deposit.Amount);
        Command<Withdraw, bool>(withdraw =>
        {
            if (withdraw.Amount > Balance) return false;   // a refusal is a result, never an exception
            Balance -= withdraw.Amount;
            return true;
        });
        Query<GetBalance, long>(_ => Balance);
        Snapshot(take: () => Balance, restore: balance => Balance = balance);
    }

    public long Balance { get; private set; }
}
