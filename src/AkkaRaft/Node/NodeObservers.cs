using AkkaRaft.Consensus;

namespace AkkaRaft.Node;

/// <summary>Several who look on at one node, called in their order.</summary>
internal sealed class NodeObservers : INodeObserver
{
    readonly INodeObserver[] _all;

    NodeObservers(INodeObserver[] all) => _all = all;

    /// <summary>One for all of them that are there; null if none is.</summary>
    public static INodeObserver? Of(params IEnumerable<INodeObserver?> observers)
    {
        INodeObserver[] all = [.. observers.OfType<INodeObserver>()];
        return all.Length switch { 0 => null, 1 => all[0], _ => new NodeObservers(all) };
    }

    public void Joined(RaftCore core)
    {
        foreach (var each in _all) each.Joined(core);
    }

    public void Stored(AppendToLog stored)
    {
        foreach (var each in _all) each.Stored(stored);
    }

    public void Stepped(RaftCore core, Input input, IReadOnlyList<Effect> effects)
    {
        foreach (var each in _all) each.Stepped(core, input, effects);
    }

    public void Left()
    {
        foreach (var each in _all) each.Left();
    }

    public void Applied(LogEntry entry, object? result)
    {
        foreach (var each in _all) each.Applied(entry, result);
    }

    public void Restored(EntryId last)
    {
        foreach (var each in _all) each.Restored(last);
    }

    public void HandlerRuns(CommandEntry entry)
    {
        foreach (var each in _all) each.HandlerRuns(entry);
    }
}
