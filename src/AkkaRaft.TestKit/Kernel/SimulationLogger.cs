using Akka.Actor;
using Akka.Event;

namespace AkkaRaft.TestKit.Kernel;

/// <summary>Takes log lines at once, without an actor of its own, into the trace.</summary>
internal sealed class SimulationLogger : MinimalLogger
{
    readonly SimulatedHost _host = SimulatedHost.Booting;

    protected override void Log(object message)
    {
        if (message is LogEvent line) _host.Trace?.Invoke(new TraceLine(_host.Kernel.Now, _host.Name, "log", line, ActorRefs.NoSender));
    }
}
