using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace AkkaRaft.TestKit.Checking;

/// <summary>A counterexample as an SVG document: clients as lanes, operations as bars from invocation to return.</summary>
internal sealed class CounterexamplePicture
{
    const int Left = 84;
    const int Margin = 20;
    const int LaneHeight = 54;
    const int BarHeight = 40;
    const int LeastWidth = 900;
    const double CharacterWidth = 6.9;
    const int LabelAtMost = 44;
    static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    readonly Counterexample _counterexample;
    readonly List<ShownOperation> _shown;
    readonly List<Lanes> _lanes;
    readonly List<TimeSpan> _moments;
    readonly Dictionary<TimeSpan, double> _x = [];
    readonly double _width;

    CounterexamplePicture(Counterexample counterexample)
    {
        _counterexample = counterexample;
        _shown = ShownOperations.Of(counterexample);
        _lanes = Lanes.Of(_shown);
        _moments = [.. _shown.SelectMany(Moments).Distinct().Order()];
        var openFrom = PlaceMoments();
        _width = Math.Max(LeastWidth, openFrom + Margin);
    }

    public static string Of(Counterexample counterexample) => new CounterexamplePicture(counterexample).Draw();

    static IEnumerable<TimeSpan> Moments(ShownOperation shown)
    {
        yield return shown.Operation.Invoked;
        if (Ends(shown) is { } end) yield return end;
    }

    static TimeSpan? Ends(ShownOperation shown) => shown.IsOpen ? null : shown.Ended;

    // Time runs from left to right, but not to scale: each moment has a column, each bar is wide enough for what it says, a long wait is a little wider.
    double PlaceMoments()
    {
        var longest = _moments.Zip(_moments.Skip(1), (from, to) => to - from).DefaultIfEmpty(TimeSpan.Zero).Max();
        var (at, right) = ((double)Left, (double)Left);
        for (var i = 0; i < _moments.Count; i++)
        {
            if (i > 0) at += 26 + (longest > TimeSpan.Zero ? 50 * ((_moments[i] - _moments[i - 1]) / longest) : 0);
            foreach (var shown in _shown.Where(shown => Ends(shown) == _moments[i] && shown.Operation.Invoked < _moments[i]))
                at = Math.Max(at, _x[shown.Operation.Invoked] + LabelWidth(shown));
            _x[_moments[i]] = at;
            foreach (var shown in _shown.Where(shown => shown.Operation.Invoked == _moments[i])) right = Math.Max(right, at + LabelWidth(shown) + 40);
        }

        return Math.Max(right, at);
    }

    static string Title(ShownOperation shown) => Plain.Shortened($"{shown.Number} {shown.Input}", LabelAtMost);

    static string Result(ShownOperation shown) => Plain.Shortened(shown.Outcome, LabelAtMost);

    static double LabelWidth(ShownOperation shown) => Math.Max(Title(shown).Length, Result(shown).Length) * CharacterWidth + 34;

    string Draw()
    {
        var header = Header();
        var top = Margin + header.Count * 19 + 66;
        var bottom = top + _lanes.Count * LaneHeight;
        var height = bottom + 44;
        var svg = Element("svg", ("viewBox", $"0 0 {N(_width)} {N(height)}"), ("width", N(_width)), ("height", N(height)),
            ("font-family", "Helvetica, Arial, sans-serif"), ("font-size", "12"));
        svg.Add(OpenEndGradients(), Element("rect", ("width", "100%"), ("height", "100%"), ("fill", "#ffffff")));
        for (var i = 0; i < header.Count; i++)
            svg.Add(Text(header[i], Margin, Margin + 14 + 19 * i, i == 0 ? "#111827" : "#374151", size: i == 0 ? 15 : 13, bold: i == 0));
        DrawGrid(svg, top, bottom);
        for (var i = 0; i < _lanes.Count; i++)
        {
            svg.Add(Text($"client {_lanes[i].Client}", Margin, top + i * LaneHeight + 30, "#111827", bold: true));
            foreach (var shown in _lanes[i].Operations) DrawBar(svg, shown, top + i * LaneHeight + 6);
        }

        DrawLegend(svg, bottom + 26);
        return new XDocument(svg).ToString();
    }

    List<string> Header()
    {
        var model = _counterexample.Space.Model;
        var offender = _counterexample.Offender;
        var lines = new List<string>
        {
            $"Not linearizable: {model.GetType().Name}" + (_counterexample.Key is { } key ? $", key {Plain.Text(key)}" : ""),
            $"#{offender.Number} {model.DescribeInput(offender.Input)} answered {model.DescribeOutput(offender.Output)}; "
                + $"it would have had to answer {ShownOperations.RightAnswers(_counterexample)}.",
        };
        if (_counterexample.Before.Count > 0)
            lines.Add($"{Plain.Count(_counterexample.Before.Count, "earlier operation")} left no choice: "
                + $"the state is then {_counterexample.Space.Describe(_counterexample.Start)}.");
        lines.Add($"Longest order that explains what it holds: {Plain.Count(_counterexample.LongestOrder.Count, "operation")}; "
            + $"the state is then {_counterexample.Space.Describe(_counterexample.LongestOrderState)}.");
        var most = (int)((_width - 2 * Margin) / 6.6);
        return [.. lines.Select(line => Plain.Shortened(line, most))];
    }

    void DrawGrid(XElement svg, double top, double bottom)
    {
        for (var i = 0; i < _lanes.Count; i++)
        {
            if (i % 2 != 0) continue;
            svg.Add(Element("rect", ("x", "0"), ("y", N(top + i * LaneHeight)), ("width", N(_width)), ("height", N(LaneHeight)), ("fill", "#f9fafb")));
        }

        foreach (var moment in _moments)
        {
            var x = N(_x[moment]);
            svg.Add(
                Element("line", ("x1", x), ("x2", x), ("y1", N(top - 4)), ("y2", N(bottom)), ("stroke", "#e5e7eb")),
                Text($"{Plain.Time(moment)} s", 0, 0, "#6b7280", size: 10, transform: $"translate({x} {N(top - 8)}) rotate(-40)"));
        }
    }

    void DrawBar(XElement svg, ShownOperation shown, double y)
    {
        var colours = ColoursOf(shown.As);
        var x = _x[shown.Operation.Invoked];
        var end = Ends(shown) is { } ended ? Math.Max(_x[ended], x + (ended > shown.Operation.Invoked ? 0 : LabelWidth(shown))) : _width;
        var bar = Element("rect",
            ("x", N(x)), ("y", N(y)), ("width", N(end - x)), ("height", N(BarHeight)), ("rx", shown.IsOpen ? "0" : "4"),
            ("fill", shown.IsOpen ? $"url(#open-{shown.As})" : colours.Fill), ("stroke", shown.IsOpen ? "none" : colours.Line),
            ("stroke-width", shown.As == ShownAs.Offender ? "2" : "1"));
        bar.Add(new XElement(s_svg + "title", Clean($"{shown.Number} {shown.Input} {shown.Outcome}, {Plain.Time(shown.Operation.Invoked)} s - "
            + $"{(shown.Ended is { } time ? $"{Plain.Time(time)} s" : "never")}{(shown.Operation.Error is { } error ? $": {error}" : "")}")));
        svg.Add(bar);
        if (shown.IsOpen) svg.Add(Element("path",
            ("d", $"M {N(end)} {N(y)} H {N(x)} V {N(y + BarHeight)} H {N(end)}"), ("fill", "none"), ("stroke", colours.Line), ("stroke-dasharray", "5 4")));
        svg.Add(Text(Title(shown), x + 24, y + 16, colours.Text, bold: shown.As != ShownAs.Context), Text(Result(shown), x + 24, y + 32, colours.Text));
        DrawPlace(svg, shown, x + 12, y + 12, colours);
    }

    static void DrawPlace(XElement svg, ShownOperation shown, double x, double y, Colours colours)
    {
        var label = shown.As == ShownAs.Offender ? "!" : shown.Place?.ToString(CultureInfo.InvariantCulture);
        if (label is null) return;
        svg.Add(Element("circle", ("cx", N(x)), ("cy", N(y)), ("r", "8"), ("fill", colours.Line)));
        var text = Text(label, x, y + 4, "#ffffff", size: 10, bold: true);
        text.SetAttributeValue("text-anchor", "middle");
        svg.Add(text);
    }

    void DrawLegend(XElement svg, double y)
    {
        var x = (double)Margin;
        foreach (var (shownAs, words) in new[]
        {
            (ShownAs.Offender, "cannot be placed"), (ShownAs.Kept, "why not"), (ShownAs.TooLate, "began too late to explain it"),
            (ShownAs.Context, "other command: changes nothing here, whenever it took effect"),
        })
        {
            if (!_shown.Exists(shown => shown.As == shownAs)) continue;
            var colours = ColoursOf(shownAs);
            svg.Add(Element("rect",
                ("x", N(x)), ("y", N(y - 10)), ("width", "14"), ("height", "12"), ("rx", "2"), ("fill", colours.Fill), ("stroke", colours.Line)));
            svg.Add(Text(words, x + 20, y, "#374151", size: 11));
            x += 44 + words.Length * 5.8;
        }

        svg.Add(Text("circled: place in the longest order. Not to scale.", x, y, "#374151", size: 11));
    }

    XElement OpenEndGradients()
    {
        var definitions = new XElement(s_svg + "defs");
        foreach (var shownAs in _shown.Where(shown => shown.IsOpen).Select(shown => shown.As).Distinct())
        {
            var colour = ColoursOf(shownAs).Fill;
            definitions.Add(Element("linearGradient", ("id", $"open-{shownAs}")));
            definitions.Elements().Last().Add(
                Element("stop", ("offset", "0.3"), ("stop-color", colour)), Element("stop", ("offset", "1"), ("stop-color", colour), ("stop-opacity", "0.1")));
        }

        return definitions;
    }

    static Colours ColoursOf(ShownAs shownAs) => shownAs switch
    {
        ShownAs.Offender => new Colours("#fee2e2", "#b91c1c", "#7f1d1d"),
        ShownAs.Kept => new Colours("#dbeafe", "#1d4ed8", "#1e3a8a"),
        ShownAs.TooLate => new Colours("#fef3c7", "#b45309", "#78350f"),
        _ => new Colours("#f3f4f6", "#9ca3af", "#6b7280"),
    };

    static XElement Element(string name, params (string Name, string Value)[] attributes) =>
        new(s_svg + name, attributes.Select(attribute => new XAttribute(attribute.Name, attribute.Value)));

    static XElement Text(string text, double x, double y, string colour, int size = 12, bool bold = false, string? transform = null)
    {
        var element = Element("text", ("x", N(x)), ("y", N(y)), ("fill", colour), ("font-size", $"{size}"));
        if (bold) element.SetAttributeValue("font-weight", "bold");
        if (transform is not null) element.SetAttributeValue("transform", transform);
        element.Add(Clean(text));
        return element;
    }

    // What XML cannot hold is a user's own text's.
    static string Clean(string text) => string.Concat(text.EnumerateRunes().Select(rune =>
        rune.Value == 0xFFFD || rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? "?" : rune.ToString()));

    static string N(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    sealed record Colours(string Fill, string Line, string Text);
}
