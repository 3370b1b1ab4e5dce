using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Text.RegularExpressions;

namespace AkkaRaft.Mutants;

/// <summary>The types and members of a reference assembly: what other projects are compiled against.</summary>
internal static partial class LibrarySurface
{
    /// <summary>Its metadata, without what differs between two folders that hold the same source.</summary>
    public static byte[] Read(string file)
    {
        using var assembly = new PEReader(File.OpenRead(file));
        var surface = assembly.GetMetadata().GetContent().ToArray();
        var reader = assembly.GetMetadataReader();
        Blank(surface, reader.GetGuid(reader.GetModuleDefinition().Mvid).ToByteArray());
        foreach (Match mark in MarkOfFile().Matches(Encoding.Latin1.GetString(surface))) surface.AsSpan(mark.Index, mark.Length).Clear();
        return surface;
    }

    static void Blank(Span<byte> surface, ReadOnlySpan<byte> identity)
    {
        var place = surface.IndexOf(identity);
        if (place >= 0) surface.Slice(place, identity.Length).Clear();
    }

    // A type that is local to a file is named after the file's full path.
    [GeneratedRegex("F[0-9A-F]{64}__")]
    private static partial Regex MarkOfFile();
}
