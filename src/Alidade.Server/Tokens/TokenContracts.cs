using Alidade.Server.Platform;
using Alidade.Server.Platform.Input;

namespace Alidade.Server.Tokens;

/// <param name="Scopes">What it opens: <c>read</c>, <c>track</c>, <c>write</c>, <c>admin</c>, <c>system:read</c>.</param>
/// <param name="Groups">Only the things of these groups exist for it, beside reading what is public; all when left out.</param>
public sealed record TokenInput(
    [Name, Length(1, 255)] string Name,
    [Length(1, 5)] IReadOnlyList<string> Scopes,
    [Length(1, 1000)] IReadOnlyList<long>? Groups = null,
    long ExpiresInDays = TokenInput.UsualDays
)
{
    public const long UsualDays = 90;
    public const long MostDays = 365;
}

/// <param name="Token">Shown here and never again.</param>
public sealed record TokenCreated(
    long Id,
    string Name,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<long>? Groups,
    string ExpiresOn,
    string Token
);

/// <param name="UsedOn">When it was last used, to the minute; null when it never was.</param>
public sealed record TokenView(
    long Id,
    string Name,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<long>? Groups,
    string CreatedOn,
    string ExpiresOn,
    string? UsedOn
)
{
    internal static TokenView Of(TokenRow row) =>
        new(
            row.Id,
            row.Name,
            row.Scopes.Split(' '),
            TokenRow.Ids(row.OnlyGroups),
            Wire.Time(row.Created),
            Wire.Time(row.Expires),
            Wire.Time(row.Used)
        );
}

internal sealed record TokenRow
{
    public long Id { get; init; }
    public string Name { get; init; } = "";
    public string Scopes { get; init; } = "";
    public string? OnlyGroups { get; init; }
    public long Created { get; init; }
    public long Expires { get; init; }
    public long? Used { get; init; }

    public static IReadOnlyList<long>? Ids(string? groups) =>
        groups?.Split(' ').Select(id => long.Parse(id, System.Globalization.CultureInfo.InvariantCulture)).ToList();
}
