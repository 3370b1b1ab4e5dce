namespace AkkaRaft.Consensus;

/// <summary>The effects of one step, in the order in which they are to be carried out.</summary>
internal sealed class Effects
{
    readonly List<Effect> _effects = [];

    public IReadOnlyList<Effect> All => _effects;

    public void Add(Effect effect) => _effects.Add(effect);

    public void Send(NodeId to, RaftMessage message) => _effects.Add(new Send(to, message));

    public void Clear() => _effects.Clear();
}
