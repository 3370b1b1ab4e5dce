using System.Globalization;

namespace AkkaRaft.Process.Tests.History;

/// <summary>What one key of the hashmap must do, one operation after the other: a register that can also count.</summary>
internal static class KeyModel
{
    /// <summary>The value after the operation, and the answer that it must have had.</summary>
    public static (string? Value, string? Answer) Apply(string? value, KeyOperation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.Get:
                return (value, value);
            case OperationKind.Put:
                return (operation.Argument, null);
            case OperationKind.Delete:
                return (null, null);
            case OperationKind.Cas:
                return value == operation.Expected ? (operation.Argument, "true") : (value, "false");
            case OperationKind.Add when long.TryParse(value ?? "0", CultureInfo.InvariantCulture, out var number):
                var sum = (number + long.Parse(operation.Argument!, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture);
                return (sum, sum);
            default:
                return (value, null);
        }
    }
}
