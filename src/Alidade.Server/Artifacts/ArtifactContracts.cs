using System.Text.Json.Serialization;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Input;
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
public sealed record ArtifactPayload(long Job, string Run, string Path, bool IsDir, long? FileSize, TaskPin? Task);

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
        Job = payload.Job;
        Task = task;
    }

    public bool IsDir { get; }
    public long? FileSize { get; }
    public string FileUrl { get; }
    public string ArtifactUri { get; }
    public long Job { get; }
    public ArtifactTask Task { get; }
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

/// <summary>An absolute address whose path is written in its shortest form.</summary>
public sealed class ArtifactUriAttribute : RuleAttribute
{
    private static readonly string[] Schemes =
    [
        "http",
        "https",
        "ftp",
        "ftps",
        "sftp",
        "file",
        "mlflow-artifacts",
        "s3",
    ];

    public override string? Check(object value)
    {
        var text = (string)value;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 1 || text.Length > 2000 || !Schemes.Contains(text[..colon].ToLowerInvariant())
                ? $"URL is not absolute; begin with one of {string.Join(", ", Schemes)}."
            : text.Split('/').Any(part => part is "." or "..") ? "URL is not normalised: remove . and .. from its path."
            : text.Any(char.IsControl) ? "URL contains control characters."
            : null;
    }
}
