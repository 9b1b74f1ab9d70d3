using System.Text.Json.Serialization;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Plugins;

namespace Alidade.Server.Artifacts;

/// <summary>Registers files of a job's run as an artifact.</summary>
public sealed record ArtifactInput(
    long Group,
    long Job,
    [ArtifactUri] string ArtifactUri,
    string? Description = null,
    long? PluginSnapshotId = null,
    long? TaskId = null
);

public sealed record ArtifactChange(string? Description = null, long? PluginSnapshotId = null, long? TaskId = null);

/// <summary>What a snapshot of an artifact holds.</summary>
/// <param name="Path">Path within the run's artifacts.</param>
/// <param name="Manifest">The list of its files by digest; null in snapshots from before there were lists.</param>
/// <param name="Digest">SHA-256 of the file, or of the list of a folder's files.</param>
public sealed record ArtifactPayload(
    long Job,
    string Run,
    string Path,
    bool IsDir,
    long? FileSize,
    TaskPin? Task,
    string? Manifest = null,
    string? Digest = null
);

/// <summary>An artifact task as one plugin snapshot has it.</summary>
public sealed record TaskPin(long Task, long Plugin, long PluginSnapshot, long File, long FileSnapshot);

public sealed record ArtifactView : ResourceView
{
    internal ArtifactView(Versioned at, bool asSnapshot, ArtifactTask task)
        : base(at, asSnapshot)
    {
        var payload = at.Read<ArtifactPayload>();
        IsDir = payload.IsDir;
        FileSize = payload.FileSize;
        FileUrl = $"{Wire.Root}/artifacts/{at.Id}/contents";
        ArtifactUri = at.Name!;
        Digest = payload.Digest;
        Job = payload.Job;
        Task = task;
    }

    public bool IsDir { get; }
    public long? FileSize { get; }
    public string FileUrl { get; }
    public string ArtifactUri { get; }

    /// <summary>SHA-256 of the file, or of the list of a folder's files with their digests.</summary>
    public string? Digest { get; }
    public long Job { get; }
    public ArtifactTask Task { get; }
}

/// <summary>An artifact as others refer to it: without a name.</summary>
public sealed record ArtifactRef(long Id, GroupRef Group, string Url)
{
    public static ArtifactRef Of(long id, long group, string groupName) =>
        new(id, GroupRef.Of(group, groupName), $"{Wire.Root}/artifacts/{id}");
}

/// <summary>The task that loads an artifact; without members when there is none.</summary>
public sealed record ArtifactTask
{
    public static readonly ArtifactTask None = new();

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Id { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<OutputParameterView>? OutputParams { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? PluginResourceId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? PluginResourceSnapshotId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? PluginFileResourceId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? PluginFileResourceSnapshotId { get; init; }
}

/// <summary>A file of an artifact.</summary>
public sealed record ArtifactFileView(string RelativePath, bool IsDir, long? FileSize, string FileUrl);
