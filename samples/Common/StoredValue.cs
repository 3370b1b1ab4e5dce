using System.Text;

namespace AkkaRaft.Samples.Common;

/// <summary>What the samples' state machines store, and what they refuse. Anybody can propose anything, so nothing here throws.</summary>
public static class StoredValue
{
    /// <summary>The longest value, in bytes of UTF-8, without blanks. With a key it fits a command of 64 KiB, and so the answer to a read.</summary>
    public const int MaxBytes = 60 * 1024;

    /// <summary>Reads a JSON value.</summary>
    /// <returns>Why it is refused; null if it is not.</returns>
    public static Answer? Read(string? text, out string value)
    {
        value = JsonValue.Null;
        if (!JsonValue.TryParse(text ?? "", out var read, out var error)) return Answer.Refused(error);
        value = read;
        return null;
    }

    /// <summary>Reads a JSON value that is to be stored.</summary>
    /// <returns>Why it is refused; null if it is not.</returns>
    public static Answer? ReadNew(string? text, out string value) =>
        Read(text, out value) is { } unreadable ? unreadable
        : value == JsonValue.Null ? Answer.Refused("JSON null cannot be stored: it stands for a value that is absent.")
        : Encoding.UTF8.GetByteCount(value) > MaxBytes ? Answer.Refused($"The value is longer than {MaxBytes} bytes.")
        : null;
}
