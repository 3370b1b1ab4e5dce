using AkkaRaft.Protocol;

namespace AkkaRaft.Client;

/// <summary>
/// Whom the client takes for the leader. Hints come late, out of order and from nodes that were cut off, so that only a later term replaces a
/// leader (Raft 5.1: a term has at most one), and one that is lost comes back only by its own word.
/// </summary>
internal sealed class LeaderView
{
    // Others may go on naming a leader that is gone or has denied it; to believe them would send requests into the void, or round in circles.
    bool _believesOnlyLeader;

    /// <summary>The latest term that is known to have, or to have had, a leader. A later term without one says nothing about who leads now.</summary>
    public Term Term { get; private set; }

    /// <summary>The leader of that term; null when none is known or it was lost.</summary>
    public NodeId? Leader { get; private set; }

    /// <summary>Where it is; set when <see cref="Leader"/> is.</summary>
    public NodeAddress? Address { get; private set; }

    /// <summary>Who was last known to lead, even if it was lost.</summary>
    public LeaderInfo? LastKnown { get; private set; }

    /// <summary>What a node said last when it refused a request, for people; null when the last word was a leader's.</summary>
    public string? LastRefusal { get; set; }

    /// <summary>A place to ask next: somebody named it as the leader's, and is not believed without its own word.</summary>
    public NodeAddress? Suspect { get; private set; }

    /// <summary>Takes a hint in; true if there is now a leader that was not known before.</summary>
    /// <param name="from">Who says so.</param>
    /// <param name="hint">What it says.</param>
    /// <param name="known">Where nodes are that a hint names without an address.</param>
    public bool Hear(NodeId from, LeaderHint hint, Func<NodeId, NodeAddress?> known)
    {
        if (hint.Term < Term) return false;
        if (hint.Leader is not { } leader)
        {
            if (from == Leader) Lose();
            return false;
        }

        var address = NodeAddress.TryParse(hint.Address, out var given) ? given : known(leader);
        if (address is null) return false;
        if (hint.Term == Term && Leader is not null) return false;
        if (hint.Term == Term && _believesOnlyLeader && from != leader)
        {
            Suspect = address;
            return false;
        }

        Term = hint.Term;
        Leader = leader;
        Address = address;
        LastKnown = new LeaderInfo(Term, leader, address.ToString());
        Suspect = null;
        LastRefusal = null;
        _believesOnlyLeader = false;
        return true;
    }

    /// <summary>The leader is gone, or denies that it leads: until a later term, or its own word, there is none.</summary>
    public void Lose()
    {
        Leader = null;
        Address = null;
        _believesOnlyLeader = true;
    }

    /// <summary>The suspect is asked; it is named again if others still mean it.</summary>
    public void SuspectAsked() => Suspect = null;
}
