using AkkaRaft.Consensus;
using AkkaRaft.Serialization;
using AkkaRaft.TestKit.Kernel;

namespace AkkaRaft.TestKit.Cluster;

/// <summary>One client: a real RaftClient, which has one operation under way at a time; what is asked of it meanwhile waits.</summary>
internal sealed class SimulatedClient
{
    static readonly SimulatedRead Plainly = new(ReadConsistency.Linearizable);

    readonly SimulatedCluster _cluster;
    readonly ClientHost _host;
    readonly Queue<SimulatedOperation> _waiting = [];

    RaftClient _client;
    bool _isBusy;
    LogIndex _told;

    public SimulatedClient(SimulatedCluster cluster, int number, ClientHost host)
    {
        _cluster = cluster;
        _host = host;
        Number = number;
        _client = MakeClient();
    }

    public int Number { get; }

    public SimulatedHost Host => _host.Host;

    /// <summary>The client as it is now; a restart makes another.</summary>
    public RaftClient Client => _client;

    /// <summary>The names of the actors that send and receive for it: one for each time that it started.</summary>
    public HashSet<string> ActorNames { get; } = [];

    /// <summary>Operations that have not ended.</summary>
    public int Pending => _waiting.Count + (_isBusy ? 1 : 0);

    public SimulatedOperation Begin(object input, bool isQuery, TimeSpan timeout, SimulatedRead? read)
    {
        var operation = new SimulatedOperation(Number, input, isQuery, timeout) { Read = read };
        _waiting.Enqueue(operation);
        if (!_isBusy) _cluster.Kernel.RunAs(Host, () => _ = Work());
        return operation;
    }

    /// <summary>What is under way ends as unknown; what waits is asked by a client that knows nothing of the cluster yet.</summary>
    public void Restart()
    {
        var old = _client;
        _client = MakeClient();
        _cluster.Kernel.RunAs(Host, () => _ = old.DisposeAsync().AsTask());
    }

    /// <summary>Asks for another leader, beside what is under way.</summary>
    public void TransferLeadership(NodeId? to, Action done) => _cluster.Kernel.RunAs(Host, () => _ = Transfer(to, done));

    async Task Transfer(NodeId? to, Action done)
    {
        try
        {
            await _client.TransferLeadership(to);
            done();
        }
        catch (Exception ended) when (ended is RaftException or ObjectDisposedException)
        {
            // It was not possible then, or the client started again: there is nothing that had to succeed.
        }
        catch (Exception broken)
        {
            _cluster.Fail("client", $"client {Number} threw {broken.GetType().Name} when it asked for another leader: {broken.Message}");
        }
    }

    RaftClient MakeClient()
    {
        var (client, name) = _host.MakeClient();
        ActorNames.Add(name);
        return client;
    }

    async Task Work()
    {
        _isBusy = true;
        while (_waiting.TryDequeue(out var operation)) await Perform(operation);
        _isBusy = false;
    }

    async Task Perform(SimulatedOperation operation)
    {
        var options = (operation.Read ?? Plainly).ToOptions(_told);
        var started = _cluster.Recorder.Begin(operation.Client, operation.Input, operation.IsQuery, _cluster.Now) with
        {
            Read = operation.Read, MinIndex = options.MinIndex,
        };
        var command = operation.IsQuery ? null : Encoded(operation.Input);
        var doubled = _cluster.DoubledOf(command);
        _cluster.OnBegun(started, command);
        Operation ended;
        try
        {
            var result = operation.IsQuery
                ? await _client.QueryDetailed<object?>(operation.Input, options, operation.Timeout)
                : await _client.ProposeDetailed<object?>(operation.Input, operation.Timeout);
            ended = started with { Outcome = OperationOutcome.Done, Output = result.Value, Index = result.Index };
            _told = LogIndex.Max(_told, result.Index);
        }
        catch (RaftException refused)
        {
            // A result that cannot be sent says that the command was applied, but not what came of it: for a check of the history that is unknown.
            // And a node refuses one copy of a message; where the network made another one, which no real one does, the refusal is no proof.
            var isSure = refused.Outcome == RaftOutcome.NotApplied && _cluster.DoubledOf(command) == doubled;
            var outcome = isSure ? OperationOutcome.NotDone : OperationOutcome.Unknown;
            ended = started with { Outcome = outcome, Error = refused.Message, IsRejected = refused is CommandRejectedException or QueryFailedException };
        }
        catch (Exception broken)
        {
            ended = started with { Outcome = OperationOutcome.Unknown, Error = broken.ToString() };
            _cluster.Fail("client", $"client {Number} threw {broken.GetType().Name} for {operation.Input}: {broken.Message}");
        }

        ended = ended with { Returned = _cluster.Now };
        _cluster.Recorder.End(ended);
        operation.Result = ended;
        _cluster.OnEnded(ended);
    }

    /// <summary>The bytes that the client will send; null if it cannot make any.</summary>
    Payload? Encoded(object command)
    {
        try
        {
            var codec = PayloadCodec.Get(Host.System!);
            codec.Admit([command.GetType()]);
            return codec.Encode(command);
        }
        catch (Exception refused) when (refused is not OutOfMemoryException)
        {
            return null;
        }
    }
}
