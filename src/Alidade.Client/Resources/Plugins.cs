using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>Plugins and their files.</summary>
public sealed class PluginClient : ResourceClient<Plugin, PluginContent>
{
    internal PluginClient(Transport transport)
        : base(transport, "plugins") { }

    public Task<PluginFile> GetFileAsync(long plugin, long file, CancellationToken cancellation = default) =>
        Transport.GetAsync<PluginFile>($"plugins/{plugin}/files/{file}", cancellation);

    public Task<PluginFile> CreateFileAsync(
        long plugin,
        PluginFileContent content,
        CancellationToken cancellation = default
    ) => Transport.PostAsync<PluginFile>($"plugins/{plugin}/files", content, cancellation);

    public Task<PluginFile> ModifyFileAsync(
        long plugin,
        long file,
        PluginFileContent content,
        CancellationToken cancellation = default
    ) => Transport.PutAsync<PluginFile>($"plugins/{plugin}/files/{file}", content, cancellation);

    public Task DeleteFileAsync(long plugin, long file, CancellationToken cancellation = default) =>
        Transport.DeleteAsync($"plugins/{plugin}/files/{file}", cancellation);
}

public sealed record Plugin(
    long Id,
    long Snapshot,
    string Name,
    string? Description,
    IReadOnlyList<PluginFileReference> Files
) : IResource;

public sealed record PluginContent(string Name, string? Description = null);

public sealed record PluginFileReference(long Id, string Filename, PluginTasks Tasks);

public sealed record PluginFile(
    long Id,
    long Snapshot,
    string Filename,
    string Contents,
    string? Description,
    PluginTasks Tasks
);

/// <summary>The typed functions and artifact handlers a file offers.</summary>
public sealed record PluginTasks(IReadOnlyList<FunctionTask> Functions, IReadOnlyList<ArtifactTask> Artifacts);

public sealed record FunctionTask(
    string Name,
    IReadOnlyList<TaskInput> InputParams,
    IReadOnlyList<TaskOutput> OutputParams
);

public sealed record ArtifactTask(string Name, IReadOnlyList<TaskOutput> OutputParams);

public sealed record TaskInput(string Name, Reference ParameterType, bool Required);

public sealed record TaskOutput(string Name, Reference ParameterType);

public sealed record PluginFileContent(
    string Filename,
    string Contents,
    PluginTasksContent Tasks,
    string? Description = null
);

/// <summary>As <see cref="PluginTasks"/>, with parameter types by id.</summary>
public sealed record PluginTasksContent(
    IReadOnlyList<FunctionTaskContent> Functions,
    IReadOnlyList<ArtifactTaskContent> Artifacts
);

public sealed record FunctionTaskContent(
    string Name,
    IReadOnlyList<TaskInputContent> InputParams,
    IReadOnlyList<TaskOutputContent> OutputParams
);

public sealed record ArtifactTaskContent(string Name, IReadOnlyList<TaskOutputContent> OutputParams);

public sealed record TaskInputContent(string Name, long ParameterType, bool Required);

public sealed record TaskOutputContent(string Name, long ParameterType);
