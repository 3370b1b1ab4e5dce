using System.CommandLine;
using AkkaRaft.Benchmarks;
using AkkaRaft.Samples.Common;

return await CommandLineProgram.Run(BenchmarkCommands.Root(), args);
