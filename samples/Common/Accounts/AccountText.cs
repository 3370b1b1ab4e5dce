using System.Globalization;
using System.Text;
using Spectre.Console;

namespace AkkaRaft.Samples.Common.Accounts;

/// <summary>What nodes tell of themselves, for people: plain text, as wide as it needs.</summary>
public static class AccountText
{
    // Nothing is cut or broken: a terminal does that as its user likes, and a script gets whole lines.
    const int Width = 400;

    /// <summary>A table of the nodes, and one of the leader's peers.</summary>
    public static string Status(RaftDiagnosis told)
    {
        ArgumentNullException.ThrowIfNull(told);
        var rows = told.Explanations.Select(answer => (answer.Status.Node, Cells: Cells(answer)))
            .Concat(told.Silent.Select(silent => (silent.Node, Cells: (string[])[$"{silent.Node}", silent.Address, "no answer"])))
            .OrderBy(row => row.Node).Select(row => row.Cells);
        var text = Table(["node", "address", "role", "term", "leader", "base", "last", "durable", "commit", "applied", "snapshot", "disk mean/max", "up"], 3, rows);

        foreach (var leader in told.Explanations.Where(answer => answer.Status.Role == RaftRole.Leader))
        {
            text += $"\nnode {leader.Status.Node} leads: {Pending(leader.Status.Pending)}\n";
            text += Table(["peer", "state", "match", "next", "lag", "heard", "in flight", "snapshot"], 2, leader.Status.Peers.Select(Cells));
        }

        foreach (var answer in told.Explanations)
        {
            if (answer.WhyStopped is { } why) text += $"\nnode {answer.Status.Node}: {why}\n";
            if (answer.Status.Snapshot.Receiving is { } coming) text += $"\nnode {answer.Status.Node} receives a snapshot from node {coming.Peer}: {Of(coming)}\n";
            foreach (var dropped in answer.Status.Dropped) text += $"\nnode {answer.Status.Node} has dropped {dropped.Count} messages: {dropped.Reason}\n";
        }

        return text.TrimEnd('\n');
    }

    /// <summary>Both answers: the verdict, each cause, and below it what it follows from.</summary>
    public static string Diagnosis(RaftDiagnosis told)
    {
        ArgumentNullException.ThrowIfNull(told);
        var text = new StringBuilder();
        foreach (var answer in (RaftAnswer[])[told.NoLeader, told.CommitStuck])
        {
            text.Append(answer.Verdict).Append('\n');
            foreach (var finding in answer.Findings)
            {
                text.Append("  * ").Append(finding.Verdict).Append('\n');
                foreach (var fact in finding.Evidence) text.Append(CultureInfo.InvariantCulture, $"      node {fact.Node}: {fact.Fact}\n");
            }
        }

        return text.ToString().TrimEnd('\n');
    }

    static string[] Cells(RaftExplanation answer)
    {
        var status = answer.Status;
        if (answer.WhyStopped is not null) return [$"{status.Node}", status.Address ?? "", "stopped"];
        return
        [
            $"{status.Node}", status.Address ?? "", $"{status.Role}", $"{status.Term}", $"{status.Leader}", $"{status.BaseIndex}", $"{status.LastEntry.Index}", $"{status.DurableIndex}",
            $"{status.CommitIndex}", $"{status.AppliedIndex}", Snapshot(status.Snapshot),
            status.Journal.Writes > 0 ? $"{Ms(status.Journal.Mean)}/{Ms(status.Journal.Max)}" : "", status.Uptime is { } up ? Time(up) : "",
        ];
    }

    static string[] Cells(RaftPeerStatus peer) =>
    [
        $"{peer.Node}", $"{peer.State}", $"{peer.Match}", $"{peer.Next}", Number(peer.Lag), peer.HeardAgo is { } ago ? $"{Time(ago)} ago" : "never",
        peer.InflightAppends > 0 ? $"{peer.InflightAppends} ({Bytes(peer.InflightBytes)})" : "", peer.Transfer is { } transfer ? Of(transfer) : "",
    ];

    static string Snapshot(RaftSnapshotStatus snapshot)
    {
        var newest = snapshot.Last is { } last ? $"{last.Index} ({Bytes(snapshot.Bytes)})" : "";
        if (snapshot.Taking is { } taking) return $"{newest} taking {taking.Index}".TrimStart();
        return snapshot.IsRestoring ? $"{newest} restoring".TrimStart() : newest;
    }

    static string Of(RaftSnapshotTransfer transfer) => $"{Bytes(transfer.Stored)} of {Bytes(transfer.Total)}, to {transfer.Last.Index}";

    static string Pending(RaftPendingStatus pending) =>
        $"{Number(pending.Proposals)} entries wait to be committed, {Number(pending.Unapplied)} to be applied, {Number(pending.Reads)} reads wait; {Bytes(pending.ProposalBytes)} are not yet applied and on its disk";

    static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    static string Ms(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms");

    static string Bytes(long bytes) => bytes switch
    {
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1000.0:0} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000.0:0} MB"),
    };

    static string Time(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0} h"),
    };

    static string Table(string[] heads, int texts, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = TableBorder.None };
        for (var i = 0; i < heads.Length; i++)
        {
            var column = new TableColumn(new Text(heads[i])).NoWrap().Padding(0, 0, 2, 0);
            table.AddColumn(i < texts ? column.LeftAligned() : column.RightAligned());
        }

        foreach (var row in rows) table.AddRow(row.Concat(Enumerable.Repeat("", heads.Length - row.Length)).Select(cell => new Text(cell)));
        using var written = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(written),
        });
        console.Profile.Width = Width;
        console.Write(table);
        return string.Concat(written.ToString().Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0).Select(line => $"{line}\n"));
    }
}
