using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace AkkaRaft.Samples.Common.Members;

/// <summary>Configurations as people and programs read them.</summary>
public static class MembersText
{
    /// <summary>A table.</summary>
    public static string Of(RaftConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"configuration of index {configuration.Index}{(configuration.IsCommitted ? "" : ", not committed yet")}");
        if (configuration.IsJoint) text.Append(", joint: decisions need a majority of the voters before and of those after");
        if (configuration.RecoveryMark != 0) text.Append(CultureInfo.InvariantCulture, $", recovered or restored (mark {configuration.RecoveryMark:x16})");
        var (addresses, roles) = (Widest(member => member.Address), Widest(Role));
        foreach (var member in configuration.Members)
            text.AppendLine().Append(CultureInfo.InvariantCulture, $"{member.Id,4}  {member.Address.PadRight(addresses)}  {Role(member).PadRight(roles)}  {member.Storage?.Value ?? "not met yet"}");
        return text.ToString();

        int Widest(Func<RaftConfigurationMember, string> cell) => configuration.Members.Select(member => cell(member).Length).DefaultIfEmpty(0).Max();
    }

    /// <summary>One line of JSON.</summary>
    public static string Json(RaftConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return new JsonObject
        {
            ["index"] = configuration.Index.Value,
            ["committed"] = configuration.IsCommitted,
            ["joint"] = configuration.IsJoint,
            ["recovery_mark"] = configuration.RecoveryMark == 0 ? null : configuration.RecoveryMark.ToString("x16", CultureInfo.InvariantCulture),
            ["members"] = new JsonArray([.. configuration.Members.Select(member => new JsonObject
            {
                ["id"] = member.Id.Value,
                ["address"] = member.Address,
                ["role"] = member.Role.ToString().ToLowerInvariant(),
                ["promote"] = member.PromoteWhenCaughtUp,
                ["voted_before"] = member.VotedBefore,
                ["storage"] = member.Storage?.Value,
            })]),
        }.ToJsonString();
    }

    /// <summary>How far a node has come.</summary>
    public static string Progress(RaftMemberProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        return progress switch
        {
            { Role: null } => $"node {progress.Node} is no member yet",
            { Role: RaftMemberRole.Voter } => $"node {progress.Node} votes",
            { Transfer: { Total: > 0 } sent } => string.Create(CultureInfo.InvariantCulture, $"node {progress.Node} gets a snapshot: {100 * sent.Stored / sent.Total} %"),
            _ => string.Create(CultureInfo.InvariantCulture, $"node {progress.Node} is a learner and lacks {progress.Lag} entries"),
        };
    }

    static string Role(RaftConfigurationMember member) => member switch
    {
        { Role: RaftMemberRole.Voter, VotedBefore: false } => "voter",
        { Role: RaftMemberRole.Voter } => "voter, before and after",
        { Role: RaftMemberRole.Leaving } => "leaving, votes until then",
        { PromoteWhenCaughtUp: true } => "learner, to be promoted",
        { VotedBefore: true } => "learner, votes until then",
        _ => "learner",
    };
}
