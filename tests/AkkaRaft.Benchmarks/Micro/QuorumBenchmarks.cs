using AkkaRaft.Consensus;
using BenchmarkDotNet.Attributes;

namespace AkkaRaft.Benchmarks.Micro;

/// <summary>What a leader computes for each acknowledgement of a follower: the index that a majority has stored.</summary>
[MemoryDiagnoser]
public class QuorumBenchmarks
{
    readonly Dictionary<NodeId, LogIndex> _matched = [];
    MajorityQuorum _quorum = new([]);

    /// <summary>How many nodes vote.</summary>
    [Params(3, 5, 7)]
    public int Voters { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var voters = Enumerable.Range(1, Voters).Select(number => NodeId.Parse($"{number}")).ToList();
        _quorum = new MajorityQuorum([.. voters]);
        // No two have stored the same, and they are not in order: sorting has something to do.
        for (var i = 0; i < voters.Count; i++) _matched[voters[i]] = new LogIndex(1000 + i * 37 % voters.Count);
    }

    [Benchmark]
    public long ReachedByMajority() => _quorum.ReachedByMajority(node => _matched[node], LogIndex.Zero).Value;
}
