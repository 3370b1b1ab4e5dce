using System.Globalization;
using System.Text;
using AkkaRaft.Samples.Common.Members;

namespace AkkaRaft.Samples.Common.Offline;

/// <summary>What a node that does not run has stored, as people read it.</summary>
public static class OfflineText
{
    /// <summary>What is there.</summary>
    public static string Of(RaftOfflineReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"node {report.Node} of group {report.Group} in cluster {report.Cluster}, storage {report.Storage}, {report.Place}");
        text.AppendLine(CultureInfo.InvariantCulture, $"term {report.Term}, last entry {report.LastEntry.Index} of term {report.LastEntry.Term}{(report.LastEntryTime is { } time ? $", appended {time.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}" : "")}");
        text.AppendLine(report.SnapshotLast is { } snapshot
            ? string.Create(CultureInfo.InvariantCulture, $"snapshot up to entry {snapshot.Index} of term {snapshot.Term}, {report.SnapshotBytes} bytes; the log begins behind entry {report.Base.Index}")
            : "no snapshot; the log is whole");
        return text.Append(MembersText.Of(report.Configuration)).ToString();
    }

    /// <summary>What a recovery would keep, lose and leave to do.</summary>
    /// <param name="before">What is there.</param>
    /// <param name="after">The configuration that it would write.</param>
    public static string Plan(RaftOfflineReport before, RaftConfiguration after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var gone = before.Configuration.Members.Where(member => after.Find(member.Id) is null).ToList();
        var back = after.Learners.ToList();
        var voters = before.Configuration.Members.Count(member => member.Role == RaftMemberRole.Voter || member.VotedBefore);
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"node {before.Node} becomes the only voter, at entry {after.Index}");
        if (gone.Count > 0) text.AppendLine(CultureInfo.InvariantCulture, $"members no more, for good: {string.Join(", ", gone.Select(member => $"{member.Id}={member.Address}"))}; if they come back they are refused");
        if (back.Count > 0)
            text.AppendLine(CultureInfo.InvariantCulture, $"to come back empty (keep a copy of their folders), and to vote when they have caught up: {string.Join(", ", back.Select(member => $"{member.Id}={member.Address}"))}");
        text.AppendLine(CultureInfo.InvariantCulture, $"kept: all that is in this log up to entry {before.LastEntry.Index} of term {before.LastEntry.Term}, also what was never acknowledged");
        text.Append(voters <= 1
            ? "lost: nothing; no other node votes"
            : string.Create(CultureInfo.InvariantCulture, $"lost: what was acknowledged and is not in this log; {voters / 2 + 1} of the {voters} voters were enough for that, and may have done without this one"));
        return text.AppendLine().Append("of several survivors take the one with the highest term of the last entry, then the highest index").ToString();
    }
}
