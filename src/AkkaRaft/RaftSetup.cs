using System.Buffers.Binary;
using System.Security.Cryptography;
using Akka.Actor;
using Akka.Actor.Setup;
using AkkaRaft.Node;

namespace AkkaRaft;

/// <summary>
/// What AkkaRaft takes from outside besides its settings: the clock and the randomness. For simulations and tests, which give their own;
/// an application needs none. Given with the system: <c>ActorSystem.Create("orders", BootstrapSetup.Create().And(RaftSetup.Create()...))</c>.
/// </summary>
public sealed class RaftSetup : Setup
{
    RaftSetup(TimeProvider timeProvider, Func<ulong> entropy)
    {
        TimeProvider = timeProvider;
        Entropy = entropy;
    }

    /// <summary>
    /// The clock of every node and client of the system: waits are measured by its timestamps, entries are stamped with its UTC time. Default the machine's.
    /// </summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>
    /// Gives 64 random bits at each call, for storage ids, incarnations and seeds; called from several threads. Default the operating system's.
    /// </summary>
    public Func<ulong> Entropy { get; }

    /// <summary>Looks on while the system's nodes work; null for nobody.</summary>
    internal INodeObserver? Observer { get; private init; }

    /// <summary>The system's clock and the operating system's randomness.</summary>
    public static RaftSetup Create() => new(TimeProvider.System, FromOperatingSystem);

    /// <summary>A copy with another clock.</summary>
    public RaftSetup WithTimeProvider(TimeProvider value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new RaftSetup(value, Entropy) { Observer = Observer };
    }

    /// <summary>A copy with another source of randomness.</summary>
    public RaftSetup WithEntropy(Func<ulong> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new RaftSetup(TimeProvider, value) { Observer = Observer };
    }

    /// <summary>A copy with somebody who looks on.</summary>
    internal RaftSetup WithObserver(INodeObserver value) => new(TimeProvider, Entropy) { Observer = value };

    /// <summary>What the system was created with, or the defaults.</summary>
    internal static RaftSetup Of(ActorSystem system)
    {
        var given = system.Settings.Setup.Get<RaftSetup>();
        return given.HasValue ? given.Value : Create();
    }

    static ulong FromOperatingSystem()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
