namespace AkkaRaft.TestKit;

/// <summary>How badly the links between hosts behave. The same for all of them; each draws from a stream of its own.</summary>
public sealed record NetworkFaults
{
    /// <summary>A quiet local network.</summary>
    public static NetworkFaults None { get; } = new();

    /// <summary>The shortest time that a message takes. Default 50 microseconds.</summary>
    public TimeSpan DelayMin { get; init; } = TimeSpan.FromMicroseconds(50);

    /// <summary>The longest time that a message takes, unless it is a straggler. Default 500 microseconds.</summary>
    public TimeSpan DelayMax { get; init; } = TimeSpan.FromMicroseconds(500);

    /// <summary>The share of messages that are lost.</summary>
    public double Loss { get; init; }

    /// <summary>The share of messages that come twice.</summary>
    public double Duplication { get; init; }

    /// <summary>The share of messages that are late by up to <see cref="StragglerDelay"/>.</summary>
    public double Stragglers { get; init; }

    /// <summary>How late a straggler is at most. Default 2 seconds.</summary>
    public TimeSpan StragglerDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether a link keeps the order of its messages, as Akka.Remote does while a connection lives.</summary>
    public bool Ordered { get; init; } = true;

    /// <summary>Throws when a value makes no sense.</summary>
    internal NetworkFaults Checked()
    {
        if (DelayMin < TimeSpan.Zero || DelayMax < DelayMin)
            throw new ArgumentOutOfRangeException(nameof(DelayMax), DelayMax, $"NetworkFaults: {nameof(DelayMin)} = {DelayMin} and {nameof(DelayMax)} = {DelayMax} are no range of times.");
        if (StragglerDelay < TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(StragglerDelay), StragglerDelay, "NetworkFaults: a message cannot come before it was sent.");
        foreach (var (name, value) in new[] { (nameof(Loss), Loss), (nameof(Duplication), Duplication), (nameof(Stragglers), Stragglers) })
        {
            if (value is not (>= 0 and <= 1))
                throw new ArgumentOutOfRangeException(name, value, $"NetworkFaults: {name} = {value} is no probability. Give a number from 0, never, to 1, always.");
        }

        return this;
    }
}

/// <summary>What the network really did; a run in which nothing happened proves nothing.</summary>
internal sealed record NetworkCounters
{
    public long Sent { get; set; }

    public long Delivered { get; set; }

    public long Lost { get; set; }

    public long Duplicated { get; set; }

    public long Late { get; set; }

    /// <summary>Held up by a stalled link.</summary>
    public long HeldUp { get; set; }

    /// <summary>Not delivered because the link was cut.</summary>
    public long Cut { get; set; }

    /// <summary>Not delivered because nobody was there.</summary>
    public long NobodyThere { get; set; }
}
