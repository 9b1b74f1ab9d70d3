namespace Alidade.Server.Platform.Resources;

/// <summary>What is particular about a kind of versioned resource; all else is written once for every kind.</summary>
/// <param name="Name">The word in errors, drafts and the database: <c>queue</c>, <c>entry_point</c>.</param>
/// <param name="Collection">The path below <c>/api/v1</c>: <c>queues</c>.</param>
/// <param name="NewestLast">Without a sort key a list goes by newest snapshot instead of by id.</param>
/// <param name="SearchTexts">Fields beside name, description and tag that a search may name.</param>
/// <param name="NameField">What the wire calls the name.</param>
public sealed record ResourceKind(
    string Name,
    string Collection,
    bool NewestLast = false,
    IReadOnlyList<string>? SearchTexts = null,
    string NameField = "name"
)
{
    public static readonly ResourceKind Queue = new("queue", "queues", NewestLast: true);
    public static readonly ResourceKind ParameterType = new(
        "plugin_task_parameter_type",
        "pluginParameterTypes",
        NewestLast: true
    );
    public static readonly ResourceKind Plugin = new("plugin", "plugins");
    public static readonly ResourceKind PluginFile = new(
        "plugin_file",
        "files",
        SearchTexts: ["contents"],
        NameField: "filename"
    );
    public static readonly ResourceKind Entrypoint = new(
        "entry_point",
        "entrypoints",
        SearchTexts: ["task_graph", "artifact_graph"]
    );
    public static readonly ResourceKind Experiment = new("experiment", "experiments", NewestLast: true);

    /// <summary>The column behind a sort key; null when the kind cannot be sorted by it.</summary>
    public string? SortColumn(string key) =>
        key switch
        {
            "createdOn" or "lastModifiedOn" => "r.modified",
            "description" => "r.description",
            _ when key == NameField => "r.name",
            _ => null,
        };
}
