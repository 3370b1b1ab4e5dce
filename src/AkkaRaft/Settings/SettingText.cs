using System.Globalization;

namespace AkkaRaft.Settings;

/// <summary>Writes values as they are written in HOCON, so that an error shows what the user would look for.</summary>
internal static class SettingText
{
    const long KiB = 1024;
    const long MiB = KiB * KiB;

    public static string Of(TimeSpan time) => time switch
    {
        { Ticks: 0 } => "0ms",
        _ when time.Ticks % TimeSpan.TicksPerSecond == 0 => Number(time.Ticks / TimeSpan.TicksPerSecond) + "s",
        _ => time.TotalMilliseconds.ToString("0.####", CultureInfo.InvariantCulture) + "ms",
    };

    public static string OfBytes(long bytes) => bytes switch
    {
        0 => "0B",
        _ when bytes % MiB == 0 => Number(bytes / MiB) + "MiB",
        _ when bytes % KiB == 0 => Number(bytes / KiB) + "KiB",
        _ => Number(bytes) + "B",
    };

    public static string Of(string? text) => $"\"{text}\"";

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
