using Alidade.Server.MLflow.Artifacts;
using Alidade.Server.Platform.Input;

namespace Alidade.Server.Uploads;

/// <summary>A file that will be sent piece by piece.</summary>
/// <param name="Path">Where it will be among the run's artifacts.</param>
/// <param name="Size">How many bytes it will have.</param>
/// <param name="Sha256">Its SHA-256, 64 hexadecimal digits; content with another one is refused.</param>
public sealed record UploadInput(
    [Length(1, ArtifactPath.Longest)] string Path,
    long Size,
    [Length(64, 64)] string? Sha256 = null,
    [Length(1, 200)] string? MediaType = null
);

/// <param name="Offset">How many bytes are here; the next piece begins there.</param>
public sealed record UploadView(string Id, string Path, long Offset, long? Size, bool Complete, string? Sha256);

/// <summary>As the deletion of a resource, for uploads, whose ids are texts.</summary>
public sealed record UploadAborted(string Status, IReadOnlyList<string> Id);
