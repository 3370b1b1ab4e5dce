using System.Runtime.InteropServices;

namespace AkkaRaft.Samples.Common;

/// <summary>Ctrl-C while a command is under way: the command cannot be called back, so whoever pressed it is told what is known.</summary>
public static class Interruption
{
    /// <summary>Waits for an operation, or for SIGINT or SIGTERM before its end, of which it then says that the outcome is unknown.</summary>
    /// <returns>Whether it was interrupted.</returns>
    public static async Task<bool> Before(Task operation)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        if (await Task.WhenAny(operation, told.Task) == operation) return false;

        StderrLogger.Say("Interrupted while the operation was under way. Its outcome is unknown: it may have been applied. Read before you send it again.");
        return true;

        void OnSignal(PosixSignalContext signal)
        {
            signal.Cancel = true;
            told.TrySetResult();
        }
    }
}
