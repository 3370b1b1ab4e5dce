using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;
using AkkaSettings = Akka.Actor.Settings;

namespace AkkaRaft.TestKit.Kernel;

/// <summary>The mailbox of every actor of a simulated ActorSystem.</summary>
internal sealed class SimulationMailbox : MailboxType, IProducesMessageQueue<SimulationQueue>
{
    readonly SimulatedHost _host;

    public SimulationMailbox(AkkaSettings settings, Config config) : base(settings, config) => _host = SimulationSetup.HostOf(settings);

    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new SimulationQueue(_host, owner);
}

/// <summary>Hands out one message for each run of its mailbox, so that the kernel decides after each who goes next.</summary>
internal sealed class SimulationQueue : IMessageQueue, IUnboundedDequeBasedMessageQueueSemantics
{
    readonly SimulatedHost _host;
    readonly LinkedList<Envelope> _waiting = [];
    readonly string _actor;

    public SimulationQueue(SimulatedHost host, IActorRef owner)
    {
        _host = host;
        _actor = ActorNames.Stable(owner);
        Key = StableHash.Of(host.Key, _actor);
    }

    /// <summary>Of its actor's path; the same in every process.</summary>
    public ulong Key { get; }

    public bool HasMessages => _waiting.Count > 0;

    public int Count => _waiting.Count;

    public void Enqueue(IActorRef receiver, Envelope envelope)
    {
        if (!_host.Kernel.RequireDriver($"a message for {_host.Name}{_actor}")) return;
        if (_host.Kernel.Running is { } running && running != _host)
            _host.Kernel.ReportLeak($"{running.Name} told {_host.Name}{_actor} {envelope.Message.GetType()} without the network between them");
        _waiting.AddLast(envelope);
    }

    public void EnqueueFirst(Envelope envelope) => _waiting.AddFirst(envelope);

    public bool TryDequeue([MaybeNullWhen(false)] out Envelope envelope)
    {
        var kernel = _host.Kernel;
        if (kernel.Budget == 0 || _waiting.First is not { } first)
        {
            envelope = default;
            return false;
        }

        kernel.Budget--;
        _waiting.RemoveFirst();
        envelope = first.Value;
        var line = new TraceLine(kernel.Now, _host.Name, _actor, envelope.Message, envelope.Sender);
        kernel.OnDelivered(line);
        kernel.Mix((ulong)kernel.Now.Ticks ^ Key);
        kernel.Mix(TypeHash.Of(envelope.Message.GetType()));
        _host.Trace?.Invoke(line);
        return true;
    }

    public void CleanUp(IActorRef owner, IMessageQueue deadletters)
    {
        foreach (var envelope in _waiting) deadletters.Enqueue(owner, envelope);
        _waiting.Clear();
    }
}

/// <summary>Names of actors and types that are the same in every process.</summary>
internal static class ActorNames
{
    /// <summary>The path without address and uid; numbers at the end of a system actor's name come from counters of the whole process.</summary>
    public static string Stable(IActorRef actor)
    {
        var path = "/" + string.Join('/', actor.Path.Elements);
        return path.StartsWith("/system/", StringComparison.Ordinal) && !path.StartsWith("/system/raft-", StringComparison.Ordinal)
            ? path.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9')
            : path;
    }
}

/// <summary>A stable hash for each type.</summary>
internal static class TypeHash
{
    [ThreadStatic]
    static Dictionary<Type, ulong>? _known;

    public static ulong Of(Type type)
    {
        _known ??= [];
        if (!_known.TryGetValue(type, out var hash)) _known[type] = hash = StableHash.Of(type.ToString());
        return hash;
    }
}

/// <summary>One message that an actor is about to handle.</summary>
internal readonly record struct TraceLine(TimeSpan At, string Host, string Actor, object Message, IActorRef? Sender);
