using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace AkkaRaft.TestKit.Planning;

/// <summary>Values as C# code, so that a run can be printed as a script.</summary>
internal static class CodeText
{
    public static string Of(object? value) => value switch
    {
        null => "null",
        string text => $"\"{Escaped(text)}\"",
        char letter => letter == '\'' ? "'\\''" : $"'{Escaped($"{letter}")}'",
        bool flag => flag ? "true" : "false",
        TimeSpan time => Of(time),
        Guid id => $"Guid.Parse(\"{id}\")",
        DateTime or DateTimeOffset => $"{value.GetType().Name}.Parse(\"{((IFormattable)value).ToString("O", CultureInfo.InvariantCulture)}\", null, DateTimeStyles.RoundtripKind)",
        ITuple tuple => $"({string.Join(", ", Enumerable.Range(0, tuple.Length).Select(i => Of(tuple[i])))})",
        Enum named => Name(named),
        NetworkFaults faults => Changes(faults, NetworkFaults.None),
        DiskFaults faults => Changes(faults, DiskFaults.None),
        _ when Number(value) is { } number => number + Suffix(value),
        IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Of))}]",
        _ => OfRecord(value),
    };

    /// <summary>A type's name as code says it where its namespace is known.</summary>
    public static string Of(Type type)
    {
        var name = type.Name.Split('`')[0];
        if (type.IsGenericType) name += $"<{string.Join(", ", type.GetGenericArguments().Select(Of))}>";
        return type is { IsNested: true, DeclaringType: { } outer } ? $"{Of(outer)}.{name}" : name;
    }

    static string Escaped(string text)
    {
        var code = new StringBuilder();
        foreach (var letter in text)
        {
            if (letter is '"' or '\\') code.Append('\\').Append(letter);
            else if (char.IsControl(letter) || char.IsSurrogate(letter)) code.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else code.Append(letter);
        }

        return code.ToString();
    }

    static string Name(Enum value)
    {
        var type = Of(value.GetType());
        return string.Join(" | ", $"{value}".Split(", ").Select(name => char.IsLetter(name[0]) || name[0] == '_' ? $"{type}.{name}" : $"({type})({name})"));
    }

    static string? Number(object? value) =>
        value is IFormattable number && (value is decimal || value.GetType().IsPrimitive) ? number.ToString(null, CultureInfo.InvariantCulture) : null;

    /// <summary>What makes the number one of its type where the code around it does not say which.</summary>
    static string Suffix(object value) => value switch
    {
        long => "L",
        ulong => "UL",
        uint => "U",
        float => "f",
        decimal => "m",
        double number when double.IsInteger(number) => ".0",
        _ => "",
    };

    public static string Of(TimeSpan time)
    {
        if (time == TimeSpan.Zero) return "TimeSpan.Zero";
        var micros = (long)Math.Round(time.TotalMicroseconds);
        if (micros % 1_000_000 == 0 && micros / 1_000_000 <= int.MaxValue) return $"{micros / 1_000_000}.Seconds()";
        if (micros % 1_000 == 0 && micros / 1_000 <= int.MaxValue) return $"{micros / 1_000}.Milliseconds()";
        return $"{micros}.Microseconds()";
    }

    /// <summary>Only what is not as in <paramref name="usual"/>.</summary>
    static string Changes<T>(T value, T usual) where T : notnull
    {
        var changed = typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite && !Equals(property.GetValue(value), property.GetValue(usual)))
            .Select(property => $"{property.Name} = {OfTyped(property.PropertyType, property.GetValue(value))}")
            .ToList();
        return changed.Count == 0 ? $"{typeof(T).Name}.None" : $"{typeof(T).Name}.None with {{ {string.Join(", ", changed)} }}";
    }

    /// <summary>
    /// An object by the constructor that takes most of its properties, and by an initializer for the others that can be set; one that has more to it than these
    /// is shown by its text, which is no code: better a script that does not compile than one that does something else.
    /// </summary>
    static string OfRecord(object value)
    {
        var type = value.GetType();
        foreach (var constructor in type.GetConstructors().OrderByDescending(constructor => constructor.GetParameters().Length))
        {
            var parameters = constructor.GetParameters();
            var arguments = parameters.Select(parameter => PropertyOf(type, parameter)).ToList();
            if (arguments.Contains(null)) continue;
            var others = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.GetIndexParameters().Length == 0 && !arguments.Contains(property) && IsState(type, property)).ToList();
            if (others.Exists(property => property.SetMethod is not { IsPublic: true })) break;
            var taken = string.Join(", ", parameters.Zip(arguments, (parameter, argument) => OfTyped(parameter.ParameterType, argument!.GetValue(value))));
            var set = string.Join(", ", others.Select(property => $"{property.Name} = {OfTyped(property.PropertyType, property.GetValue(value))}"));
            return $"new {Of(type)}({taken})" + (set.Length > 0 ? $" {{ {set} }}" : "");
        }

        return $"/* {value} */";
    }

    static PropertyInfo? PropertyOf(Type type, ParameterInfo parameter) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .FirstOrDefault(property => string.Equals(property.Name, parameter.Name, StringComparison.OrdinalIgnoreCase) && property.PropertyType == parameter.ParameterType
                && property.PropertyType != type);

    /// <summary>Whether it holds a value of its own, unlike one that is computed from others.</summary>
    static bool IsState(Type type, PropertyInfo property) => property.SetMethod is not null
        || (property.DeclaringType ?? type).GetField($"<{property.Name}>k__BackingField", BindingFlags.NonPublic | BindingFlags.Instance) is not null;

    /// <summary>A whole number of the type that is asked for needs no suffix.</summary>
    static string OfTyped(Type type, object? value) => value is not (float or decimal) && value?.GetType() == type && Number(value) is { } number ? number : Of(value);
}
