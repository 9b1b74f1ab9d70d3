namespace Alidade.Storage.Blobs;

/// <summary>Bytes of uploads that are not whole yet: as numbered parts in any order, or appended one after the other.</summary>
public interface IPartStore
{
    /// <summary>Keeps a part; the same number again replaces it. Durable when it returns.</summary>
    /// <returns>The SHA-256 of the part, by which <see cref="JoinAsync"/> asks for it.</returns>
    Task<string> PutPartAsync(string upload, int number, Stream content, CancellationToken cancellation);

    /// <summary>Puts these parts together, in this order; they stay until <see cref="Drop"/>.</summary>
    /// <exception cref="PartMissingException">A part is not there, or has other content.</exception>
    /// <exception cref="UploadBusyException">Another request is joining the same upload.</exception>
    Task<Blob> JoinAsync(
        string upload,
        IReadOnlyList<(int Number, string Sha256)> parts,
        CancellationToken cancellation
    );

    /// <summary>Adds bytes at an offset, which must be where the upload ends. What arrived before a cut is kept.</summary>
    /// <returns>Where it ends now.</returns>
    /// <exception cref="UploadOffsetException">It ends elsewhere.</exception>
    /// <exception cref="UploadBusyException">Another request is writing to it.</exception>
    Task<long> AppendAsync(string upload, long offset, long most, Stream content, CancellationToken cancellation);

    /// <summary>How many bytes have been appended.</summary>
    long Length(string upload);

    /// <summary>What was appended, by its content.</summary>
    Task<Blob> DescribeAsync(string upload, CancellationToken cancellation);

    /// <summary>Makes what was joined or appended a blob. Again, after a crash, it changes nothing.</summary>
    void Keep(string upload, Blob blob);

    /// <summary>Throws everything of an upload away.</summary>
    /// <returns>How many bytes that gave back.</returns>
    long Drop(string upload);

    /// <summary>Uploads that have bytes here, with the time they were written to last.</summary>
    IEnumerable<(string Upload, DateTimeOffset Touched)> Uploads();
}

/// <summary>A part that is asked for is not there.</summary>
public sealed class PartMissingException(int number)
    : Exception($"Part {number} is missing or has other content than the client says. Send it again.");

/// <summary>The upload ends elsewhere than the client thinks.</summary>
public sealed class UploadOffsetException(long offset, long length)
    : Exception($"The upload has {length} bytes, so it goes on there and not at {offset}.")
{
    public long Length { get; } = length;
}

/// <summary>Two requests write to one upload.</summary>
public sealed class UploadBusyException()
    : Exception("Another request is writing to this upload. Wait until it has ended, then ask how far it came.");
