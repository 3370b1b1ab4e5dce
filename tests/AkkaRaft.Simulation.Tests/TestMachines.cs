namespace AkkaRaft.Simulation.Tests;

/// <summary>Adds to a list and returns its length: an order of commands of its own shows in its state, unlike in a sum.</summary>
public sealed class Journaled : RaftStateMachine
{
    readonly List<string> _lines = [];

    public Journaled()
    {
        Command<AddLine, int>(add =>
        {
            _lines.Add(add.Text);
            return _lines.Count;
        });
        Query<ReadLines, string>(_ => string.Join(' ', _lines));
        Snapshot(() => _lines.ToArray(), lines =>
        {
            _lines.Clear();
            _lines.AddRange(lines);
        });
    }

    public string State => string.Join(' ', _lines);
}

public sealed record AddLine(string Text);

public sealed record ReadLines;
