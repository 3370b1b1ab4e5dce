using AkkaRaft.TestKit.Cluster;

namespace AkkaRaft.TestKit;

/// <summary>
/// A simulated run showed a fault: an invariant was broken, a check of the history failed, or the cluster did not heal. The message has all that is needed: the
/// seed, the command that repeats the run, and what happened around the fault.
/// </summary>
public sealed class SimulationFailedException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="problem">What was broken, in short; the same for two runs that show the same fault.</param>
    /// <param name="message">The whole report.</param>
    /// <param name="cause">What led to it; null if nothing else failed.</param>
    public SimulationFailedException(ulong seed, string problem, string message, Exception? cause = null) : base(message, cause)
    {
        Seed = seed;
        Problem = problem;
    }

    /// <summary>The seed of the run.</summary>
    public ulong Seed { get; }

    /// <summary>What was broken, in short.</summary>
    public string Problem { get; }

    /// <summary>What is known of the failure, in parts; null if the exception was not made by a cluster.</summary>
    internal FailureFacts? Facts { get; init; }
}
