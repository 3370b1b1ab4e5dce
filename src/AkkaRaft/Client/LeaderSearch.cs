namespace AkkaRaft.Client;

/// <summary>When and whom to ask for the leader: the contact points in turn, one each poll interval.</summary>
internal sealed class LeaderSearch(RaftClientSettings settings)
{
    readonly (NodeId Id, NodeAddress Address)[] _contacts = [.. settings.ContactPoints.Select(p => (p.Id, NodeAddress.Parse(p.Address)))];
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

    /// <summary>Where the settings say that a node is.</summary>
    public NodeAddress? AddressOf(NodeId node)
    {
        foreach (var (id, address) in _contacts)
        {
            if (id == node) return address;
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
