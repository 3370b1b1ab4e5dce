namespace AkkaRaft.TestKit.Storage;

/// <summary>The plug-ins' configuration.</summary>
internal static class SimulatedStorage
{
    public const string JournalPluginId = "akka.persistence.journal.simulated";
    public const string SnapshotPluginId = "akka.persistence.snapshot-store.simulated";

    /// <summary>
    /// Both plug-ins, as the system's defaults. Timeouts and filter are those of a node's own SQLite journal (NodeStorage), so that a simulated node meets the same
    /// rules; the dispatcher is the system's, which the simulation replaces.
    /// </summary>
    public const string Hocon = """
        akka.persistence {
          journal {
            plugin = "akka.persistence.journal.simulated"
            auto-start-journals = []
            simulated {
              class = "AkkaRaft.TestKit.Storage.SimulatedJournal, AkkaRaft.TestKit"
              plugin-dispatcher = "akka.actor.default-dispatcher"
              replay-dispatcher = "akka.actor.default-dispatcher"
              recovery-event-timeout = 30s
              replay-filter {
                mode = fail
                window-size = 16
                max-old-writers = 1000
              }
              circuit-breaker.call-timeout = 10s
            }
          }
          snapshot-store {
            plugin = "akka.persistence.snapshot-store.simulated"
            auto-start-snapshot-stores = []
            simulated {
              class = "AkkaRaft.TestKit.Storage.SimulatedSnapshotStore, AkkaRaft.TestKit"
              plugin-dispatcher = "akka.actor.default-dispatcher"
              circuit-breaker.call-timeout = 20s
            }
          }
        }
        """;
}
