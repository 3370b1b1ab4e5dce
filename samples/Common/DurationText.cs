using System.Globalization;

namespace AkkaRaft.Samples.Common;

/// <summary>Durations as people write them: <c>500ms</c>, <c>20s</c>, <c>1.5s</c>, <c>2m</c>, <c>1h</c>.</summary>
public static class DurationText
{
    static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
    ];

    /// <summary>Reads a duration of 1 ms to 1 day.</summary>
    /// <exception cref="FormatException">It is no duration; the message says what one looks like.</exception>
    public static TimeSpan Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var digits = text.TrimEnd([.. "abcdefghijklmnopqrstuvwxyz"]);
        var unit = text[digits.Length..];
        var length = Units.FirstOrDefault(u => u.Unit == unit).Length;
        if (length == TimeSpan.Zero || !decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            throw new FormatException($"\"{text}\" is no duration. A duration is a number with a unit, such as 500ms, 20s, 2m or 1h.");

        // Compared before it is multiplied, so that no number is too large to be refused politely.
        if (number > RaftClient.MaxTimeout.Ticks / length.Ticks || number * length.Ticks < TimeSpan.TicksPerMillisecond)
            throw new FormatException($"\"{text}\" is out of range. A duration is from 1ms to 24h.");
        return TimeSpan.FromTicks((long)(number * length.Ticks));
    }
}
