using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace AkkaRaft.Journals;

/// <summary>Refuses journal plug-ins that would lose a vote or an entry: better no node than one that forgets.</summary>
internal static class JournalPolicy
{
    const string PluginKey = "akka.raft.journal.plugin-id";
    const string AllowInMemoryKey = "akka.raft.journal.allow-in-memory";
    const string DefaultPluginKey = "akka.persistence.journal.plugin";
    const string InMemoryPlugin = "akka.persistence.journal.inmem";
    const string FallbackPath = "akka.persistence.journal-plugin-fallback";

    /// <summary>Checks the plug-in as the system will start it.</summary>
    /// <param name="system">The system that runs the node.</param>
    /// <param name="pluginId">The plug-in's path; empty means Akka's own default.</param>
    /// <param name="allowInMemory">The setting <c>allow-in-memory</c>.</param>
    /// <returns>The path of the plug-in, never empty.</returns>
    /// <exception cref="ConfigurationException">The plug-in is missing, keeps nothing, or repairs what it should report; names key and value.</exception>
    public static string Check(ActorSystem system, string pluginId, bool allowInMemory)
    {
        // The extension adds Akka.Persistence's own defaults, which are part of what will be in force.
        Persistence.Instance.Apply(system);
        var config = system.Settings.Config;
        if (string.IsNullOrEmpty(pluginId)) pluginId = config.GetString(DefaultPluginKey, "");
        if (string.IsNullOrEmpty(pluginId) || !config.HasPath(pluginId))
            throw new ConfigurationException(
                $"{PluginKey} = \"{pluginId}\" names no journal plug-in: the configuration has no block of that path. Leave the key out for the node's own "
                + "SQLite file, or add the plug-in's block (hocon/postgresql.conf is an example).");

        var plugin = config.GetConfig(pluginId).WithFallback(config.GetConfig(FallbackPath));
        var className = plugin.GetString("class", "");
        if (IsInMemory(pluginId, className))
        {
            if (!allowInMemory) RefuseMemory(pluginId, className);
            return pluginId;
        }

        RefuseRepair(pluginId, plugin);
        return pluginId;
    }

    /// <summary>The snapshot-store plug-in that a node uses.</summary>
    /// <param name="system">The system that runs the node.</param>
    /// <param name="settings">The node's settings.</param>
    /// <param name="own">The node's own plug-in, when it keeps its journals itself.</param>
    /// <returns>Its path; null when none is named for a journal of the application's.</returns>
    /// <exception cref="ConfigurationException">The plug-in is missing, or loses what it confirmed.</exception>
    public static string? SnapshotPlugin(ActorSystem system, RaftSettings settings, string? own)
    {
        const string Key = "akka.raft.snapshot.plugin-id";
        const string InMemoryStore = "akka.persistence.snapshot-store.inmem";
        Persistence.Instance.Apply(system);
        var plugin = settings.SnapshotPluginId;
        if (plugin.Length == 0) return own ?? (settings.AllowInMemoryJournal && settings.JournalPluginId == InMemoryPlugin ? InMemoryStore : null);
        if (!system.Settings.Config.HasPath(plugin))
            throw new ConfigurationException(
                $"{Key} = \"{plugin}\" names no snapshot-store plug-in: the configuration has no block of that path. Leave the key out for the node's own SQLite file, or "
                + "add the plug-in's block (hocon/postgresql.conf is an example).");
        var store = Type.GetType(system.Settings.Config.GetString($"{plugin}.class", ""), throwOnError: false);
        if (typeof(Akka.Persistence.Snapshot.LocalSnapshotStore).IsAssignableFrom(store))
            throw new ConfigurationException(
                $"{Key} = \"{plugin}\" is Akka's store of local files ({plugin}.class), which does not sync what it has written: with the power a node would lose the snapshot, "
                + $"and with it the log that it stands for. Leave {Key} out for the node's own SQLite file, or name a durable store.");
        if ((plugin == InMemoryStore || typeof(Akka.Persistence.Snapshot.MemorySnapshotStore).IsAssignableFrom(store)) && !settings.AllowInMemoryJournal)
            throw new ConfigurationException(
                $"{Key} = \"{plugin}\" is in memory: a restarted node would have lost the snapshot, and with it the log that it stands for. Leave {Key} out for the "
                + $"node's own SQLite file, name a durable store, or, for tests only, set {AllowInMemoryKey} = on.");
        return plugin;
    }

    static bool IsInMemory(string pluginId, string className) =>
        pluginId == InMemoryPlugin || typeof(MemoryJournal).IsAssignableFrom(Type.GetType(className, throwOnError: false));

    static void RefuseMemory(string pluginId, string className) => throw new ConfigurationException(
        $"{PluginKey} = \"{pluginId}\" is an in-memory journal ({pluginId}.class = \"{className}\"): a restarted node would have forgotten its vote "
        + $"and its log, and the cluster could elect two leaders or lose acknowledged writes. Leave {PluginKey} out for the node's own SQLite file, name a "
        + $"durable journal, or, for tests only, set {AllowInMemoryKey} = on.");

    static void RefuseRepair(string pluginId, Config plugin)
    {
        var mode = plugin.GetString("replay-filter.mode", "");
        if (mode.Equals("fail", StringComparison.OrdinalIgnoreCase)) return;
        throw new ConfigurationException(
            $"{pluginId}.replay-filter.mode = \"{mode}\" would hide that two writers wrote one journal, and drop votes or entries to repair it. "
            + $"A Raft journal needs {pluginId}.replay-filter.mode = fail.");
    }
}
