using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace AkkaRaft.TestKit.Kernel;

/// <summary>
/// Akka's scheduler on the virtual clock. It must not implement IDateTimeOffsetNowTimeProvider: Cancelable.CancelAfter would turn to real time.
/// </summary>
internal sealed class SimulationScheduler : SchedulerBase
{
    readonly SimulatedHost _host;

    public SimulationScheduler(Config config, ILoggingAdapter log) : base(config, log) => _host = SimulatedHost.Booting;

    protected override DateTimeOffset TimeNow => _host.Clock.Utc;

    public override TimeSpan MonotonicClock => _host.Clock.Monotonic;

    public override TimeSpan HighResMonotonicClock => _host.Clock.Monotonic;

    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Once(delay, KeyOf(receiver), () => receiver.Tell(message, sender), cancelable);

    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Repeatedly(initialDelay, interval, KeyOf(receiver), () => receiver.Tell(message, sender), cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) => Once(delay, _host.Key, action, cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) => Once(delay, _host.Key, action.Run, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Repeatedly(initialDelay, interval, _host.Key, action, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Repeatedly(initialDelay, interval, _host.Key, action.Run, cancelable);

    void Once(TimeSpan delay, ulong key, Action run, ICancelable? cancelable) => _host.Kernel.After(_host.Clock.ToTrue(delay), key, _host, () =>
    {
        if (cancelable is not { IsCancellationRequested: true }) run();
    });

    void Repeatedly(TimeSpan delay, TimeSpan interval, ulong key, Action run, ICancelable? cancelable) => Once(delay, key, () =>
    {
        // First, because the action may cancel it.
        Repeatedly(interval, interval, key, run, cancelable);
        run();
    }, cancelable);

    ulong KeyOf(ICanTell receiver) => receiver is IActorRef actor ? StableHash.Of(_host.Key, ActorNames.Stable(actor)) : _host.Key;
}
