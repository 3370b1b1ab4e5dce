namespace AkkaRaft.TestKit.Scenarios;

/// <summary>What a person gets of a failed run.</summary>
internal static class FailureReport
{
    public static SimulationFailedException Of(Scenario scenario, RunResult failed, string test) => failed.Failure!;
}
