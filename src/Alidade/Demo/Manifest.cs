using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Client;

namespace Alidade.Demo;

/// <summary>What a folder of resources holds, in the words of Dioptra's import manifest.</summary>
internal sealed record Manifest(
    IReadOnlyList<ManifestType> PluginParamTypes,
    IReadOnlyList<ManifestPlugin> Plugins,
    IReadOnlyList<ManifestEntrypoint> Entrypoints
)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = false,
    };

    public static Manifest Read(string toml) => TomlReader.Read(toml).Deserialize<Manifest>(Json)!;
}

internal sealed record ManifestType(string Name, string? Description, JsonObject? Structure);

/// <param name="Path">Folder of the files; its last part is the plugin's name.</param>
internal sealed record ManifestPlugin(string Path, string? Description, ManifestTasks Tasks)
{
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}

internal sealed record ManifestTasks(
    IReadOnlyList<ManifestFunction> Functions,
    IReadOnlyList<ManifestArtifactTask> Artifacts
);

internal sealed record ManifestFunction(
    string Filename,
    string Name,
    IReadOnlyList<ManifestInput> InputParams,
    IReadOnlyList<ManifestOutput> OutputParams
);

internal sealed record ManifestArtifactTask(string Filename, string Name, IReadOnlyList<ManifestOutput> OutputParams);

internal sealed record ManifestInput(string Name, string Type, bool Required = true);

internal sealed record ManifestOutput(string Name, string Type);

/// <param name="Path">A YAML file with the keys <c>graph</c> and <c>artifacts</c>.</param>
internal sealed record ManifestEntrypoint(
    string Path,
    string Name,
    string? Description,
    IReadOnlyList<ManifestParameter>? Params,
    IReadOnlyList<string>? Plugins,
    IReadOnlyList<ManifestArtifactParameter>? ArtifactParams,
    IReadOnlyList<string>? ArtifactPlugins
);

internal sealed record ManifestParameter(string Name, string Type, string? DefaultValue)
{
    public EntrypointParameter Entrypoint => new(Name, Type, DefaultValue);
}

internal sealed record ManifestArtifactParameter(string Name, IReadOnlyList<ManifestOutput> OutputParams);
