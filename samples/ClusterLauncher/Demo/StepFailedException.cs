namespace AkkaRaft.Samples.ClusterLauncher.Demo;

/// <summary>A step of the demo did not come to its end.</summary>
internal sealed class StepFailedException(string message) : Exception(message);
