using System.Collections;
using System.Reflection;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Util;

namespace AkkaRaft.Serialization;

/// <summary>
/// Walks from a type along the declared types of its fields and collects what must be admitted with it. It refuses whatever could hide anything but
/// data, because a type admitted once is created from any bytes that name it.
/// </summary>
internal sealed class PayloadTypeClosure(IReadOnlySet<Type> known)
{
    const BindingFlags OwnFields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public HashSet<Type> Found { get; } = [];

    public void Add(Type type) => Walk(type, TypeNames.Readable(type));

    void Walk(Type type, string path)
    {
        if (PlainTypes.Values.Contains(type) || known.Contains(type) || Found.Contains(type)) return;
        if (type.IsArray)
        {
            Walk(type.GetElementType()!, path);
            return;
        }

        if (PlainTypes.IsContainer(type) || PlainTypes.IsContainerInterface(type))
        {
            foreach (var argument in type.GetGenericArguments()) Walk(argument, path);
            return;
        }

        if (WhyNotData(type) is { } reason) throw Refused(path, type, reason);
        Found.Add(type);
        if (type.IsEnum) return;
        foreach (var argument in type.GetGenericArguments()) Walk(argument, path);
        for (var declaring = type; declaring is not null && declaring != typeof(object) && declaring != typeof(ValueType); declaring = declaring.BaseType)
        {
            foreach (var field in declaring.GetFields(OwnFields).Where(IsWritten)) Walk(field.FieldType, $"{path}.{NameOf(field)}");
        }
    }

    static string? WhyNotData(Type type)
    {
        if (type == typeof(object)) return "any type could hide in it. Declare the type that it holds";
        if (type.ContainsGenericParameters) return "it is an open generic type. Register the closed types that are used, as in Register<Page<Order>>()";
        if (type.IsPointer || type.IsByRef || type.IsByRefLike || type.IsFunctionPointer) return "it is a pointer or a reference";
        if (typeof(Delegate).IsAssignableFrom(type)) return "it is a delegate. Leave it out of the payload";
        if (typeof(IActorRef).IsAssignableFrom(type) || typeof(ISurrogated).IsAssignableFrom(type) || typeof(ActorBase).IsAssignableFrom(type))
            return "it belongs to one actor system. Put a name into the payload instead";
        if (typeof(ISerializable).IsAssignableFrom(type))
            return "it runs code of its own when it is read (ISerializable). Register a record that holds the data";
        for (var ancestor = type; ancestor is not null; ancestor = ancestor.BaseType)
        {
            if (IsOfFramework(ancestor) && !type.IsEnum && ancestor != typeof(object) && ancestor != typeof(ValueType))
            {
                return $"{TypeNames.Readable(ancestor)} is a type of .NET that is not known to be plain data. " +
                    "Declare a type of your own, or one that PayloadTypes lists";
            }
        }

        // Hyperion would write its elements and forget its fields.
        return typeof(IEnumerable).IsAssignableFrom(type) ? "it is a collection of its own kind. Hold one that PayloadTypes lists in a field instead" : null;
    }

    static bool IsOfFramework(Type type) =>
        type.Assembly == typeof(object).Assembly || type.Namespace is "System" || (type.Namespace?.StartsWith("System.", StringComparison.Ordinal) ?? false);

    static bool IsWritten(FieldInfo field) => !field.IsDefined(typeof(NonSerializedAttribute)) && !field.IsDefined(typeof(Hyperion.IgnoreAttribute));

    // A property's own field is called "<Name>k__BackingField".
    static string NameOf(FieldInfo field) =>
        field.Name.StartsWith('<') && field.Name.IndexOf('>') is > 1 and var end ? field.Name[1..end] : field.Name;

    static ArgumentException Refused(string path, Type type, string reason) => new(
        $"{path} cannot be a payload type: {TypeNames.Readable(type)} is not admitted, because {reason}. Nothing was registered.");
}
