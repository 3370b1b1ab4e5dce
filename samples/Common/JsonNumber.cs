using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace AkkaRaft.Samples.Common;

/// <summary>
/// Addition of JSON numbers, exact: 0.1 + 0.2 is 0.3, and 2^63 + 1 keeps its last digit. Binary fractions would depend on how they are printed, and a
/// sum that lost a digit could not be checked.
/// </summary>
public static class JsonNumber
{
    /// <summary>
    /// How many digits a number may have when it is written out, those before and those after the point together: 1e399 has 400, and 0.05 has 3.
    /// </summary>
    public const int MaxDigits = 400;

    // With sign and point.
    const int MaxLength = MaxDigits + 2;

    /// <summary>Adds two JSON numbers.</summary>
    /// <param name="left">A JSON value.</param>
    /// <param name="right">A JSON value.</param>
    /// <param name="sum">The sum, written out without exponent; null if one is no number or it would take more than <see cref="MaxDigits"/> digits.</param>
    public static bool TryAdd(string left, string right, [NotNullWhen(true)] out string? sum)
    {
        sum = null;
        if (!TryParse(left, out var a) || !TryParse(right, out var b)) return false;

        var scale = Math.Max(a.Scale, b.Scale);
        var digits = (a.Digits * BigInteger.Pow(10, scale - a.Scale)) + (b.Digits * BigInteger.Pow(10, scale - b.Scale));
        var text = Write(digits, scale);
        if (DigitsOf(text) > MaxDigits) return false;
        sum = text;
        return true;
    }

    /// <summary>Whether a JSON value is a number that can be added.</summary>
    public static bool IsNumber(string text) => TryParse(text, out _);

    // The value is Digits / 10^Scale.
    static bool TryParse(string text, out (BigInteger Digits, int Scale) number)
    {
        number = default;
        var mantissa = text;
        var exponent = 0;
        var e = text.AsSpan().IndexOfAny('e', 'E');
        if (e >= 0)
        {
            mantissa = text[..e];
            if (!int.TryParse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)) return false;
        }

        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var scale = point < 0 ? 0 : mantissa.Length - point - 1;
        // Bounded before anything is computed: a few characters can name a number that no memory holds.
        if (mantissa.Length > MaxLength || Math.Abs((long)exponent) > MaxDigits) return false;
        var plain = point < 0 ? mantissa : mantissa.Remove(point, 1);
        if (!BigInteger.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var digits)) return false;

        scale -= exponent;
        number = scale >= 0 ? (digits, scale) : (digits * BigInteger.Pow(10, -scale), 0);
        return DigitsOf(Write(number.Digits, number.Scale)) <= MaxDigits;
    }

    static int DigitsOf(string written) => written.Count(char.IsAsciiDigit);

    static string Write(BigInteger value, int scale)
    {
        var digits = BigInteger.Abs(value).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        var whole = digits[..^scale];
        var fraction = digits[^scale..].TrimEnd('0');
        return (value.Sign < 0 ? "-" : "") + whole + (fraction.Length > 0 ? "." + fraction : "");
    }
}
