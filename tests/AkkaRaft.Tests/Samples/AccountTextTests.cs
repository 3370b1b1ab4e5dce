using System.Text.Json.Nodes;
using AkkaRaft.Samples.Common.Accounts;
using AkkaRaft.Tests.Explaining;
using AkkaRaft.Tests.Serialization;
using Shouldly;
using Xunit;

namespace AkkaRaft.Samples.Tests;

/// <summary>What the status and explain commands print of what nodes tell.</summary>
public sealed class AccountTextTests
{
    static readonly RaftExplanation Leader = new(Messages.FullStatus with { Role = RaftRole.Leader });

    static readonly RaftExplanation Stopped = Told.By(2, RaftRole.Stopping) with { WhyStopped = "Node 2 has stopped: the disk is full." };

    static readonly RaftDiagnosis Group = Diagnosis.Of([Leader, Stopped], [Told.Silent(3)]);

    [Fact]
    public void Status_is_a_line_for_each_node_and_each_of_the_leaders_peers()
    {
        var lines = AccountText.Status(Group).Split('\n');

        Words(lines[0]).ShouldBe(["node", "address", "role", "term", "leader", "base", "last", "durable", "commit", "applied", "snapshot", "disk", "mean/max", "up"]);
        Words(lines[1]).ShouldBe(["1", "127.0.0.1:4051", "Leader", "7", "3", "3", "9", "8", "7", "5", "3", "(1000", "B)", "taking", "6", "1.2", "ms/30.5", "ms", "60", "min"]);
        Words(lines[2]).ShouldBe(["2", "stopped"]);
        Words(lines[3]).ShouldBe(["3", "h:3", "no", "answer"]);
        lines.ShouldContain("node 1 leads: 2 entries wait to be committed, 4 to be applied, 5 reads wait; 300 B are not yet applied and on its disk");
        lines.ShouldContain(line => Words(line).SequenceEqual(new[] { "2", "Replicate", "7", "9", "2", "12", "ms", "ago", "1", "(300", "B)" }));
        lines.ShouldContain(line => Words(line).SequenceEqual(new[] { "3", "Snapshot", "0", "1", "9", "never", "400", "B", "of", "1000", "B,", "to", "3" }));
        lines.ShouldContain("node 2: Node 2 has stopped: the disk is full.");
        lines.ShouldContain("node 1 has dropped 3 messages: of another cluster");
    }

    [Fact]
    public void Status_as_json_has_units_in_its_names_and_null_for_what_is_not_known()
    {
        var nodes = JsonNode.Parse(AccountJson.Status(Group).ToJsonString())!["nodes"]!.AsArray();

        nodes.Select(node => $"{node!["node"]}/{node["answers"]}").ShouldBe(["1/true", "2/true", "3/false"]);
        var leader = nodes[0]!;
        ((string?)leader["role"]).ShouldBe("leader");
        ((long?)leader["last_entry"]!["index"]).ShouldBe(9);
        ((double?)leader["journal"]!["mean_ms"]).ShouldBe(1.2);
        ((string?)leader["started_at"]).ShouldBe("2026-11-23T08:30:00.125Z");
        ((long?)leader["snapshot"]!["receiving"]!["stored_bytes"]).ShouldBe(32);
        ((string?)leader["peers"]![1]!["state"]).ShouldBe("snapshot");
        leader["peers"]![1]!["heard_ms"].ShouldBeNull();
        ((string?)nodes[1]!["why_stopped"]).ShouldBe("Node 2 has stopped: the disk is full.");
    }

    [Fact]
    public void A_diagnosis_is_each_verdict_with_its_causes_and_below_them_their_evidence() =>
        AccountText.Diagnosis(Diagnosis.Of([Told.By(1, peersHeardMsAgo: 12_300)], [Told.Silent(2), Told.Silent(3)])).ShouldBe("""
            There is no leader.
              * Of 3 voters 2 are needed, and 1 takes part. Start nodes 2, 3 again, or mend the way there.
                  node 2: does not answer at h:2; node 1 heard it last, 12.3 s ago
                  node 3: does not answer at h:3; node 1 heard it last, 12.3 s ago
            Nothing is known to be committed: no leader answers.
              * Only a leader commits (Raft 5.3). See why there is none.
                  node 2: does not answer at h:2; node 1 heard it last, 12.3 s ago
                  node 3: does not answer at h:3; node 1 heard it last, 12.3 s ago
            """.ReplaceLineEndings("\n"));

    [Fact]
    public void A_diagnosis_as_json_has_causes_by_name()
    {
        var json = JsonNode.Parse(AccountJson.Diagnosis(Group).ToJsonString())!;

        ((bool?)json["well"]).ShouldBe(false);
        ((string?)json["no_leader"]!["findings"]![0]!["cause"]).ShouldBe("no_majority");
        ((string?)json["no_leader"]!["findings"]![0]!["evidence"]![0]!["node"]).ShouldBe("2");
        json["nodes"]!.AsArray().Count.ShouldBe(3);
    }

    static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
