using Alidade.Engine.Values;

namespace Alidade.Engine.Graphs;

/// <summary>Everything an entrypoint snapshot says, with the tasks and types its pinned plugins offer.</summary>
/// <param name="TaskGraph">YAML; see docs/reference/entrypoint-yaml.md.</param>
/// <param name="ArtifactGraph">YAML; empty when the job hands over no artifacts.</param>
/// <param name="Tasks">The function tasks of all pinned plugin files, in the order of plugins and files.</param>
/// <param name="ArtifactTasks">The artifact tasks of all pinned artifact plugin files.</param>
/// <param name="Types">The types tasks and artifact parameters use; the built-in ones need not be listed.</param>
public sealed record EntrypointDefinition(
    string TaskGraph,
    string ArtifactGraph,
    IReadOnlyList<EntrypointParameter> Parameters,
    IReadOnlyList<ArtifactParameter> ArtifactParameters,
    IReadOnlyList<TaskSignature> Tasks,
    IReadOnlyList<ArtifactTaskSignature> ArtifactTasks,
    IReadOnlyList<NamedType> Types
);

/// <param name="Default">Text, read as <paramref name="Type"/>; null when a value must be given.</param>
public sealed record EntrypointParameter(string Name, ParameterType Type, string? Default);

/// <summary>An artifact a job is given.</summary>
public sealed record ArtifactParameter(string Name, IReadOnlyList<TaskOutput> Outputs);

/// <summary>A function task. <paramref name="File"/> is its path within the plugin, such as <c>attacks/fgsm.py</c>.</summary>
public sealed record TaskSignature(
    string Plugin,
    string File,
    string Name,
    IReadOnlyList<TaskInput> Inputs,
    IReadOnlyList<TaskOutput> Outputs
);

/// <summary>An artifact task: a class that stores and loads artifacts of one kind.</summary>
public sealed record ArtifactTaskSignature(string Plugin, string File, string Name, IReadOnlyList<TaskOutput> Outputs);

public sealed record TaskInput(string Name, string Type, bool Required = true);

public sealed record TaskOutput(string Name, string Type);

/// <param name="Structure">JSON, such as <c>{"list": "number"}</c>; null for a type that only has a name.</param>
public sealed record NamedType(string Name, string? Structure);
