namespace AkkaRaft.Node;

/// <summary>What a node holds open as long as it lives, and gives free together.</summary>
/// <param name="files">Null for what it has not.</param>
internal sealed class NodeFiles(params IDisposable?[] files) : IDisposable
{
    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var file in files) file?.Dispose();
    }
}
