using System.Globalization;
using System.Runtime.CompilerServices;
using AkkaRaft.TestKit.Planning;
using AkkaRaft.TestKit.Reports;
using AkkaRaft.TestKit.Scenarios;

namespace AkkaRaft.TestKit;

/// <summary>
/// Runs scenarios with many seeds, from a test: <c>Simulate.Seeds(500, cluster => cluster.StateMachine(() => new Account()).Clients(4, ...))</c>.
/// </summary>
/// <remarks>
/// <para>Environment variables: <c>AKKARAFT_SEED</c> runs this one seed instead, which is how a failure is repeated; <c>AKKARAFT_FIRST_SEED</c> is where the
/// range begins (default 1); <c>AKKARAFT_THREADS</c> says how many seeds run at once (default: as many as there are cores).</para>
/// <para>Together with <c>AKKARAFT_SEED</c>: <c>AKKARAFT_HTML</c> names a file for a page that shows the run in any browser; <c>AKKARAFT_TRACE</c> names one for
/// the protocol events of all nodes as JSON lines, which a formal specification can be checked against.</para>
/// <para>A failing seed is made smaller before it is reported: the report has a script with as few faults, operations and nodes as still fail, in a form that can
/// be put into a test class. <c>AKKARAFT_SHRINK=0</c> switches that off. It takes 400 runs or a minute at most.</para>
/// <para>What the report has no room for is written to <c>akkaraft-failures/</c> beside the test assembly, as files named after the test and the seed: the original
/// run's report (<c>.txt</c>), the script (<c>.cs</c>), and the picture of a history that is not linearizable (<c>.svg</c>). Runs that go well write nothing.</para>
/// </remarks>
public static class Simulate
{
    /// <summary>Runs a scenario with this many seeds, one after the other and several at once, until one fails.</summary>
    /// <param name="count">How many seeds.</param>
    /// <param name="define">Says what the scenario is; called once.</param>
    /// <param name="test">The name of the calling test, for the report; the compiler gives it.</param>
    /// <returns>What really happened in all runs together.</returns>
    /// <exception cref="SimulationFailedException">A run failed; the message has the seed, how to repeat it, and a small script that fails alike.</exception>
    public static RunCounters Seeds(int count, Action<Scenario> define, [CallerMemberName] string test = "")
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var scenario = Defined(define);
        if (Number("AKKARAFT_SEED") is { } only) return RunOnly(only, scenario, test);
        RunFiles.RefuseForMany();
        return new SeedRunner(scenario, test).Run(Number("AKKARAFT_FIRST_SEED") ?? 1, count);
    }

    /// <summary>Runs a scenario with one seed.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="define">Says what the scenario is; called once.</param>
    /// <param name="test">The name of the calling test, for the report; the compiler gives it.</param>
    /// <returns>What really happened.</returns>
    /// <exception cref="SimulationFailedException">The run failed.</exception>
    public static RunCounters Seed(ulong seed, Action<Scenario> define, [CallerMemberName] string test = "") =>
        RunOnly(seed, Defined(define), test);

    static RunCounters RunOnly(ulong seed, Scenario scenario, string test)
    {
        using var files = RunFiles.Asked(test);
        return new SeedRunner(scenario, test) { Files = files }.Run(seed, 1);
    }

    internal static Scenario Defined(Action<Scenario> define)
    {
        ArgumentNullException.ThrowIfNull(define);
        var scenario = new Scenario();
        define(scenario);
        scenario.Validate();
        return scenario;
    }

    internal static ulong? Number(string variable)
    {
        var text = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(text)) return null;
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"{variable} = \"{text}\" is no whole number from 0 to {ulong.MaxValue}.");
    }
}
