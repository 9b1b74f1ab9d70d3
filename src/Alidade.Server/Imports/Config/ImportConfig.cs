using System.Text.Json;

namespace Alidade.Server.Imports.Config;

/// <summary>What a manifest says: which plugins, types and entrypoints a folder of files holds.</summary>
internal sealed record ImportConfig(
    IReadOnlyList<ConfigType> Types,
    IReadOnlyList<ConfigPlugin> Plugins,
    IReadOnlyList<ConfigEntrypoint> Entrypoints
);

internal sealed record ConfigType(string Name, string? Description, JsonElement? Structure);

/// <param name="Path">Folder of its files, relative to the manifest; its last part names the plugin.</param>
internal sealed record ConfigPlugin(
    string Path,
    string Name,
    string? Description,
    IReadOnlyList<ConfigFunction> Functions,
    IReadOnlyList<ConfigArtifactTask> Artifacts
);

internal sealed record ConfigFunction(
    string Filename,
    string Name,
    IReadOnlyList<ConfigInput> Inputs,
    IReadOnlyList<ConfigOutput> Outputs
);

internal sealed record ConfigArtifactTask(string Filename, string Name, IReadOnlyList<ConfigOutput> Outputs);

internal sealed record ConfigInput(string Name, string Type, bool Required);

internal sealed record ConfigOutput(string Name, string Type);

/// <param name="Path">A YAML file with the keys <c>graph</c> and <c>artifacts</c>, relative to the manifest.</param>
internal sealed record ConfigEntrypoint(
    string Path,
    string Name,
    string? Description,
    IReadOnlyList<ConfigParameter> Parameters,
    IReadOnlyList<string> Plugins,
    IReadOnlyList<ConfigArtifactParameter> ArtifactParameters,
    IReadOnlyList<string> ArtifactPlugins
);

internal sealed record ConfigParameter(string Name, string Type, string? Default);

internal sealed record ConfigArtifactParameter(string Name, IReadOnlyList<ConfigOutput> Outputs);
