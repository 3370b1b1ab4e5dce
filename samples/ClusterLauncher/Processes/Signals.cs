using System.ComponentModel;
using System.Runtime.InteropServices;

namespace AkkaRaft.Samples.ClusterLauncher.Processes;

/// <summary>The signals of POSIX that <see cref="System.Diagnostics.Process"/> cannot send.</summary>
internal static class Signals
{
    // SIGSTOP and SIGCONT have other numbers on macOS than on Linux.
    static readonly int s_stop = OperatingSystem.IsMacOS() ? 17 : 19;
    static readonly int s_continue = OperatingSystem.IsMacOS() ? 19 : 18;

    /// <summary>The polite request to end.</summary>
    public static void Terminate(int processId) => Send(processId, 15);

    /// <summary>What Ctrl-C sends.</summary>
    public static void Interrupt(int processId) => Send(processId, 2);

    /// <summary>Freezes the process, as a long pause of a virtual machine does.</summary>
    public static void Stop(int processId) => Send(processId, s_stop);

    /// <summary>Lets it go on.</summary>
    public static void Continue(int processId) => Send(processId, s_continue);

    static void Send(int processId, int signal)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("Windows has no signals but the one that kills: run the launcher on Linux, macOS or in WSL.");
        const int noSuchProcess = 3;
        if (SendSignal(processId, signal) == 0) return;
        var error = Marshal.GetLastPInvokeError();
        if (error != noSuchProcess)
            throw new Win32Exception(error, $"Signal {signal} could not be sent to process {processId}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    static extern int SendSignal(int processId, int signal);
}
