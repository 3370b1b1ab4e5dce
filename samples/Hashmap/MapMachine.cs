using AkkaRaft.Samples.Common;

namespace AkkaRaft.Samples.Hashmap;

/// <summary>The replicated map: <see cref="MapState"/> as a state machine.</summary>
public sealed class MapMachine : RaftStateMachine
{
    /// <summary>Makes an empty map.</summary>
    public MapMachine()
    {
        var state = new MapState();
        Command<Put, Answer>(state.Put);
        Command<Cas, Answer>(state.Cas);
        Command<Delete, Answer>(state.Delete);
        Command<Add, Answer>(state.Add);
        Query<Get, Answer>(state.Get);
        Query<ListKeys, KeyPage>(state.Keys);
        Snapshot(state.Write, state.Read);
    }
}
