using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using DotNext.Net.Cluster.Consensus.Raft;

namespace AkkaRaft.Benchmarks.Contenders.DotNext;

/// <summary>Serves clients in the process of a node: each request is one call of dotNext's.</summary>
internal sealed class ValueServer : IDisposable
{
    readonly TcpListener _listener;
    readonly IRaftCluster _node;
    readonly StoredValues _values;

    public ValueServer(IPEndPoint address, IRaftCluster node, StoredValues values)
    {
        _node = node;
        _values = values;
        _listener = new TcpListener(address);
        _listener.Start();
        _ = Accept();
    }

    public void Dispose() => _listener.Dispose();

    async Task Accept()
    {
        try
        {
            while (true) _ = Serve(new FrameConnection(await _listener.AcceptSocketAsync()));
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            // The process ends.
        }
    }

    async Task Serve(FrameConnection connection)
    {
        using (connection)
        {
            await connection.Receive((id, kind, body) =>
            {
                switch ((ValueRequest)kind)
                {
                    case ValueRequest.Write:
                        _ = Write(connection, id, body.ToArray());
                        break;
                    case ValueRequest.Read:
                        _ = Read(connection, id, BinaryPrimitives.ReadInt32LittleEndian(body));
                        break;
                    default:
                        connection.Send(id, (byte)ValueAnswer.Done, [(byte)Standing()]);
                        break;
                }
            });
        }
    }

    async Task Write(FrameConnection connection, int id, byte[] command)
    {
        var answer = ValueAnswer.NotDone;
        try
        {
            await _node.ReplicateAsync(command).ConfigureAwait(false);
            answer = ValueAnswer.Done;
        }
        catch (Exception problem)
        {
            Note(problem);
        }

        connection.Send(id, (byte)answer, []);
    }

    async Task Read(FrameConnection connection, int id, int key)
    {
        try
        {
            // On a follower the barrier would ask the leader; clients ask the leader at once.
            await _node.ApplyReadBarrierAsync().ConfigureAwait(false);
            connection.Send(id, (byte)ValueAnswer.Done, _values[key].Span);
        }
        catch (Exception problem)
        {
            Note(problem);
            connection.Send(id, (byte)ValueAnswer.NotDone, []);
        }
    }

    NodeStanding Standing() => !_node.LeadershipToken.IsCancellationRequested ? NodeStanding.Leads : _node.Leader is null ? NodeStanding.Lost : NodeStanding.Follows;

    // That it does not lead is what clients that look for the leader want to hear.
    static void Note(Exception problem)
    {
        if (problem is not (global::DotNext.Net.Cluster.Consensus.Raft.NotLeaderException or OperationCanceledException)) Console.Error.WriteLine(problem);
    }
}
