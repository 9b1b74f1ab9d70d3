using Alidade.Server.Artifacts;
using Alidade.Server.MLflow.Models;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.MLflow.Runs;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Blobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Alidade.Server.MLflow.Artifacts;

/// <summary>Files of runs as MLflow's clients put, list and get them: they talk only to us, and bytes are streamed.</summary>
public sealed class ArtifactFace(Stores stores, IBlobStore blobs)
{
    private const long LargestUpload = 10_000_000;

    private static readonly FileExtensionContentTypeProvider Types = new();

    public Task<IResult> PutAsync(HttpContext context, Caller caller, string path, CancellationToken cancellation)
    {
        var to = Required(path).ToWrite();
        BodyLimit.Remove(context);
        return PutAsync(context, caller, to, cancellation);
    }

    /// <summary>A file from a page: small, and named in the query.</summary>
    public Task<IResult> UploadAsync(
        HttpContext context,
        Caller caller,
        UploadArtifact request,
        CancellationToken cancellation
    )
    {
        var run = request.RunId is { Length: > 0 } id
            ? id
            : throw MlflowException.Invalid("Request must specify run_uuid.");
        var path = request.Path is { Length: > 0 } given
            ? ArtifactPath.Check(given)
            : throw MlflowException.Invalid("Request must specify path.");
        // The rest of a body that is a little too large is read away: only then its sender reads why.
        BodyLimit.Set(context, 4 * LargestUpload);
        if (context.Request.ContentLength is not (> 0 and <= LargestUpload))
        {
            throw MlflowException.Invalid(
                context.Request.ContentLength > LargestUpload
                    ? "Artifact size is too large. Max size is 10MB."
                    : "Request must specify data."
            );
        }

        BodyLimit.Set(context, LargestUpload);
        return PutAsync(context, caller, new ArtifactPath(run, path).ToWrite(), cancellation);
    }

    public Task<IResult> GetAsync(HttpContext context, Caller caller, string path, CancellationToken cancellation) =>
        OpenAsync(context, caller, Required(path), cancellation);

    public Task<IResult> GetOfAsync(
        HttpContext context,
        Caller caller,
        string owner,
        string path,
        CancellationToken cancellation
    ) => OpenAsync(context, caller, new ArtifactPath(owner, ArtifactPath.Check(path).Trim('/')), cancellation);

    /// <summary>A file of a version of a registered model.</summary>
    public async Task<IResult> GetOfVersionAsync(
        HttpContext context,
        Caller caller,
        GetVersionArtifact request,
        CancellationToken cancellation
    )
    {
        var path = ArtifactPath.Check(request.Path).Trim('/');
        var root = await stores.Core.ReadAsync(
            s => Registry.VersionFace.RootOf(s, caller, request.Name, request.Version),
            cancellation
        );
        var at =
            ArtifactPath.Parse(root[(root.IndexOf(':', StringComparison.Ordinal) + 1)..].TrimStart('/'))
            ?? throw MlflowException.Missing($"The files of this version are not kept here but at {root}.");
        return await OpenAsync(
            context,
            caller,
            at with
            {
                Path = at.Path.Length == 0 ? path : $"{at.Path}/{path}",
            },
            cancellation
        );
    }

    /// <summary>What lies directly below a path, by names relative to it.</summary>
    public Task<IResult> ListAsync(Caller caller, string? path, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(path))
        {
            throw MlflowException.Invalid("Name a path: the root belongs to everybody and is not listed.");
        }

        return ArtifactPath.Parse(path) is not { } at
            ? Task.FromResult(MlflowJson.Empty())
            : stores.Core.ReadAsync(
                s => MlflowJson.Answer(new { files = Below(Find(s, caller, at), "") }),
                cancellation
            );
    }

    /// <summary>What lies directly below a path of a run, by paths in the run.</summary>
    public Task<IResult> ListRunAsync(Caller caller, ListArtifacts request, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                var path = Inside(request.Path);
                var run = RunReader.Get(s, caller, request.RunId);
                var root = RunReader.InfoOf(s, caller, run).ArtifactUri;
                return List(root, Find(s, run.Id, path), path);
            },
            cancellation
        );

    public Task<IResult> ListModelAsync(Caller caller, string id, string? path, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                var inside = Inside(path);
                var model = LoggedModelFace.Get(s, caller, id);
                return List(LoggedModelFace.ArtifactUri(model), Find(s, id, inside), inside);
            },
            cancellation
        );

    public Task<IResult> DeleteAsync(Caller caller, string path, CancellationToken cancellation)
    {
        var at = Required(path);
        return stores.Core.WriteAsync(
            t =>
            {
                FileOwner.RequireToChange(t, caller, at.Owner);
                RunUploads.Delete(t, at.Owner, Find(t, at.Owner, at.Path)?.Path ?? at.Path);
                return MlflowJson.Empty();
            },
            cancellation: cancellation
        );
    }

    private async Task<IResult> PutAsync(
        HttpContext context,
        Caller caller,
        ArtifactPath to,
        CancellationToken cancellation
    )
    {
        await stores.Core.ReadAsync(s => FileOwner.RequireToChange(s, caller, to.Owner), cancellation);
        var blob = await blobs.PutAsync(context.Request.Body, expected: null, cancellation);
        return await stores.Core.WriteAsync(
            t =>
            {
                FileOwner.RequireToChange(t, caller, to.Owner);
                RunUploads.Put(t, to.Owner, to.Path, blob.Size, blob.Sha256, context.Request.ContentType);
                return MlflowJson.Empty();
            },
            cancellation: cancellation
        );
    }

    private async Task<IResult> OpenAsync(
        HttpContext context,
        Caller caller,
        ArtifactPath at,
        CancellationToken cancellation
    )
    {
        var file = await stores.Core.ReadAsync(
            s =>
            {
                FileOwner.RequireToRead(s, caller, at.Owner);
                return Find(s, at.Owner, at.Path) is { IsFolder: false } found ? found.Files[0] : null;
            },
            cancellation
        );
        if (file is null || await blobs.OpenAsync(file.Sha256, cancellation) is not { } content)
        {
            throw MlflowException.Missing($"There is no file {at.Path} in the artifacts of {at.Owner}.");
        }

        var type = Types.TryGetContentType(file.Path, out var known) ? known : "application/octet-stream";
        SafeHeaders.Write(context.Response, type, file.Path, alwaysAttached: true);
        return Results.Stream(
            content,
            type,
            entityTag: new EntityTagHeaderValue($"\"{file.Sha256}\""),
            enableRangeProcessing: true
        );
    }

    /// <summary>Null when the caller may not see whose they are: a listing of nothing is empty.</summary>
    private static RunFiles? Find(ISession s, Caller caller, ArtifactPath at)
    {
        try
        {
            return Find(s, FileOwner.RequireToRead(s, caller, at.Owner), at.Path);
        }
        catch (MlflowException e) when (e.Status == StatusCodes.Status404NotFound)
        {
            return null;
        }
    }

    /// <summary>What has exactly this name, as jobs and uploads give them, else what a client of MLflow put under it.</summary>
    private static RunFiles? Find(ISession s, string owner, string path) =>
        RunFiles.Find(s, owner, path)
        ?? (ArtifactPath.Canonical(path) is { Length: > 0 } name ? RunFiles.Find(s, owner, name) : null);

    private static IResult List(string root, RunFiles? files, string path) =>
        MlflowJson.Answer(new { root_uri = root, files = Below(files, path.Length == 0 ? "" : path + "/") });

    private static string Inside(string? path) => ArtifactPath.Check(path ?? "").Trim('/');

    /// <summary>Nothing lies below a file: clients take whatever lists something for a folder.</summary>
    /// <param name="prefix">Put before each name.</param>
    private static IReadOnlyList<FileAnswer> Below(RunFiles? at, string prefix) =>
        at is not { IsFolder: true }
            ? []
            :
            [
                .. at
                    .Files.Select(f =>
                        (Name: f.Path.Split('/')[0], IsDir: f.Path.Contains('/', StringComparison.Ordinal), f.Size)
                    )
                    .DistinctBy(f => f.Name)
                    .Select(f => new FileAnswer(prefix + f.Name, f.IsDir, f.IsDir ? null : f.Size)),
            ];

    private static ArtifactPath Required(string path) =>
        ArtifactPath.Parse(path) is { Path.Length: > 0 } found
            ? found
            : throw MlflowException.Invalid(
                $"Invalid path {PythonText.Repr(path)}: it must contain RUN/artifacts/FILE with the id of a run."
            );
}

public sealed record ListArtifacts([Required, Formerly("run_uuid")] string RunId, string? Path);

public sealed record GetArtifact([Required, Formerly("run_uuid")] string RunId, [Required] string Path);

public sealed record GetVersionArtifact([Required] string Name, [Required] string Version, [Required] string Path);

public sealed record GetModelArtifact([Required] string ArtifactFilePath);

public sealed record UploadArtifact([Formerly("run_uuid")] string? RunId, string? Path);

/// <summary>A file or folder in a listing.</summary>
public sealed record FileAnswer(string Path, bool IsDir, long? FileSize);
