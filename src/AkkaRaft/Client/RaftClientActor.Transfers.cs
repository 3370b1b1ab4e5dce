using AkkaRaft.Consensus;
using AkkaRaft.Protocol;

namespace AkkaRaft.Client;

/// <content>Leadership that is handed over.</content>
internal sealed partial class RaftClientActor
{
    readonly TransferTable _transfers;

    void OnTransferReply(TransferReply reply)
    {
        // Before the hint, which may send anew what is still under way.
        if (_transfers.Asked(reply.RequestId) is { } asked) OnTransferEnded(asked, reply);
        OnHint(reply.From, reply.Leader);
    }

    void OnTransferEnded(TransferOperation asked, TransferReply reply)
    {
        switch (reply.Outcome)
        {
            case TransferOutcome.HandedOver:
                if (_view.Leader == reply.From && _view.Term == asked.Flight!.Term) _view.Lose();
                asked.AwaitsLeader = true;
                break;
            case TransferOutcome.LeadsAlready:
                if (End(asked)) asked.TryAnswer(_view.LastKnown!);
                break;
            case TransferOutcome.NotLeader:
                if (_view.Leader == reply.From && _view.Term == asked.Flight!.Term) _view.Lose();
                TransferTable.DidNothing(asked);
                ScheduleFlush();
                break;
            default:
                Fail(asked, TransferTable.ErrorOf(reply)!);
                break;
        }
    }

    // The next leader itself has answered: who waited for that has it.
    void EndTransfers()
    {
        foreach (var transfer in _transfers.TakesLeader)
        {
            if (End(transfer)) transfer.TryAnswer(_view.LastKnown!);
        }
    }
}
