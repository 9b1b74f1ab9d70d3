using Alidade.Server.Models;
using Alidade.Server.Pages.Parts;

namespace Alidade.Server.Pages.Models;

/// <summary>The list of models.</summary>
public sealed record ModelsModel(
    Address Address,
    IReadOnlyList<ModelRow> Items,
    long Index,
    long Total,
    string? SearchError = null
)
{
    public const int PageLength = 50;
}

/// <summary>A model as lists show it.</summary>
public sealed record ModelRow(
    long Id,
    string Name,
    string? Description,
    int Versions,
    long? Latest,
    IReadOnlyList<string> Aliases,
    DateTimeOffset Modified
);

/// <summary>A model with its versions.</summary>
public sealed record ModelModel(
    long Id,
    string Name,
    string? Description,
    string Group,
    DateTimeOffset Made,
    IReadOnlyList<VersionItem> Versions,
    IReadOnlyList<AliasView> Aliases,
    IReadOnlyList<AliasMoveView> Moves
);

/// <summary>A version as its model's page shows it.</summary>
public sealed record VersionItem(
    long Model,
    long Number,
    string? Description,
    string? Stage,
    IReadOnlyList<string> Aliases,
    DateTimeOffset Made
)
{
    public string Address => FormattableString.Invariant($"/models/{Model}/versions/{Number}");
}

/// <summary>One version.</summary>
/// <param name="Gates">Aliases that demand evaluations.</param>
/// <param name="Finished">Evaluations of this version that have finished.</param>
public sealed record ModelVersionModel(
    string Name,
    string Group,
    VersionItem Version,
    LineageView Lineage,
    IReadOnlyList<AliasView> Gates,
    IReadOnlyList<string> Finished,
    IReadOnlyList<KeyValuePair<string, string>> Tags,
    string? Source
);
