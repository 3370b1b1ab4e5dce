using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Load;
using ClusterExtension = Akka.Cluster.Cluster;

namespace AkkaRaft.Benchmarks.Contenders.Today;

/// <summary>
/// The actor of a node that clients ask, which has the node's Replicator do it; the client is what the Replicator is given to remember. When no majority answers in time, neither is the client
/// answered, and asks again.
/// </summary>
internal sealed class DistributedDataStore : UntypedActor
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);
    static readonly IWriteConsistency s_write = new WriteMajority(s_patience);
    static readonly IReadConsistency s_read = new ReadMajority(s_patience);
    static readonly StoredBytes s_done = new(default);

    readonly int _place;
    readonly UniqueAddress _self;
    readonly IActorRef _replicator;
    readonly LWWRegisterKey<byte[]>[] _keys = [.. Enumerable.Range(0, LoadRequest.Keys).Select(key => new LWWRegisterKey<byte[]>(key.ToString(CultureInfo.InvariantCulture)))];
    readonly LWWRegister<byte[]> _none;

    public DistributedDataStore(int place)
    {
        _place = place;
        _self = ClusterExtension.Get(Context.System).SelfUniqueAddress;
        _replicator = DistributedData.Get(Context.System).Replicator;
        _none = new LWWRegister<byte[]>(_self, [], 0);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case PutValue put:
                var value = put.Value.ToArray();
                _replicator.Tell(Dsl.Update(_keys[put.Key], _none, s_write, Sender, old => old.WithValue(_self, value)));
                break;
            case GetValue get:
                _replicator.Tell(Dsl.Get(_keys[get.Key], s_read, Sender));
                break;
            case IUpdateResponse { IsSuccessful: true } written:
                ((IActorRef)written.Request).Tell(s_done);
                break;
            case GetSuccess read:
                ((IActorRef)read.Request).Tell(new StoredBytes(((LWWRegister<byte[]>)read.Data).Value));
                break;
            case NotFound nothing:
                ((IActorRef)nothing.Request).Tell(s_done);
                break;
            case TodayClient.Where:
                Sender.Tell(_place);
                break;
        }
    }
}
