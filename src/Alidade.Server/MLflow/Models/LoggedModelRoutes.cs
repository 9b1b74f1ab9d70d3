using Alidade.Server.MLflow.Artifacts;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.MLflow.Models;

/// <summary><c>logged-models/…</c></summary>
internal static class LoggedModelRoutes
{
    public static void MapLoggedModels(this MlflowRoutes routes)
    {
        routes.Post(
            "/logged-models",
            "Begin to log a model",
            (Proto<CreateLoggedModel> r, Caller caller, LoggedModelFace face, CancellationToken c) =>
                face.CreateAsync(caller, r, c)
        );
        routes.PostToRead(
            "/logged-models/search",
            "Search logged models",
            (Proto<SearchLoggedModels> r, Caller caller, LoggedModelSearch search, CancellationToken c) =>
                search.SearchAsync(caller, r, c)
        );
        routes.Get(
            "/logged-models/{id}",
            "Get a logged model",
            (string id, Caller caller, LoggedModelFace face, CancellationToken c) => face.GetAsync(caller, id, c)
        );
        routes.Patch(
            "/logged-models/{id}",
            "Say that a model is complete",
            (string id, Proto<FinalizeLoggedModel> r, Caller caller, LoggedModelFace face, CancellationToken c) =>
                face.FinalizeAsync(caller, id, r.Value.Status, c)
        );
        routes.Delete(
            "/logged-models/{id}",
            "Delete a logged model",
            (string id, Caller caller, LoggedModelFace face, CancellationToken c) => face.DeleteAsync(caller, id, c)
        );
        routes.Patch(
            "/logged-models/{id}/tags",
            "Tag a logged model",
            (string id, Proto<SetLoggedModelTags> r, Caller caller, LoggedModelFace face, CancellationToken c) =>
                face.SetTagsAsync(caller, id, r.Value.Tags, c)
        );
        routes.Delete(
            "/logged-models/{id}/tags/{key}",
            "Take a tag from a logged model",
            (string id, string key, Caller caller, LoggedModelFace face, CancellationToken c) =>
                face.DeleteTagAsync(caller, id, key, c)
        );
        routes.Post(
            "/logged-models/{id}/params",
            "Log parameters of a model",
            (string id, Proto<LogLoggedModelParams> r, Caller caller, LoggedModelFace face, CancellationToken c) =>
                face.LogParamsAsync(caller, id, r.Value.Params, c)
        );
        routes.Get(
            "/logged-models/{id}/artifacts/directories",
            "List files of a logged model",
            (
                string id,
                [Microsoft.AspNetCore.Mvc.FromQuery(Name = "artifact_directory_path")] string? path,
                Caller caller,
                ArtifactFace face,
                CancellationToken c
            ) => face.ListModelAsync(caller, id, path, c)
        );
        routes.Get(
            "/logged-models/{id}/artifacts/files",
            "Get a file of a logged model",
            (
                string id,
                ProtoQuery<GetModelArtifact> r,
                HttpContext http,
                Caller caller,
                ArtifactFace face,
                CancellationToken c
            ) => face.GetOfAsync(http, caller, id, r.Value.ArtifactFilePath, c)
        );
    }
}
