using System.Reflection.Metadata;
using System.Text;

namespace AkkaRaft.Serialization;

/// <summary>
/// The names of types as payloads carry them: "Ns.Type, Assembly", without versions, so that a name stays the same when the application or .NET is
/// updated. Types of .NET itself move between its assemblies from one version to the next; for comparing, those are all one.
/// </summary>
internal static class TypeNames
{
    const int MaxParts = 64;
    const string Framework = "%core%";

    static readonly TypeNameParseOptions Options = new() { MaxNodes = MaxParts };

    /// <summary>The name to write.</summary>
    public static string Of(Type type)
    {
        var name = new StringBuilder();
        Append(name, type, t => t.Assembly.GetName().Name!);
        return name.ToString();
    }

    /// <summary>The name for an error text.</summary>
    public static string Readable(Type type) => type.IsGenericParameter ? type.Name : type.ToString();

    /// <summary>The form of a type's name in which names are compared.</summary>
    public static string Comparable(Type type)
    {
        var name = new StringBuilder();
        Append(name, type, t => ComparableAssembly(t.Assembly.GetName().Name));
        return name.ToString();
    }

    /// <summary>Takes a name apart, whether it is written with versions or without, by .NET or by Hyperion; null if it is no name.</summary>
    public static TypeName? Parse(string name)
    {
        // Hyperion writes ",%core%" where the version of .NET's core assembly stood.
        var plain = name.Replace("," + Framework, "", StringComparison.Ordinal);
        return TypeName.TryParse(plain, out var parsed, Options) ? parsed : null;
    }

    public static string Comparable(TypeName type)
    {
        var name = new StringBuilder();
        Append(name, type);
        return name.ToString();
    }

    static void Append(StringBuilder name, Type type, Func<Type, string> assemblyOf)
    {
        AppendWithoutAssembly(name, type, assemblyOf);
        name.Append(", ").Append(assemblyOf(type));
    }

    static void AppendWithoutAssembly(StringBuilder name, Type type, Func<Type, string> assemblyOf)
    {
        if (type.IsArray)
        {
            AppendWithoutAssembly(name, type.GetElementType()!, assemblyOf);
            name.Append('[').Append(',', type.GetArrayRank() - 1).Append(']');
            return;
        }

        if (!type.IsConstructedGenericType)
        {
            name.Append(type.FullName);
            return;
        }

        name.Append(type.GetGenericTypeDefinition().FullName).Append('[');
        var arguments = type.GetGenericArguments();
        for (var i = 0; i < arguments.Length; i++)
        {
            name.Append(i == 0 ? "[" : ",[");
            Append(name, arguments[i], assemblyOf);
            name.Append(']');
        }

        name.Append(']');
    }

    static void Append(StringBuilder name, TypeName type)
    {
        AppendWithoutAssembly(name, type);
        name.Append(", ").Append(ComparableAssembly(type.AssemblyName?.Name));
    }

    static void AppendWithoutAssembly(StringBuilder name, TypeName type)
    {
        if (type.IsArray)
        {
            AppendWithoutAssembly(name, type.GetElementType());
            name.Append('[').Append(',', type.GetArrayRank() - 1).Append(']');
            return;
        }

        if (!type.IsConstructedGenericType)
        {
            name.Append(type.FullName);
            return;
        }

        name.Append(type.GetGenericTypeDefinition().FullName).Append('[');
        var arguments = type.GetGenericArguments();
        for (var i = 0; i < arguments.Length; i++)
        {
            name.Append(i == 0 ? "[" : ",[");
            Append(name, arguments[i]);
            name.Append(']');
        }

        name.Append(']');
    }

    // Type.GetType takes a name without an assembly for one of the core assembly.
    static string ComparableAssembly(string? name) =>
        name is null or "System" or "mscorlib" or "netstandard" || name.StartsWith("System.", StringComparison.Ordinal) ? Framework : name;
}
