using System.Globalization;
using Akka.Actor;

namespace AkkaRaft.Client;

/// <summary>What a client needs of the ActorSystem that it runs in; a library cannot set the host's remoting, so it refuses what would fail silently.</summary>
internal static class RemoteRequirements
{
    const string FrameKey = "akka.remote.dot-netty.tcp.maximum-frame-size";
    const int EnvelopeBytes = 8 * 1024;

    public static void Check(ActorSystem system, RaftClientSettings settings)
    {
        var errors = settings.Errors().ToList();
        if (((ExtendedActorSystem)system).Provider is LocalActorRefProvider)
            errors.Add($"akka.actor.provider = {system.Settings.ProviderClass}: nodes could not answer. Set it to remote or cluster.");

        // Akka.Remote drops a larger frame without a word to anyone.
        var frame = system.Settings.Config.GetByteSize(FrameKey) ?? long.MaxValue;
        if ((long)settings.MaxBatchBytes + EnvelopeBytes > frame)
            errors.Add(string.Create(CultureInfo.InvariantCulture,
                $"akka.raft.client.max-batch-bytes = {settings.MaxBatchBytes}: with 8 KiB for the envelope it exceeds {FrameKey} = {frame}. "
                + $"Lower the one or raise the other, here and on the nodes."));

        if (errors.Count > 0) throw RaftClientSettings.Refusal(errors);
    }
}
