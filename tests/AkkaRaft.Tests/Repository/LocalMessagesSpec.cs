using Akka.Actor;
using AkkaRaft.Protocol;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Repository;

/// <summary>
/// akka.actor.serialize-messages = on, which finds messages that cannot cross the network, must not stumble over those that never do. (Akka 1.5.74 and
/// Akka.Persistence.Sql themselves do not run with it, so that the marks are looked at here.)
/// </summary>
public sealed class LocalMessagesSpec
{
    [Fact]
    public void Every_message_of_the_library_goes_over_the_wire_or_says_that_it_stays()
    {
        string[] rooms = ["AkkaRaft.Node", "AkkaRaft.Journals", "AkkaRaft.StateMachine", "AkkaRaft.Client", "AkkaRaft.Protocol"];
        var told = MessagesTold().ToList();
        told.Count.ShouldBeGreaterThan(20);

        told.Where(type => !typeof(INoSerializationVerificationNeeded).IsAssignableFrom(type) && !typeof(IRaftWireMessage).IsAssignableFrom(type)).ShouldBeEmpty();

        IEnumerable<Type> MessagesTold() => typeof(Raft).Assembly.GetTypes()
            .Where(type => rooms.Contains(type.Namespace) && type.DeclaringType is null && type is { IsClass: true, IsAbstract: false })
            .Where(type => type.GetMethod("<Clone>$") is not null)   // messages are records
            .Where(type => !PartsAndState.Contains(type.Name));
    }

    /// <summary>Records that travel inside a message, or not at all.</summary>
    static readonly string[] PartsAndState =
    [
        "ClientReply", "LeaderHint", "PeerHeader", "NodeIdentity", "NodeData", "RaftNodeOptions", "Ready", "Store", "MarkLog", "Wait", "JournalOptions", "SnapshotOptions", "SnapshotSlot", "SnapshotDirectory", "SnapshotChunk",
        "IdentityRecorded", "TermChanged", "LogStarted", "LogCompacted", "LogRestarted", "EntriesAppended", "NodeAddress", "Flight", "ClientBatch",
        "QueryTerms", "SessionResult", "SessionTableImage",
    ];
}
