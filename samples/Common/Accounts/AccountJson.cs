using System.Text.Json;
using System.Text.Json.Nodes;

namespace AkkaRaft.Samples.Common.Accounts;

/// <summary>What nodes tell of themselves, as JSON. Names that end in <c>_ms</c> are milliseconds, in <c>_bytes</c> bytes; what is not known is null.</summary>
public static class AccountJson
{
    /// <summary>All nodes that were asked, those that did not answer with <c>"answers":false</c>.</summary>
    public static JsonObject Status(RaftDiagnosis told)
    {
        ArgumentNullException.ThrowIfNull(told);
        var nodes = told.Explanations.Select(answer => (answer.Status.Node, Json: Of(answer)))
            .Concat(told.Silent.Select(silent => (silent.Node, Json: new JsonObject { ["node"] = silent.Node.Value, ["address"] = silent.Address, ["answers"] = false })))
            .OrderBy(node => node.Node).Select(node => (JsonNode)node.Json);
        return new JsonObject { ["nodes"] = new JsonArray([.. nodes]) };
    }

    /// <summary>Both questions with verdict, causes and evidence, and what each node said.</summary>
    public static JsonObject Diagnosis(RaftDiagnosis told)
    {
        ArgumentNullException.ThrowIfNull(told);
        return new JsonObject
        {
            ["well"] = told.IsWell,
            ["no_leader"] = Of(told.NoLeader),
            ["commit_stuck"] = Of(told.CommitStuck),
            ["nodes"] = Status(told)["nodes"]!.DeepClone(),
        };
    }

    static JsonObject Of(RaftAnswer answer) => new()
    {
        ["verdict"] = answer.Verdict,
        ["findings"] = Array(answer.Findings, finding => new JsonObject
        {
            ["cause"] = Name(finding.Cause),
            ["verdict"] = finding.Verdict,
            ["evidence"] = Array(finding.Evidence, fact => new JsonObject { ["node"] = fact.Node.Value, ["fact"] = fact.Fact }),
        }),
    };

    static JsonObject Of(RaftExplanation told)
    {
        var status = told.Status;
        return new JsonObject
        {
            ["node"] = status.Node.Value,
            ["address"] = status.Address,
            ["answers"] = true,
            ["why_stopped"] = told.WhyStopped,
            ["cluster"] = status.Cluster?.Value,
            ["group"] = status.Group?.Value,
            ["role"] = Name(status.Role),
            ["term"] = status.Term.Value,
            ["leader"] = status.Leader?.Value,
            ["leader_heard_ms"] = Ms(status.LeaderHeardAgo),
            ["started_at"] = status.StartedAt?.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture),
            ["uptime_ms"] = Ms(status.Uptime),
            ["base_index"] = status.BaseIndex.Value,
            ["last_entry"] = Of(status.LastEntry),
            ["durable_index"] = status.DurableIndex.Value,
            ["commit_index"] = status.CommitIndex.Value,
            ["applied_index"] = status.AppliedIndex.Value,
            ["peers"] = Array(status.Peers, Of),
            ["snapshot"] = Of(status.Snapshot),
            ["pending"] = new JsonObject
            {
                ["proposals"] = status.Pending.Proposals,
                ["proposal_bytes"] = status.Pending.ProposalBytes,
                ["reads"] = status.Pending.Reads,
                ["unapplied"] = status.Pending.Unapplied,
            },
            ["journal"] = new JsonObject
            {
                ["writes"] = status.Journal.Writes,
                ["mean_ms"] = Ms(status.Journal.Mean),
                ["max_ms"] = Ms(status.Journal.Max),
                ["writing_ms"] = Ms(status.Journal.WritingFor),
                ["failures"] = status.Journal.Failures,
            },
            ["dropped"] = Array(status.Dropped, dropped => new JsonObject { ["reason"] = dropped.Reason, ["count"] = dropped.Count }),
            ["obstacle"] = Name(told.Obstacle),
            ["voters"] = Array(told.Voters, voter => (JsonNode)voter.Value!),
            ["last_campaign"] = told.LastCampaign is { } campaign ? Of(campaign) : null,
            ["commit"] = told.Commit is { } commit ? Of(commit) : null,
        };
    }

    static JsonObject Of(RaftPeerStatus peer) => new()
    {
        ["node"] = peer.Node.Value,
        ["address"] = peer.Address,
        ["heard_ms"] = Ms(peer.HeardAgo),
        ["state"] = peer.State is { } state ? Name(state) : null,
        ["match_index"] = peer.Match.Value,
        ["next_index"] = peer.Next.Value,
        ["lag"] = peer.Lag,
        ["inflight_appends"] = peer.InflightAppends,
        ["inflight_bytes"] = peer.InflightBytes,
        ["transfer"] = peer.Transfer is { } transfer ? Of(transfer) : null,
    };

    static JsonObject Of(RaftSnapshotStatus snapshot) => new()
    {
        ["last_entry"] = snapshot.Last is { } last ? Of(last) : null,
        ["bytes"] = snapshot.Bytes,
        ["taking"] = snapshot.Taking is { } taking ? Of(taking) : null,
        ["receiving"] = snapshot.Receiving is { } receiving ? Of(receiving) : null,
        ["restoring"] = snapshot.IsRestoring,
    };

    static JsonObject Of(RaftSnapshotTransfer transfer) => new()
    {
        ["peer"] = transfer.Peer.Value,
        ["last_entry"] = Of(transfer.Last),
        ["moved_bytes"] = transfer.Moved,
        ["stored_bytes"] = transfer.Stored,
        ["total_bytes"] = transfer.Total,
    };

    static JsonObject Of(RaftCampaign campaign) => new()
    {
        ["rehearsal"] = campaign.IsRehearsal,
        ["term"] = campaign.Term.Value,
        ["began_ms"] = Ms(campaign.BeganAgo),
        ["answers"] = Array(campaign.Answers, answer => new JsonObject
        {
            ["voter"] = answer.Voter.Value, ["answer"] = Name(answer.Answer), ["term"] = answer.Term.Value, ["ago_ms"] = Ms(answer.Ago),
        }),
    };

    static JsonObject Of(RaftCommitEvidence commit) => new()
    {
        ["no_op_index"] = commit.NoOp.Value,
        ["stored"] = Array(commit.Stored, log => new JsonObject { ["voter"] = log.Voter.Value, ["index"] = log.Index.Value }),
        ["on_majority"] = Of(commit.OnMajority),
        ["majority_heard_ms"] = Ms(commit.MajorityHeardAgo),
        ["first_uncommitted"] = commit.FirstUncommitted is { } first ? Of(first) : null,
        ["waiting_ms"] = Ms(commit.WaitingFor),
        ["commit_rose_ms"] = Ms(commit.CommitRoseAgo),
    };

    static JsonObject Of(EntryId entry) => new() { ["index"] = entry.Index.Value, ["term"] = entry.Term.Value };

    static JsonArray Array<T>(IEnumerable<T> all, Func<T, JsonNode> one) => new([.. all.Select(one)]);

    static double? Ms(TimeSpan? time) => time?.TotalMilliseconds;

    static string Name<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
