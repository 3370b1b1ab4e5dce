using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace AkkaRaft;

/// <summary>
/// The node found that a rule on which Raft's safety rests does not hold: a bug here, or a peer that does not play by the rules. The node stops
/// rather than go on with data that it cannot trust; what it had acknowledged is in its journals and at its peers.
/// </summary>
public sealed class RaftInvariantException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">Which rule was broken, and by what.</param>
    public RaftInvariantException(string message) : base(message)
    {
    }
}

/// <summary>Assertions that stay on in production.</summary>
internal static class Invariant
{
    public static void Holds([DoesNotReturnIf(false)] bool condition, [CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        if (!condition) Broken(what!);
    }

    [DoesNotReturn]
    public static void Broken(string what) => throw new RaftInvariantException($"A rule of Raft is broken: {what}. The node stops; its journals are kept.");
}
