using System.Reflection;

namespace AkkaRaft.TestKit.Kernel;

/// <summary>
/// Akka draws actor uids and jitter from a Random of each thread, which it offers no way to seed: on the driver's thread it is replaced by a seeded one.
/// </summary>
internal static class AkkaRandomness
{
    static readonly ThreadLocal<Random> Generator = Find();

    public static void Seed(ulong seed) => Generator.Value = new Random((int)(seed ^ (seed >> 32)));

    static ThreadLocal<Random> Find()
    {
        var type = Type.GetType("Akka.Util.ThreadLocalRandom, Akka", throwOnError: true)!;
        var field = type.GetFields(BindingFlags.Static | BindingFlags.NonPublic).FirstOrDefault(field => field.FieldType == typeof(ThreadLocal<Random>))
            ?? throw new NotSupportedException($"This version of Akka ({type.Assembly.GetName().Version}) keeps its randomness elsewhere: simulated runs could not be repeated.");
        return (ThreadLocal<Random>)field.GetValue(null)!;
    }
}
