using Alidade.Server.Pages.Jobs;
using Alidade.Server.Pages.Parts;

namespace Alidade.Server.Pages.Entrypoints;

/// <summary>The list of entrypoints.</summary>
public sealed record EntrypointsModel(
    Address Address,
    IReadOnlyList<EntrypointItem> Items,
    long Index,
    long Total,
    string? SearchError = null
)
{
    public const int PageLength = 50;
}

/// <summary>An entrypoint as lists show it.</summary>
public sealed record EntrypointItem(
    long Id,
    string Name,
    string? Description,
    string Group,
    DateTimeOffset Modified,
    int Parameters,
    IReadOnlyList<string> Plugins,
    IReadOnlyList<string> Queues
);

/// <summary>An entrypoint with its graph.</summary>
public sealed record EntrypointModel(EntrypointItem Entrypoint, long Snapshot, string Author, string Graph)
{
    /// <summary>Serialisation of what the job hands over, where there is any.</summary>
    public string Outputs { get; init; } = "";
    public IReadOnlyList<StepItem> Steps { get; init; } = [];
    public IReadOnlyList<EntrypointParameter> Parameters { get; init; } = [];
    public IReadOnlyList<Named> Plugins { get; init; } = [];
    public IReadOnlyList<Named> Experiments { get; init; } = [];
    public IReadOnlyList<string> Problems { get; init; } = [];
}

/// <summary>A parameter of an entrypoint.</summary>
public sealed record EntrypointParameter(string Name, string Type, string? Default);
