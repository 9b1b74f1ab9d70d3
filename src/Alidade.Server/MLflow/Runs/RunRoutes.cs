using Alidade.Server.MLflow.Metrics;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.MLflow.Runs;

/// <summary><c>runs/…</c></summary>
internal static class RunRoutes
{
    public static void MapRuns(this MlflowRoutes routes)
    {
        routes.Post(
            "/runs/create",
            "Begin a run",
            (Proto<CreateRun> r, Caller caller, RunFace face, CancellationToken c) => face.CreateAsync(caller, r, c)
        );
        routes.Get(
            "/runs/get",
            "Get a run with its last values",
            (ProtoQuery<GetRun> r, Caller caller, RunFace face, CancellationToken c) =>
                face.GetAsync(caller, r.Value.RunId, c)
        );
        routes.Post(
            "/runs/update",
            "Change name, status or end of a run",
            (Proto<UpdateRun> r, Caller caller, RunFace face, CancellationToken c) => face.UpdateAsync(caller, r, c)
        );
        routes.Post(
            "/runs/delete",
            "Delete a run",
            (Proto<GetRun> r, Caller caller, RunFace face, CancellationToken c) =>
                face.SetDeletedAsync(caller, r.Value.RunId, deleted: true, c)
        );
        routes.Post(
            "/runs/restore",
            "Bring a deleted run back",
            (Proto<GetRun> r, Caller caller, RunFace face, CancellationToken c) =>
                face.SetDeletedAsync(caller, r.Value.RunId, deleted: false, c)
        );
        routes.PostOften(
            "/runs/log-metric",
            "Log a number",
            (Proto<LogMetric> r, Caller caller, LoggingFace face, CancellationToken c) =>
                face.LogMetricAsync(caller, r, c)
        );
        routes.Post(
            "/runs/log-parameter",
            "Log a parameter",
            (Proto<LogParameter> r, Caller caller, LoggingFace face, CancellationToken c) =>
                face.LogParameterAsync(caller, r, c)
        );
        routes.PostOften(
            "/runs/log-batch",
            "Log numbers, parameters and tags at once",
            (LogBatchBody r, Caller caller, LoggingFace face, CancellationToken c) =>
                face.LogBatchAsync(caller, r.Value, c)
        );
        routes.Post(
            "/runs/set-tag",
            "Tag a run",
            (Proto<SetTag> r, Caller caller, LoggingFace face, CancellationToken c) => face.SetTagAsync(caller, r, c)
        );
        routes.Post(
            "/runs/delete-tag",
            "Take a tag from a run",
            (Proto<DeleteTag> r, Caller caller, LoggingFace face, CancellationToken c) =>
                face.DeleteTagAsync(caller, r, c)
        );
        routes.PostToRead(
            "/runs/search",
            "Search runs",
            (Proto<SearchRuns> r, Caller caller, SearchFace face, CancellationToken c) => face.RunsAsync(caller, r, c)
        );
        routes.Post(
            "/runs/log-inputs",
            "Say which datasets and models a run reads",
            (Proto<LogInputs> r, Caller caller, InputFace face, CancellationToken c) =>
                face.LogInputsAsync(caller, r, c)
        );
        routes.Post(
            "/runs/outputs",
            "Say which models a run made",
            (Proto<LogOutputs> r, Caller caller, InputFace face, CancellationToken c) =>
                face.LogOutputsAsync(caller, r, c)
        );
        routes.Post(
            "/runs/log-model",
            "Say that a folder of a run is a model",
            (Proto<LogModel> r, Caller caller, InputFace face, CancellationToken c) => face.LogModelAsync(caller, r, c)
        );
        routes.PostToRead(
            "/experiments/search-datasets",
            "List the datasets that runs read",
            (Proto<SearchDatasets> r, Caller caller, InputFace face, CancellationToken c) =>
                face.SearchDatasetsAsync(caller, r, c)
        );
        routes.Get(
            "/metrics/get-history",
            "Get every point of a series",
            (ProtoQuery<GetHistory> r, Caller caller, HistoryFace face, CancellationToken c) =>
                face.HistoryAsync(caller, r, c)
        );
        routes.Get(
            "/metrics/get-history-bulk",
            "Get the points of a series of many runs",
            (ProtoQuery<GetHistoryBulk> r, Caller caller, HistoryFace face, CancellationToken c) =>
                face.BulkAsync(caller, r, c)
        );
        routes.Get(
            "/metrics/get-history-bulk-interval",
            "Get sampled points of a series of many runs",
            (ProtoQuery<GetHistoryBulkInterval> r, Caller caller, HistoryFace face, CancellationToken c) =>
                face.IntervalAsync(caller, r, c)
        );
    }
}
