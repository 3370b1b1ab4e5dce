using System.Diagnostics;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>Waits for conditions.</summary>
internal static class Until
{
    static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks again and again until the answer is wanted.</summary>
    /// <exception cref="TimeoutException">It never was; the message has the last answer.</exception>
    public static async Task<T> Holds<T>(string what, Func<Task<T>> ask, Func<T, bool> wanted, TimeSpan? patience = null)
    {
        var limit = patience ?? ClusterTest.Patience;
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(s_interval);
        while (true)
        {
            var answer = await ask();
            if (wanted(answer)) return answer;
            if (Stopwatch.GetElapsedTime(started) > limit)
                throw new TimeoutException($"Waited {limit.TotalSeconds:0} s in vain for: {what}. The last state: {answer}");
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Looks again and again until it is so.</summary>
    public static Task IsTrue(string what, Func<bool> look, TimeSpan? patience = null) => Holds(what, () => Task.FromResult(look()), found => found, patience);
}
