using System.Globalization;

namespace AkkaRaft.TestKit;

/// <summary>What really happened in a run, or in many together: a run in which nothing happened proves nothing.</summary>
public sealed record RunCounters
{
    /// <summary>Runs.</summary>
    public long Runs { get; set; }

    /// <summary>Virtual time that passed.</summary>
    public TimeSpan VirtualTime { get; set; }

    /// <summary>Messages that actors handled.</summary>
    public long Messages { get; set; }

    /// <summary>Leaderships that began.</summary>
    public long Elections { get; set; }

    /// <summary>Entries that were committed.</summary>
    public long Commits { get; set; }

    /// <summary>Operations that were carried out and answered.</summary>
    public long OperationsDone { get; set; }

    /// <summary>Operations that surely were not carried out.</summary>
    public long OperationsNotDone { get; set; }

    /// <summary>Operations whose outcome the client does not know.</summary>
    public long OperationsUnknown { get; set; }

    /// <summary>Nodes that were crashed.</summary>
    public long Crashes { get; set; }

    /// <summary>Nodes that were paused.</summary>
    public long Pauses { get; set; }

    /// <summary>Clients that were started again.</summary>
    public long ClientRestarts { get; set; }

    /// <summary>Requests to hand leadership over.</summary>
    public long TransfersAsked { get; set; }

    /// <summary>Those of them after which another node led, or the one that was named did already.</summary>
    public long TransfersDone { get; set; }

    /// <summary>Configurations that were committed, those of joint ones and of storages included.</summary>
    public long Reconfigurations { get; set; }

    /// <summary>Disks that were wiped.</summary>
    public long DisksWiped { get; set; }

    /// <summary>Nodes that were refused because their disk had been wiped.</summary>
    public long WipedRefused { get; set; }

    /// <summary>Links that were cut, each direction counted.</summary>
    public long Cuts { get; set; }

    /// <summary>Changes of a clock.</summary>
    public long ClockChanges { get; set; }

    /// <summary>Times when follower logs were cut because they conflicted with a leader's.</summary>
    public long Truncations { get; set; }

    /// <summary>Snapshots that nodes took and stored.</summary>
    public long SnapshotsTaken { get; set; }

    /// <summary>Pieces of snapshots that leaders sent.</summary>
    public long SnapshotChunks { get; set; }

    /// <summary>Times when followers told that pieces of a snapshot were missing.</summary>
    public long SnapshotGaps { get; set; }

    /// <summary>Snapshots of leaders from which followers' machines began anew.</summary>
    public long SnapshotsInstalled { get; set; }

    /// <summary>Starts of nodes from a snapshot on their disk.</summary>
    public long SnapshotStarts { get; set; }

    /// <summary>Times when logs were compacted.</summary>
    public long Compactions { get; set; }

    /// <summary>Messages between hosts.</summary>
    public long MessagesSent { get; set; }

    /// <summary>Messages between hosts that were lost or met a cut.</summary>
    public long MessagesLost { get; set; }

    /// <summary>Messages between hosts that a link that hung held up.</summary>
    public long MessagesHeldUp { get; set; }

    /// <summary>Messages between hosts that came twice.</summary>
    public long MessagesDuplicated { get; set; }

    /// <summary>Events that journals stored.</summary>
    public long Writes { get; set; }

    /// <summary>Writes that a crash took away before they were acknowledged.</summary>
    public long WritesLost { get; set; }

    /// <summary>Writes that were on disk after a crash although nobody had been told.</summary>
    public long WritesKept { get; set; }

    /// <summary>Writes that failed or were rejected.</summary>
    public long WritesFailed { get; set; }

    /// <summary>Journals that could not be read when a node started.</summary>
    public long ReadErrors { get; set; }

    internal void Add(RunCounters run)
    {
        Runs += run.Runs;
        VirtualTime += run.VirtualTime;
        Messages += run.Messages;
        Elections += run.Elections;
        Commits += run.Commits;
        OperationsDone += run.OperationsDone;
        OperationsNotDone += run.OperationsNotDone;
        OperationsUnknown += run.OperationsUnknown;
        Crashes += run.Crashes;
        Pauses += run.Pauses;
        ClientRestarts += run.ClientRestarts;
        TransfersAsked += run.TransfersAsked;
        TransfersDone += run.TransfersDone;
        Reconfigurations += run.Reconfigurations;
        DisksWiped += run.DisksWiped;
        WipedRefused += run.WipedRefused;
        Cuts += run.Cuts;
        ClockChanges += run.ClockChanges;
        Truncations += run.Truncations;
        SnapshotsTaken += run.SnapshotsTaken;
        SnapshotChunks += run.SnapshotChunks;
        SnapshotGaps += run.SnapshotGaps;
        SnapshotsInstalled += run.SnapshotsInstalled;
        SnapshotStarts += run.SnapshotStarts;
        Compactions += run.Compactions;
        MessagesSent += run.MessagesSent;
        MessagesLost += run.MessagesLost;
        MessagesHeldUp += run.MessagesHeldUp;
        MessagesDuplicated += run.MessagesDuplicated;
        Writes += run.Writes;
        WritesLost += run.WritesLost;
        WritesKept += run.WritesKept;
        WritesFailed += run.WritesFailed;
        ReadErrors += run.ReadErrors;
    }

    internal void Add(NetworkCounters network)
    {
        MessagesSent += network.Sent;
        MessagesLost += network.Lost + network.Cut;
        MessagesHeldUp += network.HeldUp;
        MessagesDuplicated += network.Duplicated;
    }

    internal void Add(DiskCounters disk)
    {
        Writes += disk.Events;
        WritesLost += disk.Lost;
        WritesKept += disk.KeptWhole + disk.KeptPrefix;
        WritesFailed += disk.Failed + disk.Rejected + disk.TimedOut;
        ReadErrors += disk.ReadErrors;
    }

    /// <summary>One line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Runs} runs, {VirtualTime.TotalSeconds:0} virtual s, {Messages} messages handled, {Elections} elections, {Commits} commits, " +
        $"operations {OperationsDone} done {OperationsNotDone} not done {OperationsUnknown} unknown, {Crashes} crashes, {Pauses} pauses, {ClientRestarts} client restarts, " +
        $"{TransfersAsked} transfers asked {TransfersDone} done, {Reconfigurations} reconfigurations, {DisksWiped} disks wiped {WipedRefused} refused, {Cuts} cuts, " +
        $"{ClockChanges} clock changes, {Truncations} truncations, " +
        $"snapshots {SnapshotsTaken} taken {SnapshotChunks} pieces sent {SnapshotGaps} gaps {SnapshotsInstalled} installed {SnapshotStarts} started from {Compactions} compactions, " +
        $"network {MessagesSent} sent {MessagesLost} lost {MessagesHeldUp} held up {MessagesDuplicated} doubled, " +
        $"disk {Writes} writes {WritesLost} lost {WritesKept} kept {WritesFailed} failed {ReadErrors} read errors");
}
