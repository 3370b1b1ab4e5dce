using AkkaRaft.Consensus;
using AkkaRaft.Protocol;

namespace AkkaRaft.Client;

/// <summary>Waits until the members have been changed.</summary>
internal sealed class MembershipOperation(RaftMembershipChange change, TimeSpan timeout, TimeSpan deadline) : LeaderRequest<LogIndex>(timeout, deadline)
{
    public RaftMembershipChange Change { get; } = change;

    /// <summary>It was sent, and nobody knows what became of it: an answer to another copy may speak of what this very change has done.</summary>
    public bool MayBeDone { get; set; }

    /// <summary>When it may be sent (again).</summary>
    public TimeSpan NotBefore { get; set; }

    /// <summary>Why it was not carried out when it was tried last, in the leader's words.</summary>
    public string? LastRefusal { get; set; }
}

/// <summary>
/// The requests of a client to change the members. Each names the configuration that it is meant for, so that it may be sent again: what an earlier copy has done, a later one finds done,
/// or finds another configuration in force.
/// </summary>
internal sealed class MembershipTable(RaftClientSettings settings) : LeaderRequestTable<MembershipOperation, LogIndex>
{
    /// <summary>When the next one may be sent again that waits for that; null if none does.</summary>
    public TimeSpan? NextAt => Requests.Where(operation => operation.Flight is null).Select(operation => (TimeSpan?)operation.NotBefore).Min();

    /// <summary>What is to be sent to this leader now.</summary>
    public IReadOnlyList<MembershipRequest> TakeOff(NodeId leader, NodeAddress address, Term term, TimeSpan now)
    {
        var requests = new List<MembershipRequest>();
        foreach (var operation in Requests.Where(operation => operation.Flight is null && operation.NotBefore <= now))
        {
            var change = operation.Change;
            operation.RequestId = NextRequestId();
            var request = new MembershipRequest(settings.ClusterId, settings.GroupId, operation.RequestId, change.Voters, change.Learners, change.ExpectedIndex)
            {
                Joint = change.Joint switch
                {
                    RaftJointUse.WhenNeeded => JointUse.WhenNeeded,
                    RaftJointUse.Always => JointUse.Always,
                    _ => JointUse.AlwaysAndStay,
                },
                Force = change.Force,
            };
            operation.Flight = new Flight(leader, address, term, request);
            requests.Add(request);
        }

        return requests;
    }

    /// <summary>Nothing more will be heard of these: they go again, to whoever leads then.</summary>
    public void Ground(Func<Flight, bool> which)
    {
        foreach (var operation in To(which))
            (operation.Flight, operation.MayBeDone) = (null, true);
    }

    /// <summary>Akka has surely not delivered it.</summary>
    public void Undelivered(object message)
    {
        foreach (var operation in CarriedBy(message)) operation.Flight = null;
    }
}
