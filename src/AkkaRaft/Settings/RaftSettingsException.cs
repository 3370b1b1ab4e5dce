using Akka.Configuration;

namespace AkkaRaft;

/// <summary>The settings cannot be used as they are. Nothing was started and nothing was written.</summary>
public sealed class RaftSettingsException : ConfigurationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="what">What is refused, and by whom: the first line of the message.</param>
    /// <param name="errors">Everything that is wrong: each names its HOCON key, the value, and what would be right.</param>
    public RaftSettingsException(string what, IReadOnlyList<string> errors)
        : base(string.Join(Environment.NewLine + "  - ", [what, .. errors]))
    {
        Errors = errors;
    }

    /// <summary>Everything that is wrong, in the order of reference.conf; never empty.</summary>
    public IReadOnlyList<string> Errors { get; }
}
