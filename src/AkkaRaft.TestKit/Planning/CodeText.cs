using System.Collections;
using System.Globalization;
using System.Reflection;

namespace AkkaRaft.TestKit.Planning;

/// <summary>Values as C# code, so that a run can be printed as a script.</summary>
internal static class CodeText
{
    public static string Of(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
        bool flag => flag ? "true" : "false",
        TimeSpan time => Of(time),
        double or float or decimal => string.Create(CultureInfo.InvariantCulture, $"{value}"),
        Enum named => $"{named.GetType().Name}.{named}",
        IFormattable number when value.GetType().IsPrimitive => number.ToString(null, CultureInfo.InvariantCulture),
        NetworkFaults faults => Changes(faults, NetworkFaults.None),
        DiskFaults faults => Changes(faults, DiskFaults.None),
        IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Of))}]",
        _ => OfRecord(value),
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
            .Select(property => $"{property.Name} = {Of(property.GetValue(value))}")
            .ToList();
        return changed.Count == 0 ? $"{typeof(T).Name}.None" : $"{typeof(T).Name}.None with {{ {string.Join(", ", changed)} }}";
    }

    /// <summary>A record by its constructor; anything else by its text, which may not be code.</summary>
    static string OfRecord(object value)
    {
        var type = value.GetType();
        foreach (var constructor in type.GetConstructors().OrderByDescending(constructor => constructor.GetParameters().Length))
        {
            var arguments = constructor.GetParameters().Select(parameter => type.GetProperty(parameter.Name!, BindingFlags.Public | BindingFlags.Instance)).ToList();
            if (arguments.Contains(null) || arguments.Exists(argument => argument!.PropertyType == type)) continue;
            return $"new {type.Name}({string.Join(", ", arguments.Select(argument => Of(argument!.GetValue(value))))})";
        }

        return $"/* {value} */";
    }
}
