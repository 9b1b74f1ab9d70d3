using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.MLflow.Registry;

/// <summary><c>registered-models/…</c> and <c>model-versions/…</c></summary>
internal static class RegistryRoutes
{
    public static void MapRegistry(this MlflowRoutes routes)
    {
        MapModels(routes);
        MapVersions(routes);
    }

    private static void MapModels(MlflowRoutes routes)
    {
        routes.Post(
            "/registered-models/create",
            "Register a model",
            (Proto<CreateModel> r, Caller caller, ModelFace face, CancellationToken c) => face.CreateAsync(caller, r, c)
        );
        routes.Get(
            "/registered-models/get",
            "Get a registered model",
            (ProtoQuery<NamedModel> r, Caller caller, ModelFace face, CancellationToken c) =>
                face.GetAsync(caller, r.Value.Name, c)
        );
        routes.Patch(
            "/registered-models/update",
            "Describe a registered model",
            (Proto<UpdateModel> r, Caller caller, ModelFace face, CancellationToken c) => face.UpdateAsync(caller, r, c)
        );
        routes.PostToManage(
            "/registered-models/rename",
            "Rename a registered model",
            (Proto<RenameModel> r, Caller caller, ModelFace face, CancellationToken c) => face.RenameAsync(caller, r, c)
        );
        routes.DeleteToManage(
            "/registered-models/delete",
            "Delete a registered model with its versions",
            (Proto<NamedModel> r, Caller caller, ModelFace face, CancellationToken c) =>
                face.DeleteAsync(caller, r.Value.Name, c)
        );
        routes.Get(
            "/registered-models/search",
            "Search registered models",
            (ProtoQuery<SearchRegistry> r, Caller caller, RegistrySearch face, CancellationToken c) =>
                face.ModelsAsync(caller, r, c)
        );
        routes.Get(
            "/registered-models/get-latest-versions",
            "Get the newest version in each stage",
            (ProtoQuery<LatestVersions> r, Caller caller, ModelFace face, CancellationToken c) =>
                face.LatestAsync(caller, r, c)
        );
        routes.PostToRead(
            "/registered-models/get-latest-versions",
            "Get the newest version in each stage",
            (Proto<LatestVersions> r, Caller caller, ModelFace face, CancellationToken c) =>
                face.LatestAsync(caller, r, c)
        );
        routes.Post(
            "/registered-models/set-tag",
            "Tag a registered model",
            (Proto<ModelTagMessage> r, Caller caller, ModelFace face, CancellationToken c) =>
                face.SetTagAsync(caller, r, c)
        );
        routes.Delete(
            "/registered-models/delete-tag",
            "Take a tag from a registered model",
            (Proto<ModelTagKey> r, Caller caller, ModelFace face, CancellationToken c) =>
                face.DeleteTagAsync(caller, r, c)
        );
        routes.Post(
            "/registered-models/alias",
            "Point an alias to a version",
            (Proto<SetModelAlias> r, Caller caller, ModelFace face, CancellationToken c) =>
                face.SetAliasAsync(caller, r, c)
        );
        routes.Delete(
            "/registered-models/alias",
            "Take an alias away",
            (Proto<NamedAlias> r, Caller caller, ModelFace face, CancellationToken c) =>
                face.DeleteAliasAsync(caller, r, c)
        );
        routes.Get(
            "/registered-models/alias",
            "Get the version that an alias points to",
            (ProtoQuery<NamedAlias> r, Caller caller, ModelFace face, CancellationToken c) =>
                face.GetByAliasAsync(caller, r, c)
        );
    }

    private static void MapVersions(MlflowRoutes routes)
    {
        routes.Post(
            "/model-versions/create",
            "Make the next version of a model",
            (Proto<CreateVersion> r, Caller caller, VersionFace face, CancellationToken c) =>
                face.CreateAsync(caller, r, c)
        );
        routes.Get(
            "/model-versions/get",
            "Get a version",
            (ProtoQuery<NamedVersion> r, Caller caller, VersionFace face, CancellationToken c) =>
                face.GetAsync(caller, r, c)
        );
        routes.Patch(
            "/model-versions/update",
            "Describe a version",
            (Proto<UpdateVersion> r, Caller caller, VersionFace face, CancellationToken c) =>
                face.UpdateAsync(caller, r, c)
        );
        routes.DeleteToManage(
            "/model-versions/delete",
            "Delete a version",
            (Proto<NamedVersion> r, Caller caller, VersionFace face, CancellationToken c) =>
                face.DeleteAsync(caller, r, c)
        );
        routes.Post(
            "/model-versions/transition-stage",
            "Move a version to a stage",
            (Proto<TransitionStage> r, Caller caller, VersionFace face, CancellationToken c) =>
                face.TransitionAsync(caller, r, c)
        );
        routes.Get(
            "/model-versions/get-download-uri",
            "Get where the files of a version are",
            (ProtoQuery<NamedVersion> r, Caller caller, VersionFace face, CancellationToken c) =>
                face.DownloadUriAsync(caller, r, c)
        );
        routes.Get(
            "/model-versions/search",
            "Search versions",
            (ProtoQuery<SearchRegistry> r, Caller caller, RegistrySearch face, CancellationToken c) =>
                face.VersionsAsync(caller, r, c)
        );
        routes.Post(
            "/model-versions/set-tag",
            "Tag a version",
            (Proto<VersionTagMessage> r, Caller caller, VersionFace face, CancellationToken c) =>
                face.SetTagAsync(caller, r, c)
        );
        routes.Delete(
            "/model-versions/delete-tag",
            "Take a tag from a version",
            (Proto<VersionTagKey> r, Caller caller, VersionFace face, CancellationToken c) =>
                face.DeleteTagAsync(caller, r, c)
        );
    }
}
