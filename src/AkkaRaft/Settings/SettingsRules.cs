using System.Collections.Immutable;
using System.Globalization;
using static AkkaRaft.Settings.SettingText;

namespace AkkaRaft.Settings;

/// <summary>What settings must be to work together. Every rule is checked, so that the user is told everything at once.</summary>
internal sealed class SettingsRules(RaftSettings settings, ImmutableDictionary<string, string> unread)
{
    static readonly TimeSpan ShortestTick = TimeSpan.FromMilliseconds(10);

    static readonly TimeSpan ShortestSession = TimeSpan.FromSeconds(1);

    // Timers of Akka and of .NET take no longer ones.
    static readonly TimeSpan LongestTime = TimeSpan.FromDays(1);

    const double LeastDrift = 0.001;
    const double MostDrift = 1;

    readonly List<string> _errors = [];

    public IReadOnlyList<string> Check()
    {
        _errors.AddRange(unread.OrderBy(pair => Order(pair.Key)).ThenBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value));
        CheckIdentity();
        CheckMembers();
        CheckTimes();
        CheckSizes();
        CheckCounts();
        CheckJournal();
        CheckSnapshots();
        CheckPayloadTypes();
        CheckTraceFile();
        return _errors;
    }

    void CheckIdentity()
    {
        CheckName(SettingKeys.ClusterId, settings.ClusterId.Value, text => ClusterId.Parse(text));
        CheckName(SettingKeys.GroupId, settings.GroupId.Value, text => GroupId.Parse(text));
        CheckName(SettingKeys.NodeId, settings.NodeId.Value, text => NodeId.Parse(text));
    }

    void CheckName(string key, string? value, Action<string> parse)
    {
        if (!WasRead(key)) return;
        if (string.IsNullOrEmpty(value))
        {
            Error(key, Of(value), "it is required and has no default.");
            return;
        }

        try
        {
            parse(value);
        }
        catch (FormatException wrong)
        {
            Error(key, Of(value), wrong.Message);
        }
    }

    void CheckMembers()
    {
        if (!WasRead(SettingKeys.Members)) return;
        if (settings.Join && settings.Members.Count > 0)
        {
            Error(SettingKeys.Join, "on", $"a node that joins learns from the others who the members are; {settings.PathOf(SettingKeys.Members)} must be [] then.");
            return;
        }

        if (settings.Join) return;
        if (settings.Members.Count == 0)
        {
            Error(SettingKeys.Members, "[]", "it is required: every node of the first configuration as \"id=host:port\", this one included; or join = on for a node that others will add.");
            return;
        }

        var shown = $"[{string.Join(", ", settings.Members.Select(member => Of(member.ToString())))}]";
        foreach (var member in settings.Members)
        {
            CheckName(SettingKeys.Members, member.Id.Value, text => NodeId.Parse(text));
            if (!RaftMember.IsAddress(member.Address))
                Error(SettingKeys.Members, shown, $"\"{member.Address}\" is no host:port with a port from 1 to 65535.");
        }

        foreach (var id in Repeated(settings.Members.Select(member => member.Id.Value)))
            Error(SettingKeys.Members, shown, $"node \"{id}\" is named twice; each member has an id of its own.");
        foreach (var address in Repeated(settings.Members.Select(member => member.Address)))
            Error(SettingKeys.Members, shown, $"address \"{address}\" is named twice; each member has an address of its own.");

        if (settings.NodeId.Value is { Length: > 0 } node && settings.Self is null)
            Error(SettingKeys.Members, shown, $"it does not name this node, {settings.PathOf(SettingKeys.NodeId)} = {Of(node)}.");
    }

    void CheckTimes()
    {
        CheckTime(SettingKeys.HeartbeatInterval, settings.HeartbeatInterval);
        CheckTime(SettingKeys.ElectionTimeoutMin, settings.ElectionTimeoutMin);
        CheckTime(SettingKeys.ElectionTimeoutMax, settings.ElectionTimeoutMax);
        CheckTime(SettingKeys.TickInterval, settings.TickInterval);
        CheckTime(SettingKeys.PeerUnreachableWarningAfter, settings.PeerUnreachableWarningAfter);
        CheckTime(SettingKeys.GreetingInterval, settings.GreetingInterval);
        CheckTime(SettingKeys.StopTimeout, settings.StopTimeout);
        CheckTime(SettingKeys.JournalRestartBackoffMin, settings.JournalRestartBackoffMin);
        CheckTime(SettingKeys.JournalRestartBackoffMax, settings.JournalRestartBackoffMax);
        CheckTime(SettingKeys.JournalHealthyAfter, settings.JournalHealthyAfter);
        CheckTime(SettingKeys.SessionTimeout, settings.SessionTimeout);

        if (settings.SessionTimeout > TimeSpan.Zero && settings.SessionTimeout < ShortestSession)
            Error(SettingKeys.SessionTimeout, Of(settings.SessionTimeout), $"it must be at least {Of(ShortestSession)}, or sessions end between a try and the next.");
        if (settings.TickInterval > TimeSpan.Zero && settings.TickInterval < ShortestTick)
            Error(SettingKeys.TickInterval, Of(settings.TickInterval), $"it must be at least {Of(ShortestTick)}, for Akka's scheduler is no finer.");
        AtMost(
            SettingKeys.TickInterval, settings.TickInterval, SettingKeys.HeartbeatInterval, settings.HeartbeatInterval,
            settings.HeartbeatInterval / 2, "half of");
        AtLeast(
            SettingKeys.ElectionTimeoutMin, settings.ElectionTimeoutMin, SettingKeys.HeartbeatInterval, settings.HeartbeatInterval,
            Times(settings.HeartbeatInterval, 4), "four times");
        AtLeast(
            SettingKeys.ElectionTimeoutMax, settings.ElectionTimeoutMax, SettingKeys.ElectionTimeoutMin, settings.ElectionTimeoutMin,
            Times(settings.ElectionTimeoutMin, 1.5), "one and a half times");
        AtLeast(
            SettingKeys.JournalRestartBackoffMax, settings.JournalRestartBackoffMax, SettingKeys.JournalRestartBackoffMin, settings.JournalRestartBackoffMin,
            settings.JournalRestartBackoffMin, "");
    }

    void CheckSizes()
    {
        CheckCount(SettingKeys.MaxCommandSize, settings.MaxCommandSize, 1, OfBytes);
        CheckCount(SettingKeys.AppendMaxBytes, settings.AppendMaxBytes, 1, OfBytes);
        CheckCount(SettingKeys.MaxInflightAppendBytes, settings.MaxInflightAppendBytes, 1, OfBytes);
        CheckCount(SettingKeys.MaxPendingProposalBytes, settings.MaxPendingProposalBytes, 1, OfBytes);
        CheckCount(SettingKeys.JournalMaxEventBytes, settings.JournalMaxEventBytes, 1, OfBytes);
        CheckCount(SettingKeys.MaxSessionResultBytes, settings.MaxSessionResultBytes, 1, OfBytes);

        Holds(
            SettingKeys.AppendMaxBytes, settings.AppendMaxBytes, SettingKeys.MaxCommandSize, settings.MaxCommandSize, RaftSettings.EntryOverhead,
            $"the largest command and {OfBytes(RaftSettings.EntryOverhead)} around it must fit into one AppendEntries");
        Holds(
            SettingKeys.MaxInflightAppendBytes, settings.MaxInflightAppendBytes, SettingKeys.AppendMaxBytes, settings.AppendMaxBytes, 0,
            "one AppendEntries of the largest size must be allowed to be under way");
        Holds(
            SettingKeys.MaxPendingProposalBytes, settings.MaxPendingProposalBytes, SettingKeys.MaxCommandSize, settings.MaxCommandSize, RaftSettings.EntryOverhead,
            $"one command of the largest size and {OfBytes(RaftSettings.EntryOverhead)} around it must be allowed to wait");
        Holds(
            SettingKeys.JournalMaxEventBytes, settings.JournalMaxEventBytes, SettingKeys.AppendMaxBytes, settings.AppendMaxBytes, 0,
            "what one AppendEntries brings must fit into one journal event");
    }

    void CheckCounts()
    {
        CheckCount(SettingKeys.AppendMaxEntries, settings.AppendMaxEntries, 1, Number);
        CheckCount(SettingKeys.MaxInflightAppends, settings.MaxInflightAppends, 1, Number);
        CheckCount(SettingKeys.MaxPendingProposals, settings.MaxPendingProposals, 1, Number);
        CheckCount(SettingKeys.MaxPendingReads, settings.MaxPendingReads, 1, Number);
        if (settings.ClockDriftBound is not (>= LeastDrift and <= MostDrift))
        {
            Error(SettingKeys.ClockDriftBound, settings.ClockDriftBound.ToString(CultureInfo.InvariantCulture),
                string.Create(CultureInfo.InvariantCulture, $"it must be from {LeastDrift} to {MostDrift}."));
        }

        CheckCount(SettingKeys.ApplyMaxEntries, settings.ApplyMaxEntries, 1, Number);
        CheckCount(SettingKeys.MaxDeferredMessages, settings.MaxDeferredMessages, 1, Number);
        CheckCount(SettingKeys.MaxBufferedRequests, settings.MaxBufferedRequests, 1, Number);
        CheckCount(SettingKeys.JournalMaxRestarts, settings.JournalMaxRestarts, 0, Number);
        CheckCount(SettingKeys.MaxSessions, settings.MaxSessions, 1, Number);
        CheckCount(SettingKeys.MaxSessionResults, settings.MaxSessionResults, 1, Number);
        if (settings.ElectionPriority is < Consensus.ElectionPriority.Lowest or > Consensus.ElectionPriority.Highest)
            Error(SettingKeys.ElectionPriority, Number(settings.ElectionPriority), "it must lie between 0 and 100.");
        CheckCount(SettingKeys.TestingJournalBytesPerSecond, settings.TestingJournalBytesPerSecond, 0, OfBytes);
    }

    void CheckJournal()
    {
        const string InMemory = "akka.persistence.journal.inmem";
        if (!WasRead(SettingKeys.DataDir) || !WasRead(SettingKeys.JournalPluginId)) return;

        if (string.IsNullOrWhiteSpace(settings.DataDir) && string.IsNullOrWhiteSpace(settings.JournalPluginId))
        {
            Error(
                SettingKeys.DataDir, Of(settings.DataDir),
                $"it is required while {settings.PathOf(SettingKeys.JournalPluginId)} = \"\": the node's SQLite journals are kept there.");
        }

        if (settings.JournalPluginId == InMemory && !settings.AllowInMemoryJournal && WasRead(SettingKeys.AllowInMemoryJournal))
        {
            Error(
                SettingKeys.JournalPluginId, Of(InMemory),
                $"it forgets everything when the process ends, and {settings.PathOf(SettingKeys.AllowInMemoryJournal)} = off. Name a durable journal.");
        }
    }

    void CheckSnapshots()
    {
        CheckCount(SettingKeys.SnapshotEntries, settings.SnapshotEntries, 1, Number);
        CheckCount(SettingKeys.SnapshotBytes, settings.SnapshotBytes, 1, OfBytes);
        CheckCount(SettingKeys.SnapshotTrailingEntries, settings.SnapshotTrailingEntries, 0, Number);
        CheckCount(SettingKeys.SnapshotTrailingBytes, settings.SnapshotTrailingBytes, 0, OfBytes);
        CheckCount(SettingKeys.SnapshotChunkBytes, settings.SnapshotChunkBytes, 1, OfBytes);
        CheckCount(SettingKeys.SnapshotWindowBytes, settings.SnapshotWindowBytes, 1, OfBytes);
        CheckCount(SettingKeys.SnapshotStoreChunkBytes, settings.SnapshotStoreChunkBytes, 1, OfBytes);
        CheckCount(SettingKeys.SnapshotWriteRate, settings.SnapshotWriteRate, 1, OfBytes);
        Holds(
            SettingKeys.SnapshotWindowBytes, settings.SnapshotWindowBytes, SettingKeys.SnapshotChunkBytes, settings.SnapshotChunkBytes, 0,
            "one message with a piece of a snapshot must be allowed to be under way");
    }

    void CheckPayloadTypes()
    {
        foreach (var name in settings.PayloadTypeNames.Where(name => !Exists(name)))
        {
            Error(
                SettingKeys.PayloadTypeNames, Of(name),
                "there is no such type. Write Namespace.Type, Assembly; the assembly must stand beside the application.");
        }
    }

    // Whether it can be written is known only when it is opened.
    void CheckTraceFile()
    {
        var path = settings.TraceFile;
        if (string.IsNullOrEmpty(path)) return;
        if (string.IsNullOrWhiteSpace(path) || path.Any(char.IsControl) || Path.EndsInDirectorySeparator(path))
            Error(SettingKeys.TraceFile, Of(path), "it must be the path of a file, or empty for no trace.");
    }

    void CheckTime(string key, TimeSpan value)
    {
        if (value <= TimeSpan.Zero || value > LongestTime) Error(key, Of(value), $"it must be more than 0 and at most {Of(LongestTime)}.");
    }

    void CheckCount(string key, long value, int least, Func<long, string> text)
    {
        if (value < least) Error(key, text(value), $"it must be at least {Number(least)}.");
    }

    void AtLeast(string key, TimeSpan value, string otherKey, TimeSpan other, TimeSpan least, string factor) =>
        Compare(value >= least, key, value, "at least", factor, otherKey, other);

    void AtMost(string key, TimeSpan value, string otherKey, TimeSpan other, TimeSpan most, string factor) =>
        Compare(value <= most, key, value, "at most", factor, otherKey, other);

    void Compare(bool holds, string key, TimeSpan value, string relation, string factor, string otherKey, TimeSpan other)
    {
        if (holds || value <= TimeSpan.Zero || other <= TimeSpan.Zero || !WasRead(key) || !WasRead(otherKey)) return;
        var bound = factor.Length == 0 ? relation : $"{relation} {factor}";
        Error(key, Of(value), $"it must be {bound} {settings.PathOf(otherKey)} = {Of(other)}.");
    }

    void Holds(string key, long room, string otherKey, long content, int around, string why)
    {
        if (room < 1 || content < 1 || room >= content + around || !WasRead(key) || !WasRead(otherKey)) return;
        Error(key, OfBytes(room), $"{why}, and {settings.PathOf(otherKey)} = {OfBytes(content)}.");
    }

    void Error(string key, string value, string message) => _errors.Add($"{settings.PathOf(key)} = {value}: {message}");

    static bool Exists(string? typeName)
    {
        try
        {
            return Type.GetType(typeName ?? "") is not null;
        }
        catch (Exception wrong) when (wrong is ArgumentException or TypeLoadException or IOException or BadImageFormatException)
        {
            return false;   // a name that is not even of the right form
        }
    }

    // A value that could not be read has its default in place; what is wrong with it is told already.
    bool WasRead(string key) => !unread.ContainsKey(key);

    static TimeSpan Times(TimeSpan time, double factor) => time > LongestTime ? TimeSpan.MaxValue : time * factor;

    static int Order(string key) => RaftSettings.Keys.IndexOf(key) is >= 0 and var place ? place : int.MaxValue;

    static IEnumerable<string> Repeated(IEnumerable<string> texts) =>
        texts.GroupBy(text => text, StringComparer.Ordinal).Where(same => same.Count() > 1).Select(same => same.Key);
}
