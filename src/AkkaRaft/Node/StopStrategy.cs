using Akka.Actor;

namespace AkkaRaft.Node;

/// <summary>
/// Stops a child that throws, and remembers why. Akka's default would restart it in place: an FSM without its role, a machine without its state, a
/// journal beside a write of its former self.
/// </summary>
internal sealed class StopStrategy : OneForOneStrategy
{
    readonly Dictionary<IActorRef, Exception> _causes = [];

    public StopStrategy() : base(_ => Directive.Stop)
    {
    }

    /// <summary>Why a child was stopped, if it threw; told once.</summary>
    public Exception? TakeCause(IActorRef child) => _causes.Remove(child, out var cause) ? cause : null;

    protected override Directive Handle(IActorRef child, Exception exception)
    {
        _causes[child] = exception;
        return Directive.Stop;
    }
}
