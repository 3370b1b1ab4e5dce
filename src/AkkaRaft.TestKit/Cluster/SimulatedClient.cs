using AkkaRaft.Consensus;
using AkkaRaft.Serialization;
using AkkaRaft.TestKit.Kernel;

namespace AkkaRaft.TestKit.Cluster;

/// <summary>One client: a real RaftClient, which has one operation under way at a time; what is asked of it meanwhile waits.</summary>
internal sealed class SimulatedClient(SimulatedCluster cluster, int number, SimulatedHost host, RaftClient client)
{
    readonly Queue<SimulatedOperation> _waiting = [];

    bool _isBusy;

    public int Number => number;

    public SimulatedHost Host => host;

    /// <summary>The name of the actor that sends and receives for it; a system numbers its clients.</summary>
    public required string ActorName { get; init; }

    /// <summary>Operations that have not ended.</summary>
    public int Pending => _waiting.Count + (_isBusy ? 1 : 0);

    public SimulatedOperation Begin(object input, bool isQuery, TimeSpan timeout)
    {
        var operation = new SimulatedOperation(number, input, isQuery, timeout);
        _waiting.Enqueue(operation);
        if (!_isBusy) cluster.Kernel.RunAs(host, () => _ = Work());
        return operation;
    }

    async Task Work()
    {
        _isBusy = true;
        while (_waiting.TryDequeue(out var operation)) await Perform(operation);
        _isBusy = false;
    }

    async Task Perform(SimulatedOperation operation)
    {
        var started = cluster.Recorder.Begin(operation.Client, operation.Input, operation.IsQuery, cluster.Now);
        cluster.OnBegun(started, operation.IsQuery ? null : Encoded(operation.Input));
        Operation ended;
        try
        {
            var result = operation.IsQuery
                ? await client.QueryDetailed<object?>(operation.Input, ReadConsistency.Linearizable, operation.Timeout)
                : await client.ProposeDetailed<object?>(operation.Input, operation.Timeout);
            ended = started with { Outcome = OperationOutcome.Done, Output = result.Value, Index = result.Index };
        }
        catch (RaftException refused)
        {
            // A result that cannot be sent says that the command was applied, but not what came of it: for a check of the history that is unknown.
            var outcome = refused.Outcome == RaftOutcome.NotApplied ? OperationOutcome.NotDone : OperationOutcome.Unknown;
            ended = started with { Outcome = outcome, Error = refused.Message, IsRejected = refused is CommandRejectedException or QueryFailedException };
        }
        catch (Exception broken)
        {
            ended = started with { Outcome = OperationOutcome.Unknown, Error = broken.ToString() };
            cluster.Fail("client", $"client {number} threw {broken.GetType().Name} for {operation.Input}: {broken.Message}");
        }

        ended = ended with { Returned = cluster.Now };
        cluster.Recorder.End(ended);
        operation.Result = ended;
        cluster.OnEnded(ended);
    }

    /// <summary>The bytes that the client will send; null if it cannot make any.</summary>
    Payload? Encoded(object command)
    {
        try
        {
            var codec = PayloadCodec.Get(host.System!);
            codec.Admit([command.GetType()]);
            return codec.Encode(command);
        }
        catch (Exception refused) when (refused is not OutOfMemoryException)
        {
            return null;
        }
    }
}

/// <summary>Writes down the history of a run.</summary>
internal sealed class HistoryRecorder
{
    readonly List<Operation> _operations = [];

    public History History => new(_operations);

    public Operation Begin(int client, object input, bool isQuery, TimeSpan at)
    {
        // Until it ends, nothing is known of it.
        var begun = new Operation(_operations.Count + 1, client, input, isQuery, at, null, OperationOutcome.Unknown, null);
        _operations.Add(begun);
        return begun;
    }

    public void End(Operation operation) => _operations[operation.Number - 1] = operation;
}
