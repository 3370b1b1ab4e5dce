namespace AkkaRaft.Samples.Hashmap;

/// <summary>The replicated map: <see cref="MapState"/> as a state machine.</summary>
public sealed class MapMachine : RaftStateMachine
{
    /// <summary>What it understands and answers.</summary>
    public static readonly IReadOnlyList<Type> PayloadTypes =
        [typeof(Put), typeof(Cas), typeof(Delete), typeof(Add), typeof(Get), typeof(ListKeys), typeof(MapResult), typeof(KeyPage)];

    /// <summary>Makes an empty map.</summary>
    public MapMachine()
    {
        var state = new MapState();
        Command<Put, MapResult>(state.Put);
        Command<Cas, MapResult>(state.Cas);
        Command<Delete, MapResult>(state.Delete);
        Command<Add, MapResult>(state.Add);
        Query<Get, MapResult>(state.Get);
        Query<ListKeys, KeyPage>(state.Keys);
    }
}
