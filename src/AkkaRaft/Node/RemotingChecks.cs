using AkkaRaft.Settings;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote;

namespace AkkaRaft.Node;

/// <summary>
/// Whether the system's remoting can carry the node's messages. A library cannot set it, and Akka.Remote says nothing when it drops a frame that is too
/// large or a message to another spelling of its address: so what would fail in silence is refused when the node starts.
/// </summary>
internal static class RemotingChecks
{
    public const string FrameSizeKey = "akka.remote.dot-netty.tcp.maximum-frame-size";
    public const string GateKey = "akka.remote.retry-gate-closed-for";
    public const string QuarantineKey = "akka.remote.prune-quarantine-marker-after";
    public const string ReuseKey = "akka.remote.dot-netty.tcp.tcp-reuse-addr";
    const string ProviderKey = "akka.actor.provider";

    /// <summary>What Akka.Remote and our envelope put around a message: paths of recipient and sender, manifests, headers.</summary>
    public const int FrameOverhead = 8 * 1024;

    static readonly TimeSpan LongestGate = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestQuarantine = TimeSpan.FromMinutes(1);

    /// <summary>Refuses what cannot work, and returns what the node should warn of.</summary>
    /// <exception cref="RaftSettingsException">It lists all that is wrong, each with key and value.</exception>
    public static IReadOnlyList<string> Check(ExtendedActorSystem system, RaftSettings settings) =>
        Check(system.Settings.Config, system.Provider is IRemoteActorRefProvider, settings);

    /// <param name="config">The system's whole configuration.</param>
    /// <param name="isRemote">Whether the system's provider is that of Akka.Remote or Akka.Cluster.</param>
    /// <param name="settings">The node's settings, valid in themselves.</param>
    public static IReadOnlyList<string> Check(Config config, bool isRemote, RaftSettings settings)
    {
        if (!isRemote)
        {
            throw new RaftSettingsException(
                $"{settings.Refusal} its ActorSystem cannot be reached by other processes. Nothing was started.",
                [
                    $"{ProviderKey} = {SettingText.Of(config.GetString(ProviderKey, ""))}: it must be remote or cluster; "
                    + "clients and peers reach a node by Akka.Remote.",
                ]);
        }

        List<string> errors =
        [
            .. FrameErrors(
                config,
                (settings.PathOf(SettingKeys.MaxCommandSize), settings.MaxCommandSize),
                (settings.PathOf(SettingKeys.AppendMaxBytes), settings.AppendMaxBytes),
                (settings.PathOf(SettingKeys.SnapshotChunkBytes), settings.SnapshotChunkBytes)),
        ];
        if (errors.Count > 0)
            throw new RaftSettingsException($"{settings.Refusal} the remoting of its ActorSystem does not fit its settings. Nothing was started.", errors);

        return Warnings(config);
    }

    /// <summary>For each limit that does not fit into a frame, an error that names both keys and values.</summary>
    public static IEnumerable<string> FrameErrors(Config config, params IReadOnlyList<(string Key, int Bytes)> limits)
    {
        // Another transport than DotNetty has its own key, which is not ours to know.
        if (config.GetByteSize(FrameSizeKey) is not { } frame) yield break;
        foreach (var (key, bytes) in limits)
        {
            if ((long)bytes + FrameOverhead > frame)
            {
                yield return $"{key} = {SettingText.OfBytes(bytes)}: with {SettingText.OfBytes(FrameOverhead)} around it, it does not fit into "
                    + $"{FrameSizeKey} = {SettingText.OfBytes(frame)}, and Akka.Remote silently drops what does not fit. "
                    + "Lower the one or raise the other, on all nodes alike.";
            }
        }
    }

    static List<string> Warnings(Config config)
    {
        var warnings = new List<string>();
        var gate = config.GetTimeSpan(GateKey, TimeSpan.Zero);
        if (gate > LongestGate)
        {
            warnings.Add(
                $"{GateKey} = {SettingText.Of(gate)}: after a connection breaks, nothing is sent to that peer for so long, and a restarted node may be missing "
                + "for as long. Set it to 200ms.");
        }

        // On Unix .NET sets SO_REUSEPORT with it.
        var reuse = config.GetString(ReuseKey, "off");
        if (!OperatingSystem.IsWindows() && reuse is not ("off" or "false" or "no"))
        {
            warnings.Add(
                $"{ReuseKey} = {reuse}: a second process can listen at this node's port and take some of its connections, and neither is told. Set it to off; "
                + "a node that was killed can be started again at once all the same.");
        }

        if (OpenPort.Warning(config) is { } open) warnings.Add(open);
        // A node that was frozen finds connections of a peer's old process and of its new one side by side, may take the old for the newer, and shuts out the one that lives. Akka.Cluster needs the marker
        // for what it has downed.
        var quarantine = config.GetTimeSpan(QuarantineKey, TimeSpan.Zero);
        if (quarantine > LongestQuarantine && !config.GetString(ProviderKey, "").Contains("cluster", StringComparison.OrdinalIgnoreCase))
        {
            warnings.Add(
                $"{QuarantineKey} = {SettingText.Of(quarantine)}: a node that stood still while a peer was restarted may take the peer's old process for its new one, and hears nothing of it "
                + "for so long. Set it to 5s.");
        }

        return warnings;
    }
}
