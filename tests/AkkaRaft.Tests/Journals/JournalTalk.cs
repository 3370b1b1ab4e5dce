using Akka.Actor;
using Akka.TestKit;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using Shouldly;

namespace AkkaRaft.Tests.Journals;

/// <summary>Effects and inputs travel between node and journal in envelopes that are for this process only.</summary>
internal static class JournalTalk
{
    public static void Tell(this IActorRef journal, Effect effect) => journal.Tell(new Write(effect));

    /// <summary>The LogJournal's next confirmation says that this event was stored.</summary>
    public static AppendToLog ExpectEvent(this TestKitBase node) => node.ExpectMsg<Written>().Event.ShouldNotBeNull();

    public static T ExpectWritten<T>(this TestKitBase node, TimeSpan? timeout = null) where T : Input =>
        node.ExpectMsg<Written>(timeout).Input.ShouldBeOfType<T>();
}
