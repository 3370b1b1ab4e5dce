namespace AkkaRaft.Tests.Journals;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public TempFolder(string name = "data") => Path = Directory.CreateDirectory(System.IO.Path.Combine(_root.FullName, name)).FullName;

    readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("akkaraft-");

    public string Path { get; }

    public void Dispose() => _root.Delete(recursive: true);
}
