namespace AkkaRaft.TestKit;

/// <summary>
/// Which faults a run may have. Each seed draws which of them it has, and how strongly (a swarm): a run with everything at once would hide what a single kind
/// brings to light.
/// </summary>
public sealed record Faults
{
    Faults(FaultKinds kinds) => Kinds = kinds;

    /// <summary>None: delays and disks of an ordinary day.</summary>
    public static Faults Calm { get; } = new(FaultKinds.None);

    /// <summary>Messages delayed, lost, doubled, overtaken; links that hang; links and nodes cut off in all ways.</summary>
    public static Faults Network { get; } = new(FaultKinds.Network);

    /// <summary>Disks that are slow, hang, fail, reject, or cannot be read.</summary>
    public static Faults Disk { get; } = new(FaultKinds.Disk);

    /// <summary>Processes, also clients', that crash, processes that stand still, and clocks that are wrong.</summary>
    public static Faults Crashes { get; } = new(FaultKinds.Crashes);

    /// <summary>Nothing breaks, but leadership is handed over again and again.</summary>
    public static Faults Transfers { get; } = new(FaultKinds.Transfers);

    /// <summary>
    /// Nodes are added, removed, replaced, promoted and demoted all the time, disks are lost, and meanwhile the network and the processes fail as they do.
    /// </summary>
    public static Faults Members { get; } =
        new(FaultKinds.Membership | FaultKinds.WipedDisk | FaultKinds.Network | FaultKinds.Crashes | FaultKinds.Transfers | FaultKinds.SlowDisk);

    /// <summary>All of them but changes of the members, which need nodes that can be added, and disks that are lost.</summary>
    public static Faults All { get; } = new(FaultKinds.Network | FaultKinds.Disk | FaultKinds.Crashes | FaultKinds.Transfers);

    /// <summary>What may happen.</summary>
    public FaultKinds Kinds { get; private init; }

    /// <summary>A copy with these kinds instead.</summary>
    /// <param name="kinds">What may happen.</param>
    public Faults With(FaultKinds kinds) => this with { Kinds = kinds };
}

/// <summary>Kinds of faults.</summary>
[Flags]
public enum FaultKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Messages take long.</summary>
    Delay = 1,

    /// <summary>Messages are lost.</summary>
    Loss = 1 << 1,

    /// <summary>Messages come twice.</summary>
    Duplication = 1 << 2,

    /// <summary>Messages overtake each other on the same link.</summary>
    Reordering = 1 << 3,

    /// <summary>Single messages are late by seconds.</summary>
    Stragglers = 1 << 4,

    /// <summary>The nodes fall into groups that do not reach each other.</summary>
    Partitions = 1 << 5,

    /// <summary>One direction of a link is cut.</summary>
    OneWayCuts = 1 << 6,

    /// <summary>A node reaches nobody.</summary>
    Isolation = 1 << 7,

    /// <summary>Cuts that come and go quickly.</summary>
    Flapping = 1 << 8,

    /// <summary>Links hang: nothing is lost, and all of it is late.</summary>
    StalledLinks = 1 << 9,

    /// <summary>All kinds of the network.</summary>
    Network = Delay | Loss | Duplication | Reordering | Stragglers | Partitions | OneWayCuts | Isolation | Flapping | StalledLinks,

    /// <summary>Nodes crash, alone or together, and come back.</summary>
    Crash = 1 << 10,

    /// <summary>Processes stand still.</summary>
    Pause = 1 << 11,

    /// <summary>Clocks run at different rates.</summary>
    ClockRate = 1 << 12,

    /// <summary>Wall clocks are wrong.</summary>
    ClockSkew = 1 << 13,

    /// <summary>Clients end, and start again without knowing anything.</summary>
    ClientRestart = 1 << 14,

    /// <summary>All kinds of processes and clocks.</summary>
    Crashes = Crash | Pause | ClockRate | ClockSkew | ClientRestart | LongAbsence,

    /// <summary>Disks are slow.</summary>
    SlowDisk = 1 << 15,

    /// <summary>Disks hang.</summary>
    StalledDisk = 1 << 16,

    /// <summary>Writes fail, and half of them are on disk all the same.</summary>
    FailingDisk = 1 << 17,

    /// <summary>Writes are rejected.</summary>
    RejectingDisk = 1 << 18,

    /// <summary>Journals cannot be read when a node starts.</summary>
    ReadErrors = 1 << 19,

    /// <summary>
    /// Nodes are down or cut off, or start for the first time, when the others have gone on for so long that they have compacted what such a node needs; some crash while
    /// they get a snapshot.
    /// </summary>
    LongAbsence = 1 << 20,

    /// <summary>All kinds of disks.</summary>
    Disk = SlowDisk | StalledDisk | FailingDisk | RejectingDisk | ReadErrors,

    /// <summary>Who belongs to the cluster changes: nodes that were started empty are added, others removed, replaced, promoted and demoted, one or several at a time.</summary>
    Membership = 1 << 22,

    /// <summary>A node loses its disk, comes back with an empty one under its old name, is refused, and is removed and added again.</summary>
    WipedDisk = 1 << 23,

    /// <summary>Leadership is handed over, to any node or to the most up-to-date one: nothing that is wrong, but what must not go wrong.</summary>
    Transfers = 1 << 21,
}
