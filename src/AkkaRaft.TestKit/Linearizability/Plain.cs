using System.Collections;
using System.Globalization;

namespace AkkaRaft.TestKit.Checking;

/// <summary>Values as people read them.</summary>
internal static class Plain
{
    public static string Text(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable many => $"[{string.Join(", ", many.Cast<object?>().Select(Text))}]",
        _ => value.ToString() ?? value.GetType().Name,
    };

    public static string Time(TimeSpan time) => time.TotalSeconds.ToString("0.000###", CultureInfo.InvariantCulture);

    public static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {what}{(count == 1 ? "" : "s")}");

    public static string Shortened(string text, int length) => text.Length <= length ? text : text[..(length - 1)] + "…";
}
