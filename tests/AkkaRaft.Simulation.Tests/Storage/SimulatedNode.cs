using Akka.Actor;
using Akka.Configuration;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Storage;

namespace AkkaRaft.Simulation.Tests.Storage;

/// <summary>A disk and one actor system after the other on it. What belongs to an earlier life goes on running, so that a reply from the past would be seen.</summary>
internal sealed class SimulatedNode : IDisposable
{
    public static readonly ClusterId Cluster = ClusterId.Parse("orders");
    public static readonly GroupId Group = GroupId.Parse("main");
    public static readonly NodeId Id = NodeId.Parse("2");
    public static readonly StorageId Storage = new("0123456789abcdef0123456789abcdef");
    public static readonly NodeIdentity Identity = new(Cluster, Group, Id, Storage, new Consensus.Configuration([new Member(Id, "127.0.0.1:4052")]));

    // Serializers as an application has them: from the library's reference.conf.
    static readonly Config Configuration = ConfigurationFactory.ParseString(SimulatedStorage.Hocon).WithFallback(RaftSettings.ReferenceConfig);

    readonly List<PumpedSystem> _lives = [];

    public SimulatedNode(ulong seed = 1, bool keepsObjects = false)
    {
        Disk = new SimulatedDisk(Clock, new SimulationRandom(seed, "disk")) { KeepsObjects = keepsObjects, EventStored = (id, _, stored) => Stored.Add((id, stored)) };
        Boot();
    }

    public ManualClock Clock { get; } = new();

    public SimulatedDisk Disk { get; }

    /// <summary>What the disk reported as durable.</summary>
    public List<(string Id, object Event)> Stored { get; } = [];

    public ActorSystem System => _lives[^1].System;

    public static JournalOptions Options => new() { JournalPluginId = SimulatedStorage.JournalPluginId };

    public void Boot() => _lives.Add(new PumpedSystem(Disk, Configuration));

    public void Crash() => Disk.Crash();

    public void CrashAndBoot()
    {
        Crash();
        Boot();
    }

    /// <summary>Lets the actors do all that they can do without time.</summary>
    public void Settle()
    {
        var busy = true;
        while (busy)
        {
            busy = false;
            foreach (var life in _lives) busy |= life.Run();
        }
    }

    public void RunFor(TimeSpan time)
    {
        var end = Clock.Now + time;
        Settle();
        while (Clock.Step(end)) Settle();
        Clock.MoveTo(end);
    }

    /// <summary>Moves the clock event by event until this holds, and leaves the actors their messages unread.</summary>
    public void StepUntil(Func<bool> condition)
    {
        while (!condition())
        {
            if (!Clock.Step(TimeSpan.MaxValue)) throw new InvalidOperationException("Everything has stopped, and what was waited for has not happened.");
        }
    }

    /// <summary>Long enough for anything that does not stall.</summary>
    public void RunOn() => RunFor(TimeSpan.FromSeconds(1));

    /// <summary>An actor as a child of a recorder.</summary>
    public Recorded Start(Props child)
    {
        var heard = new List<object>();
        return new Recorded(System.ActorOf(Props.Create(typeof(Recorder), child, heard)), heard);
    }

    public Recorded StartTerm() => Start(TermJournal.Props(Cluster, Group, Id, Options));

    public Recorded StartLog() => Start(LogJournal.Props(Cluster, Group, Id, Options));

    public void Dispose()
    {
        foreach (var life in _lives) life.Dispose();
    }
}

/// <summary>A child and what it has told its parent.</summary>
internal sealed record Recorded(IActorRef Parent, List<object> Heard)
{
    public void Tell(object message) => Parent.Tell(new ToChild(message), ActorRefs.NoSender);

    public void Tell(Effect effect) => Tell((object)new Write(effect));

    /// <summary>The newest message.</summary>
    public object? Last => Heard.Count == 0 ? null : Heard[^1];
}

internal sealed record ToChild(object Message);

internal sealed class Recorder : UntypedActor
{
    readonly IActorRef _child;
    readonly List<object> _heard;

    public Recorder(Props child, List<object> heard)
    {
        _heard = heard;
        _child = Context.Watch(Context.ActorOf(child, "child"));
    }

    protected override SupervisorStrategy SupervisorStrategy() => StoppingSupervisorStrategy;

    static readonly SupervisorStrategy StoppingSupervisorStrategy = new OneForOneStrategy(_ => Directive.Stop);

    protected override void OnReceive(object message)
    {
        if (message is ToChild { Message: var inner }) _child.Tell(inner, Self);
        else _heard.Add(message is Terminated ? "stopped" : message);
    }
}
