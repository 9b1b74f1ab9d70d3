using System.Globalization;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Paging;

namespace Alidade.Server.Audits;

/// <summary>Which entries of the audit log are wanted; what is null does not narrow.</summary>
/// <param name="Since">Microseconds; from here on.</param>
/// <param name="Until">Microseconds; before this.</param>
public sealed record AuditQuery(
    Listing Listing,
    string? Kind,
    long? Object,
    long? User,
    string? Action,
    long? Since,
    long? Until
)
{
    public static AuditQuery Read(IQueryCollection query)
    {
        return new AuditQuery(
            Listing.Read(query),
            Text(query, "kind"),
            Integer(query, "object"),
            Integer(query, "user"),
            Text(query, "action"),
            Time(query, "since"),
            Time(query, "until")
        );
    }

    /// <summary>The narrowing parameters as they came, for the links of a page.</summary>
    public static (string Name, string Value)[] Carried(IQueryCollection query) =>
        [
            .. new[] { "kind", "object", "user", "action", "since", "until" }
                .Where(name => Text(query, name) is not null)
                .Select(name => (name, Text(query, name)!)),
        ];

    private static string? Text(IQueryCollection query, string name) =>
        query[name].LastOrDefault() is { Length: > 0 } text ? text : null;

    private static long? Integer(IQueryCollection query, string name) =>
        Text(query, name) is not { } text
            ? null
            : Scalars.ParseInteger(text) ?? throw new InvalidInputException(name, "Not a valid integer.");

    private static long? Time(IQueryCollection query, string name)
    {
        if (Text(query, name) is not { } text)
        {
            return null;
        }

        return DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var at
        )
            ? (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10
            : throw new InvalidInputException(name, "Not a valid time. Write one such as 2026-03-01T12:00:00Z.");
    }
}
