using Akka.Actor;
using AkkaRaft.Node;

namespace AkkaRaft.Client;

/// <summary>What a client needs of the ActorSystem that it runs in; a library cannot set the host's remoting, so it refuses what would fail silently.</summary>
internal static class RemoteRequirements
{
    public static void Check(ActorSystem system, RaftClientSettings settings)
    {
        var errors = settings.Errors().ToList();
        if (((ExtendedActorSystem)system).Provider is LocalActorRefProvider)
            errors.Add($"akka.actor.provider = {system.Settings.ProviderClass}: nodes could not answer. Set it to remote or cluster.");

        errors.AddRange(RemotingChecks.FrameErrors(system.Settings.Config, ("akka.raft.client.max-batch-bytes", settings.MaxBatchBytes)));
        if (errors.Count > 0) throw RaftClientSettings.Refusal(errors);
    }
}
