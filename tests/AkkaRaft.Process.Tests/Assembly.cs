using Xunit;

// Each test has a cluster of processes; two at once would only measure how they fight for the cores.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
