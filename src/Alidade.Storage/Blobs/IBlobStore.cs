namespace Alidade.Storage.Blobs;

/// <summary>
/// Bytes by content: plugin files, artifacts, inputs, bundles. Written once under the SHA-256 of what they are, never
/// changed, and found again by it.
/// </summary>
public interface IBlobStore
{
    /// <summary>Streams the content in; durable when it returns. The same content twice is one blob.</summary>
    /// <param name="expected">When given, content with another digest is refused and nothing is kept.</param>
    /// <exception cref="BlobDigestException">The content is not what was announced.</exception>
    Task<Blob> PutAsync(Stream content, string? expected, CancellationToken cancellation);

    /// <summary>The content as a seekable stream, or null when there is none of this digest.</summary>
    Task<Stream?> OpenAsync(string sha256, CancellationToken cancellation);

    /// <summary>Digests of blobs that nobody has put since then.</summary>
    IEnumerable<string> Untouched(DateTimeOffset since);

    /// <summary>Deletes a blob, unless somebody has put it again since then.</summary>
    /// <returns>How many bytes that gave back; 0 when it stays or is not there.</returns>
    long Delete(string sha256, DateTimeOffset untouchedSince);
}

/// <summary>What a blob is known by.</summary>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
/// <param name="Size">Bytes.</param>
public sealed record Blob(string Sha256, long Size);

/// <summary>The bytes that came are not the bytes that were announced.</summary>
public sealed class BlobDigestException(string expected, string found)
    : Exception($"The content has the SHA-256 {found}, not the announced {expected}. Send it again.");
