using HdrHistogram;
using HdrHistogram.Utilities;

namespace AkkaRaft.Benchmarks.Load;

/// <summary>Latencies in microseconds, three digits of them exact.</summary>
internal static class Histograms
{
    /// <summary>The largest: ten minutes. What took longer counts as that.</summary>
    public const long Highest = 600_000_000;

    /// <summary>An empty one.</summary>
    public static LongConcurrentHistogram New() => new(1, Highest, 3);

    /// <summary>As text, for another process.</summary>
    public static string Encode(HistogramBase histogram)
    {
        var buffer = ByteBuffer.Allocate(histogram.GetNeededByteBufferCapacity());
        var bytes = new byte[histogram.EncodeIntoCompressedByteBuffer(buffer)];
        buffer.Position = 0;
        for (var place = 0; place < bytes.Length; place++) bytes[place] = buffer.Get();
        return Convert.ToBase64String(bytes);
    }

    /// <summary>What <see cref="Encode"/> wrote.</summary>
    public static HistogramBase Decode(string text) => HistogramEncoding.DecodeFromCompressedByteBuffer(ByteBuffer.Allocate(Convert.FromBase64String(text)), 1);

    /// <summary>In milliseconds; NaN for none.</summary>
    public static double Percentile(this HistogramBase histogram, double percent) => histogram.TotalCount == 0 ? double.NaN : histogram.GetValueAtPercentile(percent) / 1000d;
}
