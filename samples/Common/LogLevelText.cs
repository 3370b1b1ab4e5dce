using Akka.Event;

namespace AkkaRaft.Samples.Common;

/// <summary>The values of <c>--log</c>.</summary>
public static class LogLevelText
{
    static readonly (string Name, LogLevel Level)[] Levels = [("debug", LogLevel.DebugLevel), ("info", LogLevel.InfoLevel), ("warning", LogLevel.WarningLevel)];

    /// <summary>Reads a level.</summary>
    /// <exception cref="FormatException">There is no such level; the message lists those that there are.</exception>
    public static LogLevel Parse(string text)
    {
        foreach (var (name, level) in Levels)
        {
            if (name == text) return level;
        }

        throw new FormatException($"\"{text}\" is no log level. The levels are {string.Join(", ", Levels.Select(l => l.Name))}.");
    }
}
