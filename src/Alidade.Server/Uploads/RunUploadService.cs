using Alidade.Server.MLflow.Artifacts;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Security;
using Alidade.Server.Runs;
using Alidade.Storage.Blobs;
using Alidade.Storage.Platform;

namespace Alidade.Server.Uploads;

/// <summary>Large files of runs, for our own clients.</summary>
public sealed class RunUploadService(Stores stores, UploadService uploads)
{
    private const long LargestFile = 1L << 50;

    public async Task<UploadView> BeginAsync(
        Caller caller,
        string run,
        UploadInput input,
        CancellationToken cancellation
    )
    {
        await RequireAsync(caller, run, cancellation);
        if (input.Size is < 0 or > LargestFile)
        {
            throw new InvalidInputException("size", "Give the number of bytes the file will have.");
        }

        if (input.Sha256?.All(char.IsAsciiHexDigit) == false)
        {
            throw new InvalidInputException("sha256", "A SHA-256 has 64 hexadecimal digits.");
        }

        var made = await uploads.BeginAsync(
            caller,
            new UploadRow
            {
                Owner = run,
                Path = PathOf(input.Path),
                Size = input.Size,
                Sha256 = input.Sha256?.ToLowerInvariant(),
                MediaType = input.MediaType,
            },
            cancellation
        );
        return View(made);
    }

    public async Task<UploadView> GetAsync(Caller caller, string run, string upload, CancellationToken cancellation) =>
        View(await FindAsync(caller, run, upload, cancellation));

    public async Task<UploadView> AppendAsync(
        HttpContext context,
        Caller caller,
        string run,
        string upload,
        long? offset,
        CancellationToken cancellation
    )
    {
        var found = await FindAsync(caller, run, upload, cancellation);
        var at = offset ?? throw new InvalidInputException("offset", "Say where the piece begins: ?offset=0.");
        if (found.Done is not null)
        {
            throw new RefusedException("UploadCompleteError", $"Upload {upload} is complete; begin another.");
        }

        if (context.Request.ContentLength > (found.Size ?? long.MaxValue) - at)
        {
            throw new InvalidInputException(
                "offset",
                $"The whole file has {found.Size} bytes; this piece goes beyond."
            );
        }

        BodyLimit.Remove(context);
        try
        {
            var length = await uploads.AppendAsync(found, at, context.Request.Body, cancellation);
            return View(found) with { Offset = length };
        }
        catch (UploadOffsetException e)
        {
            throw new InvalidInputException("offset", $"{e.Message} The whole file has {found.Size} bytes.");
        }
        catch (UploadBusyException e)
        {
            throw new ApiException(StatusCodes.Status409Conflict, "UploadBusyError", e.Message);
        }
    }

    public async Task<UploadView> CompleteAsync(
        Caller caller,
        string run,
        string upload,
        CancellationToken cancellation
    )
    {
        var found = await FindAsync(caller, run, upload, cancellation);
        var length = uploads.Length(found);
        if (found.Done is null && length != found.Size)
        {
            throw new RefusedException(
                "UploadIncompleteError",
                $"{length} of {found.Size} bytes are here. Send the rest, then complete it."
            );
        }

        try
        {
            var blob = await uploads.CompleteAsync(
                found,
                wanted: null,
                t => TrackedRuns.GetToChange(t, caller, run),
                cancellation
            );
            return new UploadView(upload, found.Path, blob.Size, blob.Size, true, blob.Sha256);
        }
        catch (BlobDigestException e)
        {
            throw new RefusedException("UploadDigestError", e.Message);
        }
        catch (UploadBusyException e)
        {
            throw new ApiException(StatusCodes.Status409Conflict, "UploadBusyError", e.Message);
        }
    }

    public async Task<UploadAborted> AbortAsync(
        Caller caller,
        string run,
        string upload,
        CancellationToken cancellation
    )
    {
        await uploads.AbortAsync(await FindAsync(caller, run, upload, cancellation), cancellation);
        return new UploadAborted("Success", [upload]);
    }

    private async Task<UploadRow> FindAsync(Caller caller, string run, string upload, CancellationToken cancellation)
    {
        await RequireAsync(caller, run, cancellation);
        return await uploads.FindAsync(upload, cancellation) is { } found && found.Owner == run
            ? found
            : throw new RefusedException(
                "UploadGoneError",
                $"There is no upload {upload} of run {run}; what nobody goes on with is thrown away. Begin another."
            );
    }

    private Task<bool> RequireAsync(Caller caller, string run, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => TrackedRuns.GetToChange(s, caller, run) is not null, cancellation);

    private UploadView View(UploadRow upload) =>
        new(
            upload.Id,
            upload.Path,
            uploads.Length(upload),
            upload.Size,
            upload.Done is not null,
            upload.Done ?? upload.Sha256
        );

    private static string PathOf(string path)
    {
        try
        {
            var clean = ArtifactPath.Check(path).Trim('/');
            return clean.Length > 0 && !clean.Any(char.IsControl) && !clean.Split('/').Any(p => p is "" or "." or "..")
                ? clean
                : throw new InvalidInputException("path", "Give a plain path such as models/net.bin.");
        }
        catch (MlflowException)
        {
            throw new InvalidInputException("path", "Give a plain path such as models/net.bin, without .. and \\.");
        }
    }
}
