using System.Runtime.InteropServices;
using AkkaRaft.Consensus;
using AkkaRaft.TestKit.Planning;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// Clients are told the truth: a command that was acknowledged is committed at its index and on a majority of disks; one that surely was not carried out never
/// is; none is committed more often than it was sent, copies in a session counted once; an operation ends once; and nobody is told what lies before something that any client knew when it asked
/// (Raft 8, thesis 6.3, 6.4).
/// </summary>
internal sealed class ClientOracle(CommittedLog committed) : ClusterInvariant
{
    readonly HashSet<int> _ended = [];
    readonly Dictionary<LogIndex, Operation> _acknowledged = [];
    readonly Dictionary<Payload, CommittedCommand> _commands = [];
    readonly HashSet<(LogIndex Session, long Sequence)> _copies = [];
    readonly Dictionary<(object Input, LogIndex Index), (Operation Operation, string Output)> _answers = [];
    LogIndex _counted;

    public override string Name => "Clients Are Told The Truth";

    public override string Section => "Raft 8, thesis 6.3, 6.4";

    public override void OnStep(NodeView node, ClusterView cluster)
    {
        committed.Follow(node);
        while (_counted < committed.Last)
        {
            _counted = _counted.Next;
            if (committed[_counted].Entry is CommandEntry entry) Count(entry, cluster);
        }
    }

    public override void OnEnded(Operation operation, ClusterView cluster)
    {
        foreach (var node in cluster.Nodes) OnStep(node, cluster);
        Holds(_ended.Add(operation.Number), cluster, $"{Show(operation)} has ended before, and ends again as {operation.Outcome}");
        if (!cluster.Clients.TryGetBegun(operation.Number, out var begun))
        {
            cluster.Report(Name, $"{Show(operation)} ends as {operation.Outcome}, and was never begun");
            return;
        }

        switch (operation.Outcome)
        {
            case OperationOutcome.Done when operation.IsQuery:
                JudgeAnswer(operation, begun, cluster);
                break;
            case OperationOutcome.Done:
                JudgeAcknowledgement(operation, begun, cluster);
                break;
            case OperationOutcome.NotDone when begun.Command is { } command:
                JudgeRefusal(operation, command, cluster);
                break;
        }
    }

    /// <summary>
    /// A command is committed as often as operations may have been carried out that had it, and no more. In a session it may be in the log again and again;
    /// that only one of those copies is carried out is <see cref="AppliedAtMostOnce"/>'s to say.
    /// </summary>
    void Count(CommandEntry entry, ClusterView cluster)
    {
        if (entry.Stamp is { } stamp && !_copies.Add((stamp.Session, stamp.Sequence))) return;
        ref var found = ref CollectionsMarshal.GetValueRefOrAddDefault(_commands, entry.Command, out _);
        var before = found.Last;
        var what = entry.Command;
        found = new CommittedCommand(found.Times + 1, entry.Index);
        var sent = cluster.Clients.SentOf(entry.Command);
        Holds(sent.Begun > 0, cluster, $"entry {entry.Id} is committed with the command {what}, checksum {what.Checksum:x8}, which no client sent");
        Holds(sent.Begun == 0 || found.Times <= sent.MayBeCommitted, cluster,
            $"entry {entry.Id} is committed with the command {what}, checksum {what.Checksum:x8}, which is committed {found.Times} times now "
            + $"(before at index {before}); {sent.Begun} operations had it, and {sent.NotDone} of them were told that they surely were not carried out");
    }

    void JudgeAcknowledgement(Operation operation, BegunOperation begun, ClusterView cluster)
    {
        var index = operation.Index;
        if (index <= LogIndex.Zero || index > committed.Last)
        {
            cluster.Report(Name, $"{Show(operation)} was acknowledged at index {index}; entries are committed up to {committed.Last} only");
            return;
        }

        var entry = committed[index];
        Holds(entry.Entry is CommandEntry { Command: var command } && command.Equals(begun.Command), cluster,
            $"{Show(operation)} was acknowledged at index {index}, and what is committed there is entry {entry.Entry.Id}, which is not its command");
        Holds(_acknowledged.TryAdd(index, operation), cluster,
            $"{Show(operation)} was acknowledged at index {index}, and so was {Show(_acknowledged[index])}");
        Holds(index > begun.Seen, cluster,
            $"{Show(operation)} was acknowledged at index {index}, and a client had been told of index {begun.Seen} before it was sent");

        var holders = new HashSet<NodeId>();
        foreach (var node in cluster.Nodes)
        {
            if (node.Disk.Holds(entry.Entry.Id)) holders.Add(node.Id);
        }

        if (entry.Lacking(holders) is { } lacking)
            cluster.Report(Name, $"{Show(operation)} was acknowledged at index {index}, and entry {entry.Entry.Id} is on {lacking.Voters.Count(holders.Contains)} disks of {lacking.Voters.Length} voters");
    }

    void JudgeAnswer(Operation operation, BegunOperation begun, ClusterView cluster)
    {
        JudgeSameness(operation, cluster);
        if (operation.IsLocal)
        {
            Holds(operation.Index >= operation.MinIndex, cluster,
                $"{Show(operation)} got an answer of index {operation.Index}, and wanted one of {operation.MinIndex} at least");
        }

        Holds(operation.IsLocal || operation.Index >= begun.Seen, cluster,
            $"{Show(operation)} got an answer of index {operation.Index}, and a client had been told of index {begun.Seen} before it was sent");
        Holds(operation.Index <= committed.Last, cluster,
            $"{Show(operation)} got an answer of index {operation.Index}; entries are committed up to {committed.Last} only");
    }

    /// <summary>The log up to an index makes one state, whatever node has it: nobody is told of it what another was not.</summary>
    void JudgeSameness(Operation operation, ClusterView cluster)
    {
        var output = CodeText.Of(operation.Output);
        if (!_answers.TryGetValue((operation.Input, operation.Index), out var before)) _answers.Add((operation.Input, operation.Index), (operation, output));
        else if (operation.IsLocal || before.Operation.IsLocal)
        {
            Holds(output == before.Output, cluster,
                $"{Show(operation)} was told {output} of index {operation.Index}, and {Show(before.Operation)} was told {before.Output} of the same");
        }
    }

    void JudgeRefusal(Operation operation, Payload command, ClusterView cluster)
    {
        var found = _commands.GetValueOrDefault(command);
        var sent = cluster.Clients.SentOf(command);
        Holds(found.Times <= sent.MayBeCommitted, cluster,
            $"{Show(operation)} was told that it surely was not carried out, and its command is committed {found.Times} times, last at index {found.Last}; "
            + $"{sent.Begun} operations had it, and {sent.NotDone} of them were told so");
    }

    static string Show(Operation operation) =>
        $"operation {operation.Number} of client {operation.Client} ({(operation.IsQuery ? "query" : "command")} {operation.Input})";

    readonly record struct CommittedCommand(int Times, LogIndex Last);
}
