using System.Globalization;
using AkkaRaft.Consensus;

namespace AkkaRaft.Tests.Consensus.Interaction;

/// <summary>The commands about who belongs to the group, and what time does to that.</summary>
internal sealed partial class InteractionScript
{
    long _changes;

    void Members(List<string> words, ClusterNode? node)
    {
        switch (words[0])
        {
            case "change":
                _cluster.Change(node!, new ChangeMembership(++_changes, MembersOf(words, "voters"), [.. MembersOf(words, "learners"),
                    .. MembersOf(words, "promote").Select(member => member with { PromoteWhenCaughtUp = true })])
                {
                    Expected = Option(words, "expected", "") is { Length: > 0 } expected ? new LogIndex(long.Parse(expected, CultureInfo.InvariantCulture)) : null,
                    Joint = Option(words, "joint", "when-needed") switch
                    {
                        "when-needed" => JointUse.WhenNeeded,
                        "always" => JointUse.Always,
                        "stays" => JointUse.AlwaysAndStay,
                        var other => throw new FormatException($"There is no joint={other}."),
                    },
                    Force = words.Contains("force"),
                });
                break;
            case "wipe":
                _cluster.Wipe(node!);
                break;
            case "config":
                foreach (var each in node is null ? _cluster.Nodes.Where(n => n.IsRunning) : [node])
                {
                    var (index, now) = (each.State.Configurations.EffectiveIndex, each.State.Configuration);
                    Line($"{each.Number}: index {index}, {Trace.Of(now)}{(index > each.State.CommitIndex ? ", not known to be committed" : "")}{(each.State.IsRemoved ? ", was removed" : "")}");
                }

                break;
            case "run":
                Quietly(() => Run(Milliseconds(words[1])));
                StatusOf(_cluster.Nodes);
                break;
        }
    }

    /// <summary>Time passes at all nodes alike, and everything is delivered, written and applied meanwhile.</summary>
    void Run(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += CoreCluster.TickInterval)
        {
            _cluster.Stabilize(_cluster.Nodes);
            foreach (var each in _cluster.Nodes)
            {
                if (each.IsRunning) _cluster.Tick(each, CoreCluster.TickInterval);
                else each.Clock += CoreCluster.TickInterval;
            }
        }

        _cluster.Stabilize(_cluster.Nodes);
    }

    static List<Member> MembersOf(List<string> words, string role) =>
        [.. Option(words, role, "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(number => new Member(new NodeId(number), $"host:{number}"))];
}
