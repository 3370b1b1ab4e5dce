namespace AkkaRaft.TestKit.Invariants;

/// <summary>What an invariant remembers of each node; made when it is first asked for.</summary>
internal sealed class PerNode<T> where T : class, new()
{
    T[] _of = [];

    public T this[NodeView node]
    {
        get
        {
            var of = _of;
            return node.Place < of.Length ? of[node.Place] : Grow(node.Place);
        }
    }

    T Grow(int place)
    {
        var before = _of.Length;
        Array.Resize(ref _of, place + 1);
        for (var i = before; i <= place; i++) _of[i] = new T();
        return _of[place];
    }
}
