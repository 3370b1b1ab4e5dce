using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Journals;

/// <summary>The threads that wait for a disk.</summary>
public sealed class DiskDispatcherSpec(ITestOutputHelper output) : TestKit(Settings, "disk", output)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    static readonly Config Settings = ConfigurationFactory.ParseString("""
        akka.loglevel = ERROR
        disk-dispatcher {
          type = "AkkaRaft.Journals.DiskDispatcher, AkkaRaft"
          throughput = 5
          threads = 2
          shutdown-timeout = 50ms
        }
        """);

    /// <summary>Says which thread it runs on, or waits there until it is let go.</summary>
    sealed class Worker : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is ManualResetEventSlim gate) gate.Wait(Patience).ShouldBeTrue();
            Sender.Tell(Thread.CurrentThread);
        }
    }

    IActorRef NewWorker() => Sys.ActorOf(Props.Create(() => new Worker()).WithDispatcher("disk-dispatcher"));

    [Fact]
    public void One_that_waits_does_not_hold_up_another_and_each_runs_on_a_thread_of_its_own()
    {
        using var gate = new ManualResetEventSlim();
        NewWorker().Tell(gate, TestActor);

        NewWorker().Tell("go", TestActor);
        var free = ExpectMsg<Thread>(Patience);
        gate.Set();
        var held = ExpectMsg<Thread>(Patience);

        free.ShouldNotBe(held);
        new[] { free, held }.ShouldAllBe(thread => thread.IsBackground && !thread.IsThreadPoolThread);
    }

    [Fact]
    public async Task Its_threads_end_when_nobody_needs_them_and_others_serve_who_comes_later()
    {
        var first = NewWorker();
        first.Tell("go", TestActor);
        var thread = ExpectMsg<Thread>(Patience);
        Watch(first);
        Sys.Stop(first);
        ExpectTerminated(first, Patience);
        await Eventually.Holds("the thread to end", () => !thread.IsAlive, Patience);

        NewWorker().Tell("go", TestActor);

        ExpectMsg<Thread>(Patience).ShouldNotBe(thread);
    }
}
