namespace AkkaRaft.Process.Tests.Chaos;

internal enum FaultKind
{
    KillLeader,
    KillFollower,
    FreezeLeader,
    FreezeFollower,
    StopLeader,
    StopFollower,
    Transfer,

    /// <summary>A follower is away until the leader's log no longer has what it misses.</summary>
    Absence,

    /// <summary>One is killed and another frozen: no majority is left.</summary>
    LoseMajority,

    KillAll,
}

/// <summary>What is to be done next.</summary>
/// <param name="Kind">What.</param>
/// <param name="Pause">How long to wait before.</param>
/// <param name="Lasts">How long the node stays away, or frozen.</param>
/// <param name="Pick">Which of the nodes that it may be; taken modulo their number.</param>
/// <param name="ByFreezing">Whether an absence is a freeze, otherwise a kill.</param>
internal sealed record Fault(FaultKind Kind, TimeSpan Pause, TimeSpan Lasts, int Pick, bool ByFreezing);

/// <summary>
/// Faults drawn from a seed, as from a deck of cards: each kind comes in each deck, the frequent ones several times. Half of the freezes last longer than an election
/// timeout, half shorter.
/// </summary>
internal sealed class FaultPlan(int seed)
{
    static readonly FaultKind[] s_essential = [FaultKind.KillLeader, FaultKind.FreezeLeader, FaultKind.Absence, FaultKind.Transfer, FaultKind.StopLeader];

    static readonly FaultKind[] s_deck =
    [
        .. Enum.GetValues<FaultKind>(), .. s_essential, FaultKind.KillLeader, FaultKind.KillLeader, FaultKind.FreezeLeader, FaultKind.FreezeLeader, FaultKind.KillFollower,
        FaultKind.FreezeFollower, FaultKind.Transfer, FaultKind.Transfer,
    ];

    readonly Random _random = new(seed);
    readonly Queue<FaultKind> _cards = [];
    bool _begun;

    /// <summary>How many come first of all: one of each essential kind.</summary>
    public static int Essential => s_essential.Length;

    /// <summary>Draws.</summary>
    public Fault Next()
    {
        if (_cards.Count == 0)
        {
            var cards = (_begun ? s_deck : s_essential).ToArray();
            _begun = true;
            _random.Shuffle(cards);
            foreach (var card in cards) _cards.Enqueue(card);
        }

        var isLong = _random.Next(2) == 0;
        return new Fault(
            _cards.Dequeue(), TimeSpan.FromMilliseconds(_random.Next(100, 1_500)),
            TimeSpan.FromMilliseconds(isLong ? _random.Next(1_000, 3_500) : _random.Next(20, 600)), _random.Next(1_000_000), _random.Next(2) == 0);
    }
}
