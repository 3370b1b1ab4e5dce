using Akka.Actor;
using Akka.Event;
using Akka.Remote;
using AkkaSerialization = Akka.Serialization.Serialization;
using AkkaRaft.Protocol;
using AkkaRaft.TestKit.Cluster;
using AkkaRaft.TestKit.Kernel;

namespace AkkaRaft.TestKit.Network;

/// <summary>Carries messages between hosts as bytes, through the real serializers: late, lost, doubled, overtaken, or cut off.</summary>
internal sealed class SimulatedNetwork(SimulationKernel kernel, int maxFrameSize)
{
    readonly Dictionary<string, SimulatedHost> _hosts = [];
    readonly Dictionary<(string, string), Link> _links = [];
    readonly SimulationRandom _random = new(kernel.Seed, "network");

    long _parcels;

    public NetworkFaults Faults { get; set; } = NetworkFaults.None;

    public NetworkCounters Counters { get; } = new();

    /// <summary>A message was sent that Akka.Remote would drop in silence, being too large for a frame.</summary>
    public Action<SimulatedHost, object, int>? OnOversize { get; set; }

    /// <summary>Commands of a session are about to come twice, which Akka.Remote never does: a refusal of one copy says nothing of the other.</summary>
    public Action<ProposeBatch>? OnDoubled { get; set; }

    /// <summary>Hears what becomes of each message; null while nobody wants to know.</summary>
    public IClusterObserver? Observer { get; set; }

    /// <summary>The links that are cut, as pairs of host names, in an order that is the same in each process.</summary>
    public IEnumerable<(string From, string To)> CutLinks => _links.Where(pair => pair.Value.IsCut).Select(pair => pair.Key)
        .OrderBy(names => names.Item1, StringComparer.Ordinal).ThenBy(names => names.Item2, StringComparer.Ordinal);

    /// <summary>A host is there, or is there again.</summary>
    public void Attach(SimulatedHost host) => _hosts[host.Name] = host;

    /// <summary>A host is gone. Its peers' connections break, which they notice sooner or later.</summary>
    public void Detach(SimulatedHost gone)
    {
        _hosts.Remove(gone.Name);
        foreach (var other in _hosts.Values.OrderBy(host => host.Name, StringComparer.Ordinal))
        {
            var notice = LinkOf(gone.Name, other.Name).Random.Between(TimeSpan.FromMicroseconds(100), TimeSpan.FromMilliseconds(20));
            kernel.After(notice, gone.Key, other, () => other.System!.EventStream.Publish(new DisassociatedEvent(other.Address, gone.Address, false)));
        }
    }

    public void SetCut(string from, string to, bool isCut) => LinkOf(from, to).IsCut = isCut;

    public bool IsCut(string from, string to) => LinkOf(from, to).IsCut;

    public void HealAll()
    {
        foreach (var link in _links.Values) link.IsCut = false;
    }

    /// <summary>Holds up what a link carries, as a connection does whose packets are sent again and again: it comes later, in its order.</summary>
    public void Stall(string from, string to, TimeSpan duration)
    {
        var link = LinkOf(from, to);
        var until = kernel.Now + duration;
        if (until <= link.StalledUntil) return;
        link.StalledUntil = until;
        kernel.At(until, link.Key, null, () => Release(link));
    }

    public void EndStalls()
    {
        foreach (var link in _links.Values)
        {
            link.StalledUntil = kernel.Now;
            Release(link);
        }
    }

    /// <summary>A stall is over, unless a longer one has come.</summary>
    void Release(Link link)
    {
        if (kernel.Now < link.StalledUntil) return;
        foreach (var deliver in link.Waiting) kernel.At(kernel.Now, link.Key, null, deliver);
        link.Waiting.Clear();
    }

    public void Send(SimulatedHost from, ActorPath to, object message, IActorRef sender)
    {
        var system = (ExtendedActorSystem)from.System!;
        var serializer = system.Serialization.FindSerializerFor(message);
        var manifest = AkkaSerialization.ManifestFor(serializer, message);
        var bytes = AkkaSerialization.WithTransport(system, () => serializer.ToBinary(message));
        if (bytes.Length + FrameOverhead > maxFrameSize) OnOversize?.Invoke(from, message, bytes.Length);

        var senderPath = sender is null || sender.IsNobody() ? null : sender.Path.ToSerializationFormatWithAddress(from.Address);
        var link = LinkOf(from.Name, to.Address.Host!);
        var parcel = new Parcel(++_parcels, link, senderPath is null ? null : sender!.Path, to, message, bytes, kernel.Now);
        Counters.Sent++;
        Observer?.Sent(parcel);

        if (link.Random.Chance(Faults.Loss))
        {
            Counters.Lost++;
            Observer?.Ended(parcel, ParcelFate.Lost);
            return;
        }

        var deliver = () => Deliver(parcel, from, to, serializer.Identifier, manifest, senderPath);
        Dispatch(link, deliver);
        // What a client sends outside of a session comes at most once, as Akka.Remote has it: a command that came twice would be two commands.
        if (!link.Random.Chance(Faults.Duplication) || message is ProposeBatch { Session: null, Call: null }) return;
        if (message is ProposeBatch batch) OnDoubled?.Invoke(batch);
        Counters.Duplicated++;
        parcel.Copies++;
        Observer?.Doubled(parcel);
        Dispatch(link, deliver);
    }

    /// <summary>What Akka.Remote puts around a message: paths, manifests, headers.</summary>
    const int FrameOverhead = 1024;

    void Dispatch(Link link, Action deliver)
    {
        var faults = Faults;
        var arrival = kernel.Now + link.Random.Between(faults.DelayMin, faults.DelayMax);
        if (link.Random.Chance(faults.Stragglers))
        {
            Counters.Late++;
            arrival += link.Random.Between(TimeSpan.Zero, faults.StragglerDelay);
        }

        if (faults.Ordered)
        {
            if (arrival <= link.LastArrival) arrival = link.LastArrival + TimeSpan.FromTicks(1);
            link.LastArrival = arrival;
        }

        kernel.At(arrival, link.Key, null, deliver);
    }

    void Deliver(Parcel parcel, SimulatedHost from, ActorPath to, int serializerId, string manifest, string? senderPath)
    {
        if (parcel.Link.IsCut)
        {
            Counters.Cut++;
            Observer?.Ended(parcel, ParcelFate.Cut);
            return;
        }

        if (kernel.Now < parcel.Link.StalledUntil)
        {
            Counters.HeldUp++;
            parcel.Link.Waiting.Add(() => Deliver(parcel, from, to, serializerId, manifest, senderPath));
            return;
        }

        if (!_hosts.TryGetValue(parcel.Link.To, out var host))
        {
            Counters.NobodyThere++;
            Observer?.Ended(parcel, ParcelFate.NobodyThere);
            HandBack(parcel, from, to);
            return;
        }

        if (host.IsPaused)
        {
            // It waits in the socket.
            kernel.At(kernel.Now, parcel.Link.Key, host, () => Deliver(parcel, from, to, serializerId, manifest, senderPath));
            return;
        }

        Counters.Delivered++;
        kernel.Mix((ulong)parcel.Bytes.Length);
        Observer?.Ended(parcel, ParcelFate.Delivered);
        kernel.RunAs(host, () => Receive(host, parcel.Bytes, to, serializerId, manifest, senderPath));
    }

    static void Receive(SimulatedHost host, byte[] bytes, ActorPath to, int serializerId, string manifest, string? senderPath)
    {
        var system = (ExtendedActorSystem)host.System!;
        object message;
        try
        {
            message = system.Serialization.Deserialize(bytes, serializerId, manifest);
        }
        catch (Exception unreadable)
        {
            // As Akka.Remote does: the message is dropped, the connection stays.
            system.Log.Warning(unreadable, "a message \"{0}\" for {1} cannot be read and is dropped: {2}", manifest, to, unreadable.Message);
            return;
        }

        var target = system.Provider.ResolveActorRef(to);
        target.Tell(message, senderPath is null ? ActorRefs.NoSender : system.Provider.ResolveActorRef(senderPath));
    }

    /// <summary>Akka hands back, as a dead letter, what it surely has not delivered; not always, for it does not always know.</summary>
    void HandBack(Parcel parcel, SimulatedHost from, ActorPath to)
    {
        if (parcel.Copies > 1 || !from.IsUp || !_random.Chance(0.5)) return;
        kernel.At(kernel.Now, parcel.Link.Key, from, () =>
            from.System!.EventStream.Publish(new DeadLetter(parcel.Message, from.System.DeadLetters, from.System.DeadLetters)));
    }

    Link LinkOf(string from, string to)
    {
        if (!_links.TryGetValue((from, to), out var link))
            _links.Add((from, to), link = new Link(from, to, new SimulationRandom(kernel.Seed, $"link {from}>{to}")));
        return link;
    }
}
