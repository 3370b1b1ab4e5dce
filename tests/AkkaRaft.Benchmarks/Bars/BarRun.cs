using System.Globalization;

namespace AkkaRaft.Benchmarks.Bars;

/// <summary>What a bar is measured with.</summary>
/// <param name="Folder">A folder of its own on the disk that is measured; it and what is in it are deleted afterwards.</param>
/// <param name="Rounds">How many; the result has their medians.</param>
/// <param name="Measured">How long each thing is measured in each round.</param>
/// <param name="Tell">Told how it goes.</param>
internal sealed record BarRun(string Folder, int Rounds, TimeSpan Measured, Action<string> Tell)
{
    readonly List<string> _notes = [];

    /// <summary>All that was told.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Tells it, and keeps it for the data file.</summary>
    public void Say(FormattableString what)
    {
        var text = Text(what);
        _notes.Add(text);
        Tell(text);
    }

    /// <summary>Numbers as this program writes them everywhere.</summary>
    public static string Text(FormattableString what) => what.ToString(CultureInfo.InvariantCulture);
}
