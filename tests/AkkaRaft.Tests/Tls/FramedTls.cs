using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;
using Akka.Remote.Transport;
using AkkaRaft.Tls;
using Google.Protobuf;

namespace AkkaRaft.Tests.Tls;

/// <summary>A stranger that speaks the frames of Akka.Remote and TLS in them, by its own means, as no system of ours would.</summary>
internal static class FramedTls
{
    const int LengthBytes = sizeof(int);

    /// <summary>Shakes hands without a certificate of its own, whatever the other side shows, and returns why that refuses it.</summary>
    public static async Task<string?> VerdictWithoutCertificate(TcpClient tcp, TimeSpan patience)
    {
        var wire = new Wire(tcp.GetStream());
        var frames = new FrameStream(wire, NoLogger.Instance);
        var reading = wire.Read(frames);
        await using var tls = new SslStream(frames);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "127.0.0.1", RemoteCertificateValidationCallback = (_, _, _, _) => true }).WaitAsync(patience);
        var verdict = await Verdict.Exchange(tls, null).WaitAsync(patience);
        tcp.Close();
        await reading;
        return verdict;
    }

    // Akka.Remote's frames: four bytes of length, the lowest first.
    sealed class Wire(NetworkStream stream) : AssociationHandle(Address.AllSystems, Address.AllSystems)
    {
        public override bool Write(ByteString payload)
        {
            Span<byte> head = stackalloc byte[LengthBytes];
            BinaryPrimitives.WriteInt32LittleEndian(head, payload.Length);
            stream.Write(head);
            stream.Write(payload.Span);
            return true;
        }

        public async Task Read(FrameStream into)
        {
            try
            {
                var head = new byte[LengthBytes];
                while (true)
                {
                    await stream.ReadExactlyAsync(head);
                    var payload = new byte[BinaryPrimitives.ReadInt32LittleEndian(head)];
                    await stream.ReadExactlyAsync(payload);
                    into.Notify(new InboundPayload(ByteString.CopyFrom(payload)));
                }
            }
            catch (Exception ended) when (ended is IOException or ObjectDisposedException)
            {
                into.Notify(new Disassociated(DisassociateInfo.Unknown));
            }
        }

        [Obsolete("Use the method that states reasons to make sure disassociation reasons are logged.")]
        public override void Disassociate() => stream.Close();
    }
}
