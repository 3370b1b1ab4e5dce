using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Node;
using AkkaRaft.Protocol;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Shell;

/// <summary>A node that was added and does not have all of the log yet.</summary>
public sealed class NewcomerSpec(ITestOutputHelper output) : NodeSpec(output)
{
    /// <summary>
    /// Node 1 lost its disk, was removed (entry 20) and added again (entry 22), as operations.md says, and the leader, node 3, sends it the log from the beginning: it has come to entry 2, of the time when its name
    /// stood for the old storage. Node 2 lags too: it has come to entry 10, and does not know of the removal. It refuses node 1, which is fed by a leader that means just this storage: node 1 must go on.
    /// </summary>
    [Fact, Trait("RaftBug", "B71")]
    public void A_newcomer_that_a_leader_feeds_does_not_stop_because_a_lagging_member_does_not_know_it_yet()
    {
        var own = new StorageId("00000000000000aa00000000000000bb");
        var second = new EntryId(new LogIndex(2), new Term(4));
        var settings = Settings(3);
        var node = StartNode(settings);
        OpenChildren();
        Configuration old = new([new Member(Node(1), Address(1)) { Storage = new StorageId("ee") }, new Member(Node(2), Address(2)) { Storage = new StorageId("cc") }, new Member(Node(3), Address(3)) { Storage = new StorageId("cc") }]);
        Recover(settings, term: 4, new NoOpEntry(new EntryId(new LogIndex(1), new Term(4)), DateTimeOffset.UnixEpoch), new ConfigurationEntry(second, DateTimeOffset.UnixEpoch, old));
        Group.ExpectMsg<NodeIsReady>();
        var append = FromPeer(3, new AppendEntries(Node(3), new Term(4), 1, second, [], second.Index));
        node.Tell(append with { Header = append.Header with { ToStorage = own, Configuration = new LogIndex(22) } });
        Machine.ExpectMsg<global::AkkaRaft.StateMachine.ApplyEntries>();

        var header = FromPeer(2, AppendEntriesReply.StaleTerm(Node(2), new Term(4))).Header;
        node.Tell(new IdentityRefused(header with { ToStorage = own }, new StorageId("ee"), new LogIndex(10)));

        Client.Send(node, new StatusRequest(Cluster, GroupName));
        Client.ExpectMsg<StatusReply>().Status.Role.ShouldBe(RaftRole.Follower);
        Group.HasMessages.ShouldBeFalse("it did not fail");
    }
}
