using System.Globalization;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Security;
using Alidade.Server.Uploads;
using Alidade.Storage.Blobs;
using Alidade.Storage.Platform;

namespace Alidade.Server.MLflow.Artifacts;

/// <summary>
/// Large files as MLflow's clients send them when told to: many parts at once, to addresses of ours. The client puts a part
/// without its credentials, as it would to a cloud store; the address holds the upload's name, which nobody can guess.
/// </summary>
public sealed class MultipartFace(Stores stores, UploadService uploads)
{
    public async Task<IResult> CreateAsync(
        HttpContext context,
        Caller caller,
        string folder,
        CreateMultipart request,
        CancellationToken cancellation
    )
    {
        if (request.NumParts is < 1 or > UploadService.MostParts)
        {
            throw MlflowException.Invalid($"num_parts must be between 1 and {UploadService.MostParts}.");
        }

        var at = FileAt(folder, request.Path);
        await RequireAsync(caller, at, cancellation);
        var upload = await uploads.BeginAsync(
            caller,
            new UploadRow
            {
                Owner = at.Owner,
                Path = at.Path,
                Parts = (int)request.NumParts,
            },
            cancellation
        );
        var root = $"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}";
        return MlflowJson.Answer(
            new
            {
                upload_id = upload.Id,
                credentials = Enumerable
                    .Range(1, (int)request.NumParts)
                    .Select(number => new
                    {
                        url = $"{root}/api/2.0/mlflow-artifacts/mpu/parts/{upload.Id}/{Number(number)}",
                        part_number = number,
                        headers = new Dictionary<string, string>(),
                    }),
            }
        );
    }

    public async Task<IResult> PutPartAsync(
        HttpContext context,
        string upload,
        long number,
        CancellationToken cancellation
    )
    {
        var found = await uploads.FindAsync(upload, cancellation) is { Parts: not null, Done: null } known
            ? known
            : throw MlflowException.Missing("There is no such upload, or it is complete. Begin another.");
        if (number < 1 || number > found.Parts)
        {
            throw MlflowException.Invalid($"The parts of this upload are numbered from 1 to {found.Parts}.");
        }

        BodyLimit.Remove(context);
        var digest = await uploads.PutPartAsync(found, (int)number, context.Request.Body, cancellation);
        context.Response.Headers.ETag = $"\"{digest}\"";
        return MlflowJson.Empty();
    }

    public async Task<IResult> CompleteAsync(
        Caller caller,
        string folder,
        CompleteMultipart request,
        CancellationToken cancellation
    )
    {
        var at = FileAt(folder, request.Path);
        var upload = await FindAsync(caller, at, request.UploadId, cancellation);
        var parts = request.Parts.OrderBy(p => p.PartNumber).ToList();
        if (parts.Count != upload.Parts || parts.Where((p, i) => p.PartNumber != i + 1).Any())
        {
            throw MlflowException.Invalid($"Name each of the parts 1 to {upload.Parts} once.");
        }

        try
        {
            await uploads.CompleteAsync(
                upload,
                [.. parts.Select(p => ((int)p.PartNumber, p.Etag.Trim('"')))],
                t => FileOwner.RequireToChange(t, caller, at.Owner),
                cancellation
            );
        }
        catch (PartMissingException e)
        {
            throw MlflowException.Invalid(e.Message);
        }
        catch (UploadBusyException e)
        {
            throw new MlflowException(ErrorCodes.ResourceConflict, e.Message);
        }

        return MlflowJson.Empty();
    }

    public async Task<IResult> AbortAsync(
        Caller caller,
        string folder,
        AbortMultipart request,
        CancellationToken cancellation
    )
    {
        var upload = await FindAsync(caller, FileAt(folder, request.Path), request.UploadId, cancellation);
        await uploads.AbortAsync(upload, cancellation);
        return MlflowJson.Empty();
    }

    private async Task<UploadRow> FindAsync(
        Caller caller,
        ArtifactPath at,
        string upload,
        CancellationToken cancellation
    )
    {
        await RequireAsync(caller, at, cancellation);
        return
            await uploads.FindAsync(upload, cancellation) is { Parts: not null } found
            && found.Owner == at.Owner
            && (found.Done is not null || found.Path == at.Path)
            ? found
            : throw MlflowException.Missing($"There is no upload {upload} of {at.Path}.");
    }

    private Task<string> RequireAsync(Caller caller, ArtifactPath at, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => FileOwner.RequireToChange(s, caller, at.Owner), cancellation);

    /// <summary>Clients name the folder in the address, and in the body the file as it is called where they are.</summary>
    private static ArtifactPath FileAt(string folder, string path)
    {
        var name = path[(path.LastIndexOfAny(['/', '\\']) + 1)..];
        return ArtifactPath.Parse($"{folder.TrimEnd('/')}/{name}") is { Path.Length: > 0 } at && name.Length > 0
            ? at.ToWrite()
            : throw MlflowException.Invalid(
                $"Invalid path {PythonText.Repr(folder)}: it must contain RUN/artifacts with the id of a run."
            );
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}

public sealed record CreateMultipart([Required] string Path, [Required] long NumParts);

public sealed record CompleteMultipart(
    [Required] string Path,
    [Required] string UploadId,
    IReadOnlyList<MultipartPart> Parts
);

public sealed record MultipartPart([Required] long PartNumber, [Required] string Etag, string? Url);

public sealed record AbortMultipart([Required] string Path, [Required] string UploadId);
