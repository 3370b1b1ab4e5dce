using System.CommandLine;
using System.Globalization;

namespace AkkaRaft.Samples.Common;

/// <summary>The options of a command that reads: how new the answer must be, and which node gives it.</summary>
public sealed class ReadOptionSet
{
    readonly Option<bool> _local = new("--local") { Description = "Answer from one node's own state, which may be old; any node unless --node says which." };
    readonly Option<bool> _lease = new("--lease") { Description = "Answer by the leader's lease, where the nodes have lease-reads on: quicker, and it trusts their clocks." };

    readonly Option<LogIndex?> _minIndex = new("--min-index")
    {
        Description = "With --local: the state must have reached this index of the log.",
        HelpName = "N",
        CustomParser = Parsed.As<LogIndex?>(text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? new LogIndex(index)
            : throw new FormatException($"\"{text}\" is no index: a whole number from 0.")),
    };

    readonly Option<TimeSpan?> _maxStaleness = new("--max-staleness")
    {
        Description = "With --local: how long ago the node may have heard the leader whose commit index it has applied, such as 500ms.",
        HelpName = "TIME",
        CustomParser = Parsed.As<TimeSpan?>(text => DurationText.Parse(text)),
    };

    readonly Option<NodeId?> _node = new("--node")
    {
        Description = "Which node answers, by its id in --peers; it need not lead.",
        HelpName = "ID",
        CustomParser = Parsed.As<NodeId?>(text => NodeId.Parse(text)),
    };

    /// <summary>Gives them to a command.</summary>
    public void AddTo(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        command.Add(_local);
        command.Add(_lease);
        command.Add(_minIndex);
        command.Add(_maxStaleness);
        command.Add(_node);
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(_local) && parsed.GetValue(_lease)) parsed.AddError("--local and --lease contradict each other: say one of them.");
            if (!parsed.GetValue(_local) && (parsed.GetResult(_minIndex) ?? parsed.GetResult(_maxStaleness)) is { } only)
                parsed.AddError($"{only.Option.Name} is for --local: other reads are current by themselves.");
        });
    }

    /// <summary>What was said.</summary>
    public ReadOptions Read(ParseResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new ReadOptions
        {
            Consistency = result.GetValue(_local) ? ReadConsistency.Local : result.GetValue(_lease) ? ReadConsistency.Lease : ReadConsistency.Linearizable,
            From = result.GetValue(_node) is { } node ? ReadFrom.Node(node) : null,
            MinIndex = result.GetValue(_minIndex) ?? LogIndex.Zero,
            MaxStaleness = result.GetValue(_maxStaleness),
        };
    }
}
