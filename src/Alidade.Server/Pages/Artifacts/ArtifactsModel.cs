using Alidade.Server.Pages.Parts;

namespace Alidade.Server.Pages.Artifacts;

/// <summary>The list of artifacts.</summary>
public sealed record ArtifactsModel(
    Address Address,
    IReadOnlyList<ArtifactRow> Items,
    long Index,
    long Total,
    string? SearchError = null
)
{
    public const int PageLength = 50;
}

/// <summary>An artifact as lists show it.</summary>
public sealed record ArtifactRow(
    string Name,
    string Address,
    long Job,
    string Type,
    string Size,
    string? Description,
    DateTimeOffset Made
);
