using Akka.Actor;

namespace AkkaRaft.TestKit.Network;

/// <summary>One direction between two hosts.</summary>
internal sealed class Link(string from, string to, SimulationRandom random)
{
    public string From => from;

    public string To => to;

    public ulong Key { get; } = StableHash.Of($"{from}>{to}");

    public SimulationRandom Random => random;

    /// <summary>Nothing gets through; what is under way neither.</summary>
    public bool IsCut { get; set; }

    /// <summary>Until then nothing gets through, and nothing is lost: what arrives waits in <see cref="Waiting"/>.</summary>
    public TimeSpan StalledUntil { get; set; }

    /// <summary>What a stall holds up, in the order in which it came.</summary>
    public List<Action> Waiting { get; } = [];

    /// <summary>When the last message of an ordered link arrives.</summary>
    public TimeSpan LastArrival { get; set; }
}

/// <summary>One message between hosts; the same for both arrivals of one that comes twice.</summary>
internal sealed class Parcel(long number, Link link, ActorPath? sender, ActorPath receiver, object message, byte[] bytes, TimeSpan sentAt)
{
    public long Number => number;

    public Link Link => link;

    /// <summary>The actor that sent it; null if none did.</summary>
    public ActorPath? Sender => sender;

    public ActorPath Receiver => receiver;

    /// <summary>What the sender sent, for people; the receiver gets what it reads from <see cref="Bytes"/>.</summary>
    public object Message => message;

    public byte[] Bytes => bytes;

    public TimeSpan SentAt => sentAt;

    public int Copies { get; set; } = 1;
}

/// <summary>What became of a message.</summary>
internal enum ParcelFate
{
    Delivered,
    Lost,
    Cut,
    NobodyThere,
}
