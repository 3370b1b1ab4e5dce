using System.Globalization;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using AkkaRaft.Benchmarks.Contenders.Raft;

namespace AkkaRaft.Benchmarks.Contenders.Today;

/// <summary>The settings of a node with Akka.Cluster: its defaults, over what our own nodes have, with the same serializer of the messages.</summary>
internal static class TodayHocon
{
    /// <param name="address">The node's own.</param>
    /// <param name="addresses">Those of all nodes.</param>
    public static Config Node(string address, IEnumerable<string> addresses) => ConfigurationFactory.ParseString(
        $$"""
        akka.actor.provider = cluster
        akka.cluster {
          seed-nodes = [{{string.Join(", ", addresses.Select(seed => $"\"akka.tcp://{RaftHocon.SystemName}@{seed}\""))}}]
          downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
          log-info = off
        }
        """)
        .WithFallback(RaftHocon.Node(address))
        .WithFallback(ClusterSingleton.DefaultConfig())
        .WithFallback(DistributedData.DefaultConfig());

    /// <summary>A journal and a snapshot store in SQLite, set up as our own nodes set up theirs.</summary>
    /// <param name="journal">The connection string of the journal's file.</param>
    /// <param name="snapshots">That of the snapshots' file.</param>
    public static Config Sqlite(string journal, string snapshots) => ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture,
        $$"""
        akka.persistence {
          journal {
            plugin = "akka.persistence.journal.sql"
            sql {
              class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql"
              connection-string = "{{journal}}"
              provider-name = "SQLite.MS"
              auto-initialize = true
              tag-write-mode = Csv
              parallelism = 1
            }
          }
          snapshot-store {
            plugin = "akka.persistence.snapshot-store.sql"
            sql {
              class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql"
              connection-string = "{{snapshots}}"
              provider-name = "SQLite.MS"
              auto-initialize = true
            }
          }
        }
        """));
}
