namespace Alidade.Server.Pages.Secrets;

/// <summary>The secrets of the viewer's groups, by name.</summary>
/// <param name="Managed">The groups whose admin the viewer is.</param>
public sealed record SecretsModel(
    IReadOnlyList<SecretItem> Secrets,
    IReadOnlyList<KeyValuePair<long, string>> Managed,
    IReadOnlyDictionary<string, string> Errors
)
{
    /// <summary>What was typed as the name, when it is to be corrected. A value is never shown again.</summary>
    public string? Name { get; init; }

    public long? Group { get; init; }
}

/// <summary>A secret without its value.</summary>
public sealed record SecretItem(
    long Id,
    string Name,
    string Group,
    int Version,
    string Limits,
    string User,
    DateTimeOffset Modified,
    DateTimeOffset? Used,
    long? UsedByJob,
    bool MayChange
);
