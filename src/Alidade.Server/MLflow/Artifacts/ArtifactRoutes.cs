using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.MLflow.Artifacts;

/// <summary><c>/api/2.0/mlflow-artifacts/…</c>, where clients put and get the files of runs.</summary>
internal static class ArtifactRoutes
{
    private const string Root = "/mlflow-artifacts/artifacts";

    public static void MapArtifactProxy(this IEndpointRouteBuilder routes)
    {
        foreach (var api in new[] { "/api/2.0", "/ajax-api/2.0" })
        {
            var group = routes.MapGroup(api).WithTags("mlflow").OpensToAttempts();
            group
                .MapGet(
                    Root,
                    (string? path, Caller caller, ArtifactFace face, CancellationToken c) =>
                        face.ListAsync(caller, path, c)
                )
                .WithSummary("List files below a path")
                .Needs(Access.SeeTracked);
            group
                .MapGet(
                    Root + "/{**path}",
                    (string path, HttpContext http, Caller caller, ArtifactFace face, CancellationToken c) =>
                        face.GetAsync(http, caller, path, c)
                )
                .WithSummary("Get a file")
                .Needs(Access.SeeTracked);
            group
                .MapPut(
                    Root + "/{**path}",
                    (string path, HttpContext http, Caller caller, ArtifactFace face, CancellationToken c) =>
                        face.PutAsync(http, caller, path, c)
                )
                .WithSummary("Put a file")
                .Needs(Access.Track);
            group
                .MapDelete(
                    Root + "/{**path}",
                    (string path, Caller caller, ArtifactFace face, CancellationToken c) =>
                        face.DeleteAsync(caller, path, c)
                )
                .WithSummary("Delete a file or a folder")
                .Needs(Access.Track);
            MapMultipart(group);
            group
                .MapGet(
                    "/mlflow-artifacts/presigned/{**path}",
                    (string path, Caller caller) => NotHere("Presigned download")
                )
                .WithSummary("Answers that files are got from here")
                .Needs(Access.SeeTracked);
            if (api != "/api/2.0")
            {
                group.ExcludeFromDescription();
            }
        }
    }

    private static void MapMultipart(RouteGroupBuilder group)
    {
        const string root = "/mlflow-artifacts/mpu";
        group
            .MapPost(
                root + "/create/{**path}",
                (
                    string path,
                    Proto<CreateMultipart> r,
                    HttpContext http,
                    Caller caller,
                    MultipartFace face,
                    CancellationToken c
                ) => face.CreateAsync(http, caller, path, r, c)
            )
            .WithSummary("Begin a file that comes in parts; answers the addresses to put them to")
            .Needs(Access.Track);
        group
            .MapPut(
                root + "/parts/{upload}/{number:long}",
                (string upload, long number, HttpContext http, MultipartFace face, CancellationToken c) =>
                    face.PutPartAsync(http, upload, number, c)
            )
            .WithSummary("Put a part; the upload's name is the credential")
            .ChecksOwnCredential();
        group
            .MapPost(
                root + "/complete/{**path}",
                (string path, Proto<CompleteMultipart> r, Caller caller, MultipartFace face, CancellationToken c) =>
                    face.CompleteAsync(caller, path, r, c)
            )
            .WithSummary("Put the parts together; only now the file is there")
            .Needs(Access.Track);
        group
            .MapPost(
                root + "/abort/{**path}",
                (string path, Proto<AbortMultipart> r, Caller caller, MultipartFace face, CancellationToken c) =>
                    face.AbortAsync(caller, path, r, c)
            )
            .WithSummary("Throw the parts away")
            .Needs(Access.Track);
    }

    /// <summary>Clients that ask fall back to plain requests, which are streamed here, ranged and resumable.</summary>
    private static IResult NotHere(string what) =>
        throw new MlflowException(
            ErrorCodes.NotImplemented,
            $"{what} is not supported for the current artifact repository"
        );

    public static void MapArtifacts(this MlflowRoutes routes)
    {
        routes.Get(
            "/artifacts/list",
            "List files of a run",
            (ProtoQuery<ListArtifacts> r, Caller caller, ArtifactFace face, CancellationToken c) =>
                face.ListRunAsync(caller, r, c)
        );
        routes.Post(
            "/upload-artifact",
            "Put a small file into a run",
            (ProtoQuery<UploadArtifact> r, HttpContext http, Caller caller, ArtifactFace face, CancellationToken c) =>
                face.UploadAsync(http, caller, r, c)
        );
        routes.Get(
            "/get-artifact",
            "Get a file of a run",
            (ProtoQuery<GetArtifact> r, HttpContext http, Caller caller, ArtifactFace face, CancellationToken c) =>
                face.GetOfAsync(http, caller, r.Value.RunId, r.Value.Path, c)
        );
    }

    /// <summary>What MLflow's own pages fetch, from the root of the server.</summary>
    public static void MapArtifactPages(this IEndpointRouteBuilder routes)
    {
        routes
            .MapGet(
                "/get-artifact",
                (ProtoQuery<GetArtifact> r, HttpContext http, Caller caller, ArtifactFace face, CancellationToken c) =>
                    face.GetOfAsync(http, caller, r.Value.RunId, r.Value.Path, c)
            )
            .WithTags("mlflow")
            .WithSummary("Get a file of a run")
            .Needs(Access.SeeTracked);
        routes
            .MapGet(
                "/model-versions/get-artifact",
                (
                    ProtoQuery<GetVersionArtifact> r,
                    HttpContext http,
                    Caller caller,
                    ArtifactFace face,
                    CancellationToken c
                ) => face.GetOfVersionAsync(http, caller, r, c)
            )
            .WithTags("mlflow")
            .WithSummary("Get a file of a version of a registered model")
            .Needs(Access.SeeTracked);
    }
}
