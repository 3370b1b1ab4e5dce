using Akka.Actor;
using Akka.Dispatch.SysMsg;

namespace AkkaRaft.TestKit.Network;

/// <summary>An actor of another host, reached over the simulated network.</summary>
internal sealed class SimulatedRef(SimulatedProvider provider, ActorPath path) : InternalActorRefBase
{
    public override ActorPath Path => path;

    public override IInternalActorRef Parent => new SimulatedRef(provider, path.Parent);

    public override IActorRefProvider Provider => provider;

    public override bool IsLocal => false;

    public override bool IsTerminated => false;

    public override IActorRef GetChild(IReadOnlyList<string> name) => new SimulatedRef(provider, name.Aggregate(path, (parent, child) => parent / child));

    protected override void TellInternal(object message, IActorRef sender)
    {
        if (message is ActorSelectionMessage selection)
        {
            var target = selection.Elements.Aggregate(path, (parent, element) => parent / element.ToString()!);
            provider.Host.Network.Send(provider.Host, target, selection.Message, sender);
        }
        else
        {
            provider.Host.Network.Send(provider.Host, path, message, sender);
        }
    }

    public override void SendSystemMessage(ISystemMessage message) => provider.Host.Kernel.ReportLeak(
        $"{provider.Host.Name} sent the system message {message.GetType().Name} to {path}: watching or stopping actors of other nodes is not part of the simulation");

    public override void Resume(Exception? causedByFailure = null)
    {
    }

    public override void Start()
    {
    }

    public override void Stop()
    {
    }

    public override void Restart(Exception cause)
    {
    }

    public override void Suspend()
    {
    }
}
