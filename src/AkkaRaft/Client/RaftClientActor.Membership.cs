using AkkaRaft.Consensus;
using AkkaRaft.Protocol;

namespace AkkaRaft.Client;

/// <content>Changes of who belongs to the group.</content>
internal sealed partial class RaftClientActor
{
    readonly MembershipTable _memberships;

    void OnMembershipReply(MembershipReply reply)
    {
        // Before the hint, which may send anew what is still under way.
        if (_memberships.Asked(reply.RequestId) is { } asked) OnMembershipEnded(asked, reply);
        OnHint(reply.From, reply.Leader);
    }

    void OnMembershipEnded(MembershipOperation asked, MembershipReply reply)
    {
        var flight = asked.Flight!;
        asked.Flight = null;
        switch (reply.Outcome)
        {
            case MembershipOutcome.Changed or MembershipOutcome.Unchanged:
                if (End(asked)) asked.TryAnswer(reply.Index);
                break;
            case MembershipOutcome.NotLeader or MembershipOutcome.Interrupted:
                if (reply.Outcome == MembershipOutcome.Interrupted) asked.MayBeDone = true;
                if (_view.Leader == reply.From && _view.Term == flight.Term) _view.Lose();
                ScheduleFlush();
                break;
            case MembershipOutcome.Busy:
                // Most likely by a change of somebody else, which ends soon.
                asked.LastRefusal = reply.Why;
                asked.NotBefore = _intake.Now + _settings.LeaderPollInterval;
                break;
            // What an earlier copy has done, and the leader by itself after that, is another configuration too: whoever asked for it has to look.
            case MembershipOutcome.Conflict when asked.MayBeDone:
                Fail(asked, ClientErrors.MembershipUnknown(asked, reply));
                break;
            case MembershipOutcome.Conflict:
                Fail(asked, ClientErrors.MembersNotChanged(reply, MembershipChangeFailure.ConfigurationChanged));
                break;
            default:
                Fail(asked, ClientErrors.MembersNotChanged(reply, MembershipChangeFailure.Refused));
                break;
        }
    }
}
