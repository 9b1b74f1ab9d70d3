using System.Globalization;
using System.Text.RegularExpressions;
using Alidade.Server.Platform.Input;
using Alidade.Storage.Jobs;

namespace Alidade.Server.Jobs;

/// <summary>A span such as <c>90s</c>, <c>30m</c>, <c>24h</c>, <c>2d</c>; a plain number is seconds.</summary>
public sealed partial class TimeoutAttribute : RuleAttribute
{
    public const string Default = "24h";
    private const double MostSeconds = 366 * 86400.0;

    public override string? Check(object value) =>
        Micros((string)value) is null ? $"'{value}' is not a time: write 90s, 30m, 24h or 2d, up to a year." : null;

    /// <summary>Null when the text is no time.</summary>
    public static long? Micros(string text)
    {
        var match = Pattern().Match(text);
        if (!match.Success || !double.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        var seconds =
            number
            * match.Groups[2].Value.ToLowerInvariant() switch
            {
                "m" => 60,
                "h" => 3600,
                "d" => 86400,
                _ => 1,
            };
        return seconds is >= 1 and <= MostSeconds ? (long)(seconds * Timing.Second) : null;
    }

    [GeneratedRegex(@"^\s*([0-9]{1,9}(?:\.[0-9]{1,3})?)\s*([smhdSMHD]?)\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}

/// <summary>A number from one to another.</summary>
public sealed class BetweenAttribute(double least, double most) : RuleAttribute
{
    public override string? Check(object value) =>
        value switch
        {
            double number => number >= least && number <= most,
            long number => number >= least && number <= most,
            _ => false,
        }
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"Must be from {least} to {most}.");
}

/// <summary>A moment such as <c>2027-01-31T18:00:00Z</c>; without an offset it is UTC.</summary>
public sealed class MomentAttribute : RuleAttribute
{
    private const string Example = "2027-01-31T18:00:00Z";

    public override string? Check(object value) =>
        Micros((string)value) is null ? $"'{value}' is no moment: write {Example}." : null;

    /// <summary>Null when the text is no moment.</summary>
    public static long? Micros(string text) =>
        DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var moment
        ) && moment.Year is >= 1970 and < 9000
            ? (moment.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10
            : null;
}

/// <summary>A seed that random, numpy and torch all take.</summary>
public sealed class SeedAttribute : RuleAttribute
{
    public const long Most = uint.MaxValue;

    public override string? Check(object value) =>
        (long)value is >= 0 and <= Most ? null : $"Must be from 0 to {Most}.";
}

/// <summary>From -100 to 100.</summary>
public sealed class PriorityAttribute : RuleAttribute
{
    public override string? Check(object value) =>
        (long)value is >= -100 and <= 100 ? null : "Must be from -100 to 100.";
}

/// <summary>A UUID in any form.</summary>
public sealed class RunIdAttribute : RuleAttribute
{
    public override string? Check(object value) => Guid.TryParse((string)value, out _) ? null : "Not a valid UUID.";
}
