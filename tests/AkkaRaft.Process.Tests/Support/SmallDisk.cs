using System.Diagnostics;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>A tmpfs of its own at a folder, which a ballast file can fill.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    readonly string _folder;

    SmallDisk(string folder) => _folder = folder;

    string Ballast => Path.Combine(_folder, "ballast");

    /// <summary>Mounts it.</summary>
    public static async Task<SmallDisk> Mount(string folder, int megabytes)
    {
        Directory.CreateDirectory(folder);
        await Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "akkaraft-test", folder);
        return new SmallDisk(folder);
    }

    /// <summary>Writes until nothing fits any more.</summary>
    public void Fill()
    {
        using var file = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var page = new byte[4096];
        try
        {
            while (true) file.Write(page);
        }
        catch (IOException)
        {
            // Full, which is all that is wanted.
        }
    }

    /// <summary>Makes room again.</summary>
    public void Free() => File.Delete(Ballast);

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await Run("umount", "--lazy", _folder);

    static async Task Run(string program, params string[] arguments)
    {
        await using var child = ChildProcess.Start(new ProcessStartInfo(program, arguments));
        var exitCode = await child.Exited.WaitAsync(ClusterTest.Patience);
        if (exitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {exitCode}: {string.Join(' ', child.Errors.Lines)} "
                + "This test needs a tmpfs of its own: run it as root, in a container with the capability SYS_ADMIN.");
    }
}
