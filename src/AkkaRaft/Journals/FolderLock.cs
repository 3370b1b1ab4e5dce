namespace AkkaRaft.Journals;

/// <summary>
/// Holds a folder for one node: a file kept open that nobody else can open. It ends with the process, however that ends, so a crash leaves no lock
/// behind (B94).
/// </summary>
internal sealed class FolderLock : IDisposable
{
    const string FileName = "node.lock";

    readonly FileStream _held;

    FolderLock(FileStream held) => _held = held;

    /// <summary>Takes the lock of an existing folder.</summary>
    /// <exception cref="RaftStorageException">Another node holds it, or locks do not work there.</exception>
    public static FolderLock Take(string folder)
    {
        var path = Path.Combine(folder, FileName);
        FileStream held;
        try
        {
            held = Hold(path);
        }
        catch (IOException inUse)
        {
            throw new RaftStorageException(
                $"The data folder {folder} is in use: another node, in this process or another one, holds its lock file {FileName}. Two writers would destroy "
                + "the log. Nothing was changed. Stop the other node, or give this one a data folder of its own (akka.raft.data-dir).", inUse);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new RaftStorageException($"The data folder {folder} cannot be written: {denied.Message} Nothing was changed.", denied);
        }

        try
        {
            RefuseWithoutLocks(path, folder);
        }
        catch
        {
            held.Dispose();
            throw;
        }

        return new FolderLock(held);
    }

    /// <summary>Gives the folder free. The file stays: removing it could remove the lock of the next owner.</summary>
    public void Dispose() => _held.Dispose();

    static FileStream Hold(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    // Some file systems, and DOTNET_SYSTEM_IO_DISABLEFILELOCKING, let everybody in. A lock is believed when it keeps ourselves out.
    static void RefuseWithoutLocks(string path, string folder)
    {
        try
        {
            using var second = Hold(path);
        }
        catch (IOException)
        {
            return;
        }

        throw new RaftStorageException(
            $"The data folder {folder} cannot be locked: the file system, or the setting DOTNET_SYSTEM_IO_DISABLEFILELOCKING, ignores file locks, so a second "
            + "process could write there too. Nothing was changed. Put akka.raft.data-dir on a local disk.");
    }
}
