using AkkaRaft.Consensus;
using BenchmarkDotNet.Attributes;

namespace AkkaRaft.Benchmarks.Micro;

/// <summary>The checksum of a command: computed once by its proposer, and again by whoever is about to decode it.</summary>
public class PayloadBenchmarks
{
    byte[] _bytes = [];
    Payload _payload = new(0, "", ReadOnlyMemory<byte>.Empty);

    /// <summary>Bytes of the command: a small one, a page, and the largest that is admitted by default.</summary>
    [Params(256, 4096, 65536)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _bytes = new byte[Size];
        new Random(1).NextBytes(_bytes);
        _payload = new Payload(7462, "benchmark", _bytes);
    }

    [Benchmark]
    public uint MakeWithChecksum() => new Payload(7462, "benchmark", _bytes).Checksum;

    [Benchmark]
    public bool CheckChecksum() => _payload.IsIntact;
}
