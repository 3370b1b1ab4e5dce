namespace AkkaRaft.Client;

/// <summary>When and whom to ask for the leader: the contact points in turn, one each poll interval.</summary>
internal sealed class LeaderSearch(RaftClientSettings settings)
{
    /// <summary>As many as a group can have; with those of the settings, no more are asked.</summary>
    const int MaxLearned = 64;

    readonly (NodeId Id, NodeAddress Address)[] _given = [.. settings.ContactPoints.Select(p => (p.Id, NodeAddress.Parse(p.Address)))];
    (NodeId Id, NodeAddress Address)[] _contacts = [.. settings.ContactPoints.Select(p => (p.Id, NodeAddress.Parse(p.Address)))];
    int _turn;
    TimeSpan _heardAt;
    bool _owesAnswer;

    /// <summary>When the next question may be asked: loops between nodes that disagree are slowed down to this pace.</summary>
    public TimeSpan NextAskAt { get; private set; }

    /// <summary>When the leader begins to count as silent; null while it owes no answer.</summary>
    public TimeSpan? SilentAt => _owesAnswer ? _heardAt + settings.SilenceBeforeProbe : null;

    /// <summary>Something was sent to the leader.</summary>
    public void Sent(TimeSpan now)
    {
        if (_owesAnswer) return;
        _owesAnswer = true;
        _heardAt = now;
    }

    /// <summary>The leader was heard.</summary>
    /// <param name="now">When.</param>
    /// <param name="owesMore">Whether something is still under way to it. That which timed out unheard leaves it silent.</param>
    public void Heard(TimeSpan now, bool owesMore)
    {
        _heardAt = now;
        _owesAnswer = owesMore;
    }

    /// <summary>Members come and go and move, and the settings do not know: whom a node names as members is asked too, from then on.</summary>
    public void Learn(IReadOnlyList<RaftMember> members)
    {
        var learned = members.Take(MaxLearned).Select(member => (member.Id, Address: NodeAddress.TryParse(member.Address, out var at) ? at : null)).Where(member => member.Address is not null)
            .Select(member => (member.Id, Address: member.Address!)).Where(member => !_contacts.Contains(member)).ToList();
        if (learned.Count == 0) return;
        // What was learned longest ago goes first; what the settings say stays.
        _contacts = [.. _given, .. _contacts.Skip(_given.Length).Concat(learned).TakeLast(MaxLearned)];
        _turn %= _contacts.Length;
    }

    /// <summary>Where a node is: as it was learned last, else as the settings say.</summary>
    public NodeAddress? AddressOf(NodeId node)
    {
        for (var place = _contacts.Length - 1; place >= 0; place--)
        {
            if (_contacts[place].Id == node) return _contacts[place].Address;
        }

        return null;
    }

    /// <summary>Whom to ask now: the leader itself if there is one, the place that others name, and the next contact point.</summary>
    public IReadOnlyList<NodeAddress> Ask(LeaderView view, TimeSpan now)
    {
        NextAskAt = now + settings.LeaderPollInterval;
        var asked = new List<NodeAddress>(3);
        if (view.Address is { } leader) asked.Add(leader);
        if (view.Suspect is { } suspect)
        {
            asked.Add(suspect);
            view.SuspectAsked();
        }

        for (var tries = 0; tries < _contacts.Length; tries++)
        {
            var next = _contacts[_turn].Address;
            _turn = (_turn + 1) % _contacts.Length;
            if (asked.Contains(next)) continue;

            asked.Add(next);
            break;
        }

        return asked;
    }
}
