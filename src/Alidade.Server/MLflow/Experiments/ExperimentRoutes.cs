using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.MLflow.Experiments;

/// <summary><c>experiments/…</c></summary>
internal static class ExperimentRoutes
{
    public static void MapExperiments(this MlflowRoutes routes)
    {
        routes.Post(
            "/experiments/create",
            "Make an experiment",
            (Proto<CreateExperiment> r, Caller caller, ExperimentFace face, CancellationToken c) =>
                face.CreateAsync(caller, r, c)
        );
        routes.Get(
            "/experiments/get",
            "Get an experiment",
            (ProtoQuery<GetExperiment> r, Caller caller, ExperimentFace face, CancellationToken c) =>
                face.GetAsync(caller, r.Value.ExperimentId, c)
        );
        routes.Get(
            "/experiments/get-by-name",
            "Get an experiment by its name",
            (ProtoQuery<GetExperimentByName> r, Caller caller, ExperimentFace face, CancellationToken c) =>
                face.GetByNameAsync(caller, r.Value.ExperimentName, c)
        );
        routes.PostToManage(
            "/experiments/update",
            "Rename an experiment",
            (Proto<UpdateExperiment> r, Caller caller, ExperimentFace face, CancellationToken c) =>
                face.RenameAsync(caller, r, c)
        );
        routes.PostToManage(
            "/experiments/delete",
            "Delete an experiment with its runs",
            (Proto<GetExperiment> r, Caller caller, ExperimentFace face, CancellationToken c) =>
                face.DeleteAsync(caller, r.Value.ExperimentId, c)
        );
        routes.PostToManage(
            "/experiments/restore",
            "Bring a deleted experiment back with its runs",
            (Proto<GetExperiment> r, Caller caller, ExperimentFace face, CancellationToken c) =>
                face.RestoreAsync(caller, r.Value.ExperimentId, c)
        );
        routes.PostToManage(
            "/experiments/set-experiment-tag",
            "Tag an experiment",
            (Proto<SetExperimentTag> r, Caller caller, ExperimentFace face, CancellationToken c) =>
                face.SetTagAsync(caller, r, c)
        );
        routes.PostToManage(
            "/experiments/delete-experiment-tag",
            "Take a tag from an experiment",
            (Proto<DeleteExperimentTag> r, Caller caller, ExperimentFace face, CancellationToken c) =>
                face.DeleteTagAsync(caller, r, c)
        );
        routes.PostToRead(
            "/experiments/search",
            "Search experiments",
            (Proto<SearchExperiments> r, Caller caller, ExperimentSearch search, CancellationToken c) =>
                search.SearchAsync(caller, r, c)
        );
        routes.Get(
            "/experiments/search",
            "Search experiments",
            (ProtoQuery<SearchExperiments> r, Caller caller, ExperimentSearch search, CancellationToken c) =>
                search.SearchAsync(caller, r, c)
        );
    }
}
