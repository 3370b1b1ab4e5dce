using AkkaRaft.Journals;

namespace AkkaRaft.Backups;

/// <summary>Where a backup goes.</summary>
internal abstract class BackupTarget : IDisposable
{
    /// <summary>For people.</summary>
    public abstract string Name { get; }

    /// <summary>A stream to write a whole backup to. What was written before, if anything, is void.</summary>
    /// <returns>Null if something was written before and cannot be taken back.</returns>
    public abstract Stream? Begin();

    /// <summary>All was written: from here on the backup is there, also after a power failure.</summary>
    public abstract void Commit();

    /// <summary>Without <see cref="Commit"/> before it nothing is left.</summary>
    public abstract void Dispose();

    /// <summary>The place did not take what was written to it.</summary>
    public static RaftBackupException NotWritten(string name, Exception cause) =>
        new($"The backup could not be written to {name}: {cause.Message.TrimEnd('.')}. There is no new backup there. Make room, or name another place, and try again.",
            RaftBackupFailure.NotWritten, cause);
}

/// <summary>
/// A file that is there as a whole or not at all: it is written under another name beside it, made durable, and renamed. .NET does not report a failed fsync, so that is
/// asked of the system itself.
/// </summary>
internal sealed class BackupFileTarget : BackupTarget
{
    const int BufferBytes = 256 * 1024;

    readonly string _path;
    readonly string _partial;
    readonly bool _overwrite;

    FileStream? _stream;

    BackupFileTarget(string path, bool overwrite)
    {
        _path = path;
        _partial = path + ".partial";
        _overwrite = overwrite;
    }

    public override string Name => _path;

    /// <exception cref="RaftBackupException">There is a file of that name already, or the folder cannot be written to.</exception>
    public static BackupFileTarget Open(string path, bool overwrite)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var target = new BackupFileTarget(Path.GetFullPath(path), overwrite);
        target.CheckFree();
        // At once: whoever cannot write there need not bother a cluster before they are told.
        target.Begin();
        return target;
    }

    public override Stream Begin()
    {
        if (_stream is not null)
        {
            _stream.Position = 0;
            _stream.SetLength(0);
            return _stream;
        }

        try
        {
            // What an interrupted backup left is written over; one that is still being written is locked.
            _stream = new FileStream(_partial, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes);
            return _stream;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(_path, cause);
        }
    }

    public override void Commit()
    {
        try
        {
            _stream!.Flush();
            DurableFile.Sync(_stream);
            _stream.Dispose();
            CheckFree();
            // Without permission to overwrite, the system refuses in the same step if the name was taken meanwhile.
            File.Move(_partial, _path, _overwrite);
            _stream = null;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(_path, cause);
        }

        try
        {
            DurableFolder.Sync(Path.GetDirectoryName(_path)!);
        }
        catch (IOException cause)
        {
            // A name that a power failure may take away again is no backup.
            Delete(_path);
            throw NotWritten(_path, cause);
        }
    }

    public override void Dispose()
    {
        if (_stream is null) return;
        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // What could not be written is thrown away anyway.
        }

        _stream = null;
        Delete(_partial);
    }

    void CheckFree()
    {
        if (Directory.Exists(_path))
            throw new RaftBackupException($"{_path} is a folder. Nothing was written. Name a file in it.", RaftBackupFailure.FileExists);
        if (!_overwrite && File.Exists(_path))
            throw new RaftBackupException($"The file {_path} is there already. Nothing was written. Name another one, or say that it may be overwritten (RaftBackupOptions.Overwrite; --force).", RaftBackupFailure.FileExists);
    }

    static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // It stays under a name that is no backup's, and the next backup writes over it.
        }
    }
}

/// <summary>A stream of the caller's. What a failed backup has written to it is the caller's to throw away.</summary>
internal sealed class BackupStreamTarget(Stream stream) : BackupTarget
{
    readonly long _start = stream.CanSeek ? stream.Position : 0;

    bool _begun;

    public override string Name => "the stream";

    public override Stream? Begin()
    {
        if (_begun && !stream.CanSeek) return null;
        if (_begun)
        {
            stream.Position = _start;
            stream.SetLength(_start);
        }

        _begun = true;
        return stream;
    }

    public override void Commit()
    {
    }

    public override void Dispose()
    {
    }
}
