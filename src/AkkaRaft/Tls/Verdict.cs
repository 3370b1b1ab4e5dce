using System.Buffers.Binary;
using System.Net.Security;
using System.Text;

namespace AkkaRaft.Tls;

/// <summary>
/// What each side of a connection says to the other as the first thing after the handshake: that it accepts it, or why not. Without it the one that is refused sees
/// a connection that breaks.
/// </summary>
internal static class Verdict
{
    const byte Accepted = 1;
    const byte Refused = 2;
    const int HeadBytes = sizeof(byte) + sizeof(ushort);
    const int MaxBytes = 2048;

    /// <summary>Says ours, and hears theirs.</summary>
    /// <returns>Why the other side refuses this one; null if it accepts it.</returns>
    /// <exception cref="IOException">The connection has ended, or what came is no verdict.</exception>
    public static async Task<string?> Exchange(SslStream tls, string? refusal)
    {
        var reason = Encoding.UTF8.GetBytes(refusal ?? "");
        var length = Math.Min(reason.Length, MaxBytes);
        var said = new byte[HeadBytes + length];
        said[0] = refusal is null ? Accepted : Refused;
        BinaryPrimitives.WriteUInt16BigEndian(said.AsSpan(1), (ushort)length);
        reason.AsSpan(0, length).CopyTo(said.AsSpan(HeadBytes));
        await tls.WriteAsync(said).ConfigureAwait(false);

        var head = new byte[HeadBytes];
        await tls.ReadExactlyAsync(head).ConfigureAwait(false);
        var theirs = new byte[BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(1))];
        if (head[0] is not (Accepted or Refused) || theirs.Length > MaxBytes) throw new IOException("what it said after the handshake is not of this protocol");
        await tls.ReadExactlyAsync(theirs).ConfigureAwait(false);
        return head[0] == Accepted ? null : OneLine(Encoding.UTF8.GetString(theirs));
    }

    // It goes into our log, and who sent it is nobody we know.
    static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
