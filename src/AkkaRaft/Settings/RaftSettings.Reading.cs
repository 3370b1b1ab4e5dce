using System.Collections.Immutable;
using System.Globalization;
using Akka.Configuration;
using AkkaRaft.Settings;

namespace AkkaRaft;

/// <content>From HOCON.</content>
public sealed partial class RaftSettings
{
    /// <summary>The keys that are read, for the test that reference.conf has no other.</summary>
    internal static ImmutableArray<string> Keys => KeysOnce.Value;

    static readonly Lazy<ImmutableArray<string>> KeysOnce = new(() =>
    {
        var reader = new SettingsReader(Config.Empty, ReferenceConfig.GetConfig(Section), key => key);
        new RaftSettings().Fill(reader, null);
        return [.. reader.Keys];
    });

    static RaftSettings Read(Config section, string? group)
    {
        var shared = section.IsEmpty ? Config.Empty : section;
        var settings = new RaftSettings();
        var named = group ?? (shared.GetString(SettingKeys.GroupId, "") is { Length: > 0 } own ? own : DefaultGroup);
        // Only a name of the right form can stand in a path; in quotes, for it may have dots.
        var ofGroup = IsGroupName(named) ? shared.GetConfig($"groups.\"{named}\"") : null;
        var config = ofGroup is null || ofGroup.IsEmpty ? shared : ofGroup.WithFallback(shared);

        var path = $"{Section}.groups.{named}";
        if (ofGroup is not null && !ofGroup.IsEmpty)
            settings._pathOfGroupKey = Keys.Where(ofGroup.HasPath).ToImmutableDictionary(key => key, key => $"{path}.{key}");

        var reader = new SettingsReader(config, ReferenceConfig.GetConfig(Section), settings.PathOf);
        settings.Fill(reader, group);
        reader.RefuseUnknownKeys(shared, Section, "client", "groups", "tls", "cluster");
        reader.RefuseUnknownKeys(ofGroup, path);
        if (ofGroup?.HasPath(SettingKeys.GroupId) == true && ofGroup.GetString(SettingKeys.GroupId, "") != named)
            reader.Add(SettingKeys.GroupId, $"the block of group \"{named}\" cannot name another group.");
        settings._unread = reader.Errors;
        return settings;
    }

    void Fill(SettingsReader reader, string? group)
    {
        ClusterId = reader.Parsed(SettingKeys.ClusterId, AkkaRaft.ClusterId.Parse, default);
        GroupId = reader.Parsed(SettingKeys.GroupId, AkkaRaft.GroupId.Parse, AkkaRaft.GroupId.Parse(DefaultGroup));
        if (group is not null) GroupId = IsGroupName(group) ? AkkaRaft.GroupId.Parse(group) : new GroupId(group);
        NodeId = reader.Parsed(SettingKeys.NodeId, AkkaRaft.NodeId.Parse, default);
        Members = reader.ParsedList(SettingKeys.Members, RaftMember.Parse);
        Join = reader.Switch(SettingKeys.Join);
        DataDir = reader.Text(SettingKeys.DataDir);
        HeartbeatInterval = reader.Time(SettingKeys.HeartbeatInterval);
        ElectionTimeoutMin = reader.Time(SettingKeys.ElectionTimeoutMin);
        ElectionTimeoutMax = reader.Time(SettingKeys.ElectionTimeoutMax);
        TickInterval = reader.Time(SettingKeys.TickInterval);
        MaxCommandSize = reader.Bytes(SettingKeys.MaxCommandSize);
        AppendMaxEntries = reader.Count(SettingKeys.AppendMaxEntries);
        AppendMaxBytes = reader.Bytes(SettingKeys.AppendMaxBytes);
        MaxInflightAppends = reader.Count(SettingKeys.MaxInflightAppends);
        MaxInflightAppendBytes = reader.Bytes(SettingKeys.MaxInflightAppendBytes);
        MaxPendingProposals = reader.Count(SettingKeys.MaxPendingProposals);
        MaxPendingProposalBytes = reader.LongBytes(SettingKeys.MaxPendingProposalBytes);
        MaxPendingReads = reader.Count(SettingKeys.MaxPendingReads);
        LeaseReads = reader.Switch(SettingKeys.LeaseReads);
        ClockDriftBound = reader.Share(SettingKeys.ClockDriftBound);
        ApplyMaxEntries = reader.Count(SettingKeys.ApplyMaxEntries);
        MaxDeferredMessages = reader.Count(SettingKeys.MaxDeferredMessages);
        MaxBufferedRequests = reader.Count(SettingKeys.MaxBufferedRequests);
        PeerUnreachableWarningAfter = reader.Time(SettingKeys.PeerUnreachableWarningAfter);
        GreetingInterval = reader.Time(SettingKeys.GreetingInterval);
        StopTimeout = reader.Time(SettingKeys.StopTimeout);
        PayloadTypeNames = reader.Texts(SettingKeys.PayloadTypeNames);
        RandomSeed = reader.Parsed<ulong?>(SettingKeys.RandomSeed, ParseSeed, null);
        TraceFile = reader.Text(SettingKeys.TraceFile);
        SessionTimeout = reader.Time(SettingKeys.SessionTimeout);
        MaxSessions = reader.Count(SettingKeys.MaxSessions);
        MaxSessionResults = reader.Count(SettingKeys.MaxSessionResults);
        MaxSessionResultBytes = reader.Bytes(SettingKeys.MaxSessionResultBytes);
        ElectionPriority = reader.Count(SettingKeys.ElectionPriority);
        TransferOnStop = reader.Switch(SettingKeys.TransferOnStop);
        TestingJournalBytesPerSecond = reader.LongBytes(SettingKeys.TestingJournalBytesPerSecond);
        JournalPluginId = reader.Text(SettingKeys.JournalPluginId);
        AllowInMemoryJournal = reader.Switch(SettingKeys.AllowInMemoryJournal);
        JournalMaxEventBytes = reader.Bytes(SettingKeys.JournalMaxEventBytes);
        JournalRestartBackoffMin = reader.Time(SettingKeys.JournalRestartBackoffMin);
        JournalRestartBackoffMax = reader.Time(SettingKeys.JournalRestartBackoffMax);
        JournalMaxRestarts = reader.Count(SettingKeys.JournalMaxRestarts);
        JournalHealthyAfter = reader.Time(SettingKeys.JournalHealthyAfter);
        SnapshotPluginId = reader.Text(SettingKeys.SnapshotPluginId);
        SnapshotEntries = reader.Count(SettingKeys.SnapshotEntries);
        SnapshotBytes = reader.LongBytes(SettingKeys.SnapshotBytes);
        SnapshotTrailingEntries = reader.Count(SettingKeys.SnapshotTrailingEntries);
        SnapshotTrailingBytes = reader.LongBytes(SettingKeys.SnapshotTrailingBytes);
        SnapshotChunkBytes = reader.Bytes(SettingKeys.SnapshotChunkBytes);
        SnapshotWindowBytes = reader.Bytes(SettingKeys.SnapshotWindowBytes);
        SnapshotStoreChunkBytes = reader.Bytes(SettingKeys.SnapshotStoreChunkBytes);
        SnapshotWriteRate = reader.LongBytes(SettingKeys.SnapshotWriteRate);
    }

    const string DefaultGroup = "default";

    static bool IsGroupName(string text)
    {
        try
        {
            return AkkaRaft.GroupId.Parse(text).Value == text;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    static ulong? ParseSeed(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
            ? seed
            : throw new FormatException("it must be empty or a whole number from 0 to 18446744073709551615.");
}
