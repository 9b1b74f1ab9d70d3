using Alidade.Server.Platform.Errors;

namespace Alidade.Server.Platform.Resources;

/// <summary>What is particular about a kind of versioned resource; all else is written once for every kind.</summary>
/// <param name="Name">The word in errors, drafts and the database: <c>queue</c>, <c>entry_point</c>.</param>
/// <param name="Collection">The path below <c>/api/v1</c>: <c>queues</c>.</param>
/// <param name="NewestLast">Without a sort key a list goes by newest snapshot instead of by id.</param>
/// <param name="SearchTexts">Fields beside name, description and tag that a search may name.</param>
/// <param name="IdField">What the facts of an error call the id.</param>
/// <param name="NameField">What the wire calls the name; null for a kind without names.</param>
/// <param name="IsNamedInClash">Whether the facts of a name clash say which kind it is; for some kinds they never did.</param>
public sealed record ResourceKind(
    string Name,
    string Collection,
    string IdField,
    bool NewestLast = false,
    IReadOnlyList<string>? SearchTexts = null,
    string? NameField = "name",
    bool IsNamedInClash = true
)
{
    public static readonly ResourceKind Queue = new(
        "queue",
        "queues",
        "resource_id",
        NewestLast: true,
        IsNamedInClash: false
    );

    public static readonly ResourceKind ParameterType = new(
        "plugin_task_parameter_type",
        "pluginParameterTypes",
        "plugin_parameter_type_id",
        NewestLast: true,
        IsNamedInClash: false
    );

    public static readonly ResourceKind Plugin = new("plugin", "plugins", "plugin_id");

    public static readonly ResourceKind PluginFile = new(
        "plugin_file",
        "files",
        "plugin_file_id",
        SearchTexts: ["contents"],
        NameField: "filename"
    );

    public static readonly ResourceKind Entrypoint = new(
        "entry_point",
        "entrypoints",
        "entrypoint_id",
        SearchTexts: ["task_graph", "artifact_graph"]
    );

    public static readonly ResourceKind Experiment = new(
        "experiment",
        "experiments",
        "resource_id",
        NewestLast: true,
        IsNamedInClash: false
    );

    public static readonly ResourceKind Model = new("ml_model", "models", "model_id");

    /// <summary>How lists go by description: by its beginning, which is what an index holds.</summary>
    public const string DescriptionKey = "COALESCE(substr(r.description, 1, 100), '')";

    /// <summary>The answer for an id that names nothing of this kind.</summary>
    public NotFoundException NotFound(long id, long? parent = null) =>
        parent is { } plugin
            ? new NotFoundException(Name, (ResourceKind.Plugin.IdField, plugin), (IdField, id))
            : new NotFoundException(Name, (IdField, id));

    /// <summary>The answer for a name that another one has.</summary>
    public AlreadyExistsException Taken(long holder, string name, long group, long? parent) =>
        new(
            IsNamedInClash ? Name : null,
            holder,
            (NameField!, name),
            parent is { } plugin ? (Plugin.IdField, plugin) : ("group_id", group)
        );

    /// <summary>The column behind a sort key; null when the kind cannot be sorted by it.</summary>
    public string? SortColumn(string key) =>
        key switch
        {
            "createdOn" or "lastModifiedOn" => "r.modified",
            "description" => DescriptionKey,
            _ when key == NameField => "r.folded",
            _ => null,
        };
}
