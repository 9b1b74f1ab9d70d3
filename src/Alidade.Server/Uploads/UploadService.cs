using System.Security.Cryptography;
using Alidade.Server.Artifacts;
using Alidade.Server.Configuration;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Blobs;
using Alidade.Storage.Platform;

namespace Alidade.Server.Uploads;

/// <summary>
/// Files that come in pieces. Nothing of them is listed before the whole is there, has the digest that was promised and is
/// recorded; a crash at any moment leaves either that or an upload that goes on.
/// </summary>
public sealed class UploadService(Stores stores, IPartStore parts, ServerOptions options)
{
    public const int MostParts = 10_000;

    /// <summary>Its name cannot be guessed: who has it may send the bytes, though not say that they are whole.</summary>
    internal Task<UploadRow> BeginAsync(Caller caller, UploadRow upload, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var made = upload with
                {
                    Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
                    UserId = caller.UserId,
                    Touched = t.Now,
                };
                RunUploads.RequirePlace(t, made.Owner, made.Path);
                RequireRoom(t, made.UserId);
                UploadRows.Add(t, made);
                return made;
            },
            cancellation: cancellation
        );

    internal Task<UploadRow?> FindAsync(string id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => UploadRows.Find(s, id), cancellation);

    internal async Task<string> PutPartAsync(
        UploadRow upload,
        int number,
        Stream content,
        CancellationToken cancellation
    ) => await parts.PutPartAsync(upload.Id, number, content, cancellation);

    internal Task<long> AppendAsync(UploadRow upload, long offset, Stream content, CancellationToken cancellation) =>
        parts.AppendAsync(upload.Id, offset, upload.Size ?? long.MaxValue, content, cancellation);

    internal long Length(UploadRow upload) => upload.Done is null ? parts.Length(upload.Id) : upload.Size ?? 0;

    /// <summary>Records the whole file.</summary>
    /// <param name="wanted">The parts it is made of; null for what was appended.</param>
    /// <param name="check">Looks again at whether the caller may, in the transaction that records.</param>
    internal async Task<Blob> CompleteAsync(
        UploadRow upload,
        IReadOnlyList<(int Number, string Sha256)>? wanted,
        Action<ITransaction> check,
        CancellationToken cancellation
    )
    {
        var blob = upload.Done is { } done
            ? new Blob(done, upload.Size ?? 0)
            : await DescribeAsync(upload, wanted, cancellation);
        parts.Keep(upload.Id, blob);
        await stores.Core.WriteAsync(
            t =>
            {
                check(t);
                // Completing again must not put back what has been replaced or deleted since.
                if (UploadRows.Find(t, upload.Id) is { Path.Length: > 0 } still)
                {
                    RunUploads.Put(t, still.Owner, still.Path, blob.Size, blob.Sha256, still.MediaType);
                    t.Execute("UPDATE upload SET path = '' WHERE id = @Id", still);
                }

                return true;
            },
            cancellation: cancellation
        );
        parts.Drop(upload.Id);
        return blob;
    }

    internal async Task AbortAsync(UploadRow upload, CancellationToken cancellation)
    {
        await stores.Core.WriteAsync(
            t =>
            {
                UploadRows.Delete(t, upload.Id);
                return true;
            },
            cancellation: cancellation
        );
        parts.Drop(upload.Id);
    }

    private void RequireRoom(ITransaction t, long user)
    {
        var most = options.Limits.UploadsOfUser;
        if (UploadRows.CountOpen(t, user) >= most)
        {
            throw new TooManyException(
                "TooManyUploadsError",
                $"You have {most} uploads that are not complete, the most you may have. Complete or delete some, or wait: "
                    + $"what nobody goes on with is thrown away after {options.Trash.UploadHours} hours.",
                ("uploads", most)
            );
        }
    }

    private async Task<Blob> DescribeAsync(
        UploadRow upload,
        IReadOnlyList<(int Number, string Sha256)>? wanted,
        CancellationToken cancellation
    )
    {
        var blob = wanted is null
            ? await parts.DescribeAsync(upload.Id, cancellation)
            : await parts.JoinAsync(upload.Id, wanted, cancellation);
        if (upload.Sha256 is { } promised && promised != blob.Sha256)
        {
            // What came cannot be told from what should have: all of it is sent again.
            parts.Drop(upload.Id);
            throw new BlobDigestException(promised, blob.Sha256);
        }

        await stores.Core.WriteAsync(
            t =>
            {
                UploadRows.SetDone(t, upload.Id, blob.Sha256, blob.Size);
                return true;
            },
            cancellation: cancellation
        );
        return blob;
    }
}
