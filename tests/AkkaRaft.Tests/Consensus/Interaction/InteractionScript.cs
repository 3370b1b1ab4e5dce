using System.Globalization;
using System.Text;
using AkkaRaft.Consensus;
using Shouldly;

namespace AkkaRaft.Tests.Consensus.Interaction;

/// <summary>
/// Runs a script: paragraphs of commands, each followed by <c>----</c> and its output. Lines that begin with <c>#</c> are prose. README.md beside
/// the scripts lists the commands.
/// </summary>
internal sealed partial class InteractionScript
{
    readonly StringBuilder _output = new();
    readonly List<Envelope> _aside = [];

    CoreCluster _cluster = new(1);
    bool _quiet;
    bool _calm;
    long _proposals;

    /// <returns>The script with the output that it has.</returns>
    public string Run(string script)
    {
        var result = new StringBuilder();
        var inOutput = false;
        var line = 0;
        foreach (var text in script.TrimEnd('\n').Split('\n'))
        {
            line++;
            if (inOutput && text.Length > 0) continue;
            inOutput = false;
            result.Append(text).Append('\n');
            if (text.Length == 0 || text[0] == '#') continue;
            if (text == "----")
            {
                result.Append(_output.Length == 0 ? "ok\n" : _output);
                _output.Clear();
                inOutput = true;
                continue;
            }

            try
            {
                Execute(Words(text));
            }
            catch (Exception e) when (e is not FormatException)
            {
                throw new InvalidOperationException($"Line {line}, {text}: {e.Message}\n{_output}", e);
            }
        }

        return result.ToString();
    }

    void Execute(List<string> words)
    {
        _calm = words.Remove("quiet");
        var node = words.Count > 1 && int.TryParse(words[1], out var number) && words[0] != "add-nodes" ? _cluster[number] : null;
        if (words[0] is "propose" or "propose-config" or "read" or "read-anywhere" or "read-by-lease" or "load" or "transfer") Users(words, node!);
        else if (words[0] is "change" or "wipe" or "config" or "run") Members(words, node);
        else if (words[0] is "status" or "raft-log" or "peers" or "msgs" or "machine" or "fates") Show(words, node);
        else if (words[0] is "deliver-msgs" or "put-aside" or "bring-back" or "partition" or "heal") Network(words, node);
        else Control(words, node);
    }

    void Control(List<string> words, ClusterNode? node)
    {
        switch (words[0])
        {
            case "add-nodes":
                _cluster = new CoreCluster(int.Parse(words[1], CultureInfo.InvariantCulture), OptionsOf(words),
                    spares: int.Parse(Option(words, "spares", "0"), CultureInfo.InvariantCulture), storages: words.Contains("storages")) { OnEffect = Tell };
                break;
            case "campaign":
                _cluster.Step(node!, Campaign.Instance);
                break;
            case "elect":
                Quietly(() =>
                {
                    _cluster.Step(node!, Campaign.Instance);
                    _cluster.Stabilize(_cluster.Nodes);
                });
                node!.IsLeader.ShouldBeTrue();
                StatusOf(_cluster.Nodes);
                break;
            case "persist-term":
                node!.TermWrites.ShouldNotBeEmpty("there is no term to write");
                _cluster.PersistTerm(node);
                break;
            case "persist-log":
                node!.LogWrites.ShouldNotBeEmpty("there is nothing to write");
                _cluster.PersistLog(node, words.Count > 2 ? int.Parse(words[2], CultureInfo.InvariantCulture) : int.MaxValue);
                break;
            case "apply":
                _cluster.Apply(node!);
                break;
            case "hold-disk" or "release-disk":
                node!.DiskHeld = words[0] == "hold-disk";
                break;
            case "hold-machine" or "release-machine":
                node!.MachineHeld = words[0] == "hold-machine";
                if (!node.MachineHeld) _cluster.Apply(node);
                break;
            case "tick":
                _cluster.Tick(node!, Milliseconds(words[2]));
                break;
            case "tick-heartbeat":
                _cluster.Tick(node!, node!.Options.HeartbeatInterval);
                break;
            case "advance":
                foreach (var each in _cluster.Nodes.Where(n => n.IsRunning)) _cluster.Tick(each, Milliseconds(words[1]));
                break;
            case "wait":
                foreach (var each in _cluster.Nodes) each.Clock += Milliseconds(words[1]);
                break;
            case "stand-still":
                node!.Clock += Milliseconds(words[2]);
                break;
            case "crash":
                _cluster.Crash(node!, int.Parse(Option(words, "term-writes-kept", "0"), CultureInfo.InvariantCulture),
                    int.Parse(Option(words, "log-writes-kept", "0"), CultureInfo.InvariantCulture));
                break;
            case "restart":
                _cluster.Start(node!);
                StatusOf([node!]);
                break;
            case "stabilize":
                var among = words.Count == 1 ? _cluster.Nodes : [.. words.Skip(1).Select(w => _cluster[int.Parse(w, CultureInfo.InvariantCulture)])];
                Quietly(() => _cluster.Stabilize(among));
                StatusOf(among);
                break;
            default:
                throw new FormatException($"There is no command \"{words[0]}\".");
        }
    }

    void Users(List<string> words, ClusterNode node)
    {
        switch (words[0])
        {
            case "propose":
                _cluster.Propose(node, [.. words.Skip(2).Select(command => (++_proposals, command))]);
                break;
            case "propose-config":
                _cluster.Reconfigure(node, words[2].Split(',').Select(int.Parse));
                break;
            case "read":
                _cluster.Read(node, [.. words.Skip(2).Select(w => long.Parse(w.TrimStart('r'), CultureInfo.InvariantCulture))]);
                break;
            case "read-anywhere" or "read-by-lease":
                _cluster.Read(node, new Read([.. words.Skip(2).Select(w => long.Parse(w.TrimStart('r'), CultureInfo.InvariantCulture))])
                {
                    Anywhere = true,
                    ByLease = words[0] == "read-by-lease",
                });
                break;
            case "transfer":
                _cluster.Transfer(node, words.Find(w => w.StartsWith("to=", StringComparison.Ordinal)) is { } to ? int.Parse(to[3..], CultureInfo.InvariantCulture) : null);
                break;
            case "load":
                _cluster.Crash(node);
                node.Disk.Log.AddRange(Entries.Log(Option(words, "log", "")));
                node.Disk.Term = new Term(long.Parse(Option(words, "term", "0"), CultureInfo.InvariantCulture));
                _cluster.Start(node);
                node.Clock += node.Options.ElectionTimeoutMin;   // it has been up for long: what it may have promised before is over
                StatusOf([node]);
                break;
        }
    }

    void Network(List<string> words, ClusterNode? node)
    {
        switch (words[0])
        {
            case "deliver-msgs":
                DeliverMessages(words, node!);
                break;
            case "put-aside":
                foreach (var envelope in Addressed(words, node!))
                {
                    _cluster.InFlight.Remove(envelope);
                    _aside.Add(envelope);
                    Line($"put aside: {envelope.From} -> {envelope.To} {Trace.Of(envelope.Message)}");
                }

                break;
            case "bring-back":
                _cluster.InFlight.AddRange(_aside.Where(e => e.To == node!.Number));
                _aside.RemoveAll(e => e.To == node!.Number);
                break;
            case "partition":
                var sides = string.Join(' ', words.Skip(1)).Split('|')
                    .Select(side => side.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToList()).ToList();
                foreach (var side in sides)
                {
                    foreach (var other in sides.Where(o => o != side).SelectMany(o => o))
                        side.ForEach(member => _cluster.Cut(member, other));
                }

                break;
            case "heal":
                _cluster.Heal();
                break;
        }
    }

    void DeliverMessages(List<string> words, ClusterNode node)
    {
        var messages = Addressed(words, node);
        var drop = Option(words, "drop", "0");
        if (words.Contains("reverse")) messages.Reverse();
        var dropped = drop == "all" ? messages.Count : int.Parse(drop, CultureInfo.InvariantCulture);
        foreach (var envelope in messages.Take(dropped))
        {
            _cluster.InFlight.Remove(envelope);
            Line($"dropped: {envelope.From} -> {envelope.To} {Trace.Of(envelope.Message)}");
        }

        foreach (var envelope in messages.Skip(dropped))
        {
            Receive(envelope, keep: words.Contains("duplicate"));
            if (words.Contains("duplicate")) Receive(envelope, keep: false);
        }
    }

    void Receive(Envelope envelope, bool keep)
    {
        var stranger = _cluster[envelope.To].IsRunning && _cluster.IsOfStranger(_cluster[envelope.To], envelope);
        Line($"{envelope.To} <- {envelope.From} {Trace.Of(envelope.Message)}{(stranger ? ", of or for another disk: dropped" : "")}");
        if (keep) _cluster.DeliverCopy(envelope);
        else _cluster.Deliver(envelope);
    }

    List<Envelope> Addressed(List<string> words, ClusterNode node)
    {
        var from = Option(words, "from", "");
        var count = Option(words, "count", "");
        var messages = _cluster.InFlight.Where(e => e.To == node.Number && (from.Length == 0 || e.From == int.Parse(from, CultureInfo.InvariantCulture)));
        return [.. count.Length == 0 ? messages : messages.Take(int.Parse(count, CultureInfo.InvariantCulture))];
    }

    void Show(List<string> words, ClusterNode? node)
    {
        switch (words[0])
        {
            case "status":
                StatusOf(node is null ? _cluster.Nodes : [node]);
                break;
            case "raft-log":
                foreach (var entry in node!.Log)
                {
                    Line($"{entry.Id} " + entry switch
                    {
                        CommandEntry c => $"\"{Entries.Text(c.Command)}\"",
                        ConfigurationEntry c => Trace.Of(c.Configuration),
                        _ => "no-op",
                    });
                }

                break;
            case "machine":
                Line($"{node!.Number}: {string.Join(' ', node.Machine.OfType<CommandEntry>().Select(c => $"\"{Entries.Text(c.Command)}\""))}");
                break;
            case "peers":
                foreach (var peer in node!.State.Leadership.ShouldNotBeNull().Peers.Values)
                {
                    Line($"{peer.Node}: {peer.State.ToString().ToLowerInvariant()} match {peer.Match}, next {peer.Next}, in flight {peer.InflightAppends}"
                        + (peer.MaySend ? "" : ", waiting"));
                }

                break;
            case "fates":
                foreach (var (proposal, fate) in _cluster.Oracles.Fates) Line($"proposal {proposal} {fate}");
                break;
            case "msgs":
                foreach (var envelope in _cluster.InFlight) Line($"{envelope.From} -> {envelope.To} {Trace.Of(envelope.Message)}");
                break;
        }
    }

    void StatusOf(IEnumerable<ClusterNode> nodes)
    {
        foreach (var node in nodes) Line($"{node.Number}: {(node.IsRunning ? Trace.Of(node.State) : "down")}");
    }

    void Quietly(Action action)
    {
        _quiet = true;
        action();
        _quiet = false;
    }

    void Tell(ClusterNode node, Effect effect)
    {
        // What users are told is told even while the rest is quiet.
        var details = !_quiet && (!_calm || effect is RoleChanged);
        if (details || effect is ProposalRefused or ReadReady or ReadRefused or TransferEnded or MembershipEnded) Line($"{node.Number} {Trace.Of(effect)}");
    }

    void Line(string text) => _output.Append(text).Append('\n');

    static CoreOptions OptionsOf(List<string> words) => new()
    {
        MaxInflightAppends = int.Parse(Option(words, "max-inflight", "64"), CultureInfo.InvariantCulture),
        MaxAppendEntries = int.Parse(Option(words, "max-append-entries", "1000"), CultureInfo.InvariantCulture),
        MaxPendingProposals = int.Parse(Option(words, "max-pending", "20000"), CultureInfo.InvariantCulture),
        MaxPendingReads = int.Parse(Option(words, "max-reads", "20000"), CultureInfo.InvariantCulture),
        LeaseReads = Option(words, "lease-reads", "off") == "on",
        TakesSnapshots = words.Exists(w => w.StartsWith("snapshot-entries=", StringComparison.Ordinal)),
        SnapshotEntries = int.Parse(Option(words, "snapshot-entries", "100000"), CultureInfo.InvariantCulture),
        TrailingEntries = int.Parse(Option(words, "trailing-entries", "0"), CultureInfo.InvariantCulture),
    };

    static string Option(List<string> words, string name, string otherwise) =>
        words.Find(w => w.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..] ?? otherwise;

    static TimeSpan Milliseconds(string text) => TimeSpan.FromMilliseconds(double.Parse(text[..^2], CultureInfo.InvariantCulture));

    /// <summary>Words, of which those in quotes may hold spaces.</summary>
    static List<string> Words(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quoted = false;
        foreach (var c in line + " ")
        {
            if (c == '"') quoted = !quoted;
            else if (c == ' ' && !quoted)
            {
                if (word.Length > 0) words.Add(word.ToString());
                word.Clear();
            }
            else word.Append(c);
        }

        return words;
    }
}
