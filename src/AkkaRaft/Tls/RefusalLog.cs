using Akka.Event;

namespace AkkaRaft.Tls;

/// <summary>Tells people of connections that were refused: Akka.Remote tries again several times a second, so the same thing is said once in a while.</summary>
/// <param name="log">For people.</param>
/// <param name="time">The clock.</param>
internal sealed class RefusalLog(ILoggingAdapter log, TimeProvider time)
{
    /// <summary>How many different ones are remembered. No stranger can fill the memory, nor the log.</summary>
    const int MaxRemembered = 64;

    static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    readonly Lock _lock = new();
    readonly Dictionary<string, long> _said = new(StringComparer.Ordinal);

    /// <summary>Says it, unless it was said in the last minute.</summary>
    public void Say(string message)
    {
        lock (_lock)
        {
            if (_said.TryGetValue(message, out var before) && time.GetElapsedTime(before) < Pause) return;
            if (_said.Count >= MaxRemembered && !_said.ContainsKey(message))
            {
                foreach (var old in _said.Where(one => time.GetElapsedTime(one.Value) >= Pause).Select(one => one.Key).ToList()) _said.Remove(old);
                if (_said.Count >= MaxRemembered) return;
            }

            _said[message] = time.GetTimestamp();
        }

        log.Warning("{0}", message);
    }
}
