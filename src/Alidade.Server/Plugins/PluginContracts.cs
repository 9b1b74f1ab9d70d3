using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Resources;

namespace Alidade.Server.Plugins;

public sealed record PluginInput(long Group, [Identifier] string Name, string? Description = null);

public sealed record PluginChange([Identifier] string Name, string? Description = null);

public sealed record PluginFileInput(
    [PythonPath] string Filename,
    [Length(0, PluginFileInput.LongestSource)] string Contents,
    [NotNull] TasksInput? Tasks = null,
    string? Description = null
)
{
    /// <summary>Characters in one source file.</summary>
    public const int LongestSource = 1 << 20;
}

public sealed record TasksInput(
    [NotNull] IReadOnlyList<FunctionTaskInput>? Functions = null,
    [NotNull] IReadOnlyList<ArtifactTaskInput>? Artifacts = null
);

public sealed record FunctionTaskInput(
    [TaskName] string Name,
    IReadOnlyList<TaskInputParameter> InputParams,
    IReadOnlyList<TaskOutputParameter> OutputParams
);

public sealed record ArtifactTaskInput([TaskName] string Name, IReadOnlyList<TaskOutputParameter> OutputParams);

public sealed record TaskInputParameter([Identifier] string Name, long ParameterType, bool Required = true);

public sealed record TaskOutputParameter([Identifier] string Name, long ParameterType);

public sealed record PluginView : ResourceView
{
    internal PluginView(Versioned at, bool asSnapshot, IReadOnlyList<PluginFileRef> files)
        : base(at, asSnapshot)
    {
        Name = at.Name!;
        Files = files;
    }

    public string Name { get; }
    public IReadOnlyList<PluginFileRef> Files { get; }
}

/// <summary>A file as its plugin lists it.</summary>
public sealed record PluginFileRef(long Id, GroupRef Group, string Url, string Filename, TasksView Tasks);

public sealed record PluginFileView : ResourceView
{
    internal PluginFileView(Versioned at, bool asSnapshot, string contents, TasksView tasks, ResourceRef plugin)
        : base(at, asSnapshot)
    {
        Filename = at.Name!;
        Contents = contents;
        Tasks = tasks;
        Plugin = plugin;
    }

    public string Filename { get; }
    public string Contents { get; }
    public TasksView Tasks { get; }
    public ResourceRef Plugin { get; }
}

public sealed record TasksView(IReadOnlyList<FunctionTaskView> Functions, IReadOnlyList<ArtifactTaskView> Artifacts);

public sealed record FunctionTaskView(
    long Id,
    string Name,
    IReadOnlyList<InputParameterView> InputParams,
    IReadOnlyList<OutputParameterView> OutputParams
);

public sealed record ArtifactTaskView(long Id, string Name, IReadOnlyList<OutputParameterView> OutputParams);

public sealed record InputParameterView(string Name, ResourceRef ParameterType, bool Required);

public sealed record OutputParameterView(string Name, ResourceRef ParameterType);

/// <summary>What a snapshot of a file holds: its bytes are a blob.</summary>
public sealed record FilePayload(string Sha256, long Size);
