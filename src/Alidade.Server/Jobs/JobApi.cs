using Alidade.Server.Logs;
using Alidade.Server.Metrics;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;
using Alidade.Server.Runs;
using Alidade.Server.Tags;

namespace Alidade.Server.Jobs;

/// <summary><c>/jobs</c> and <c>/experiments/{id}/jobs</c>.</summary>
public static class JobApi
{
    private const string Snapshots = "/snapshots";

    public static void MapJobApi(this IEndpointRouteBuilder api)
    {
        var jobs = api.MapGroup("/jobs").WithTags("jobs");
        MapJobs(jobs);
        MapRecords(jobs);
        MapData(jobs);
        jobs.MapTagsOf(JobReader.Kind);
        MapExperimentJobs(api.MapGroup("/experiments/{experiment:long}").WithTags("experiments"));
    }

    private static void MapJobs(RouteGroupBuilder jobs)
    {
        jobs.MapGet(
                "/",
                (Listing listing, Caller caller, JobService service, CancellationToken c) =>
                    service.ListAsync(caller, listing, c)
            )
            .WithSummary("List jobs");
        jobs.MapGet(
                "/{id:long}",
                (long id, Caller caller, JobService service, CancellationToken c) => service.GetAsync(caller, id, c)
            )
            .WithSummary("Get a job")
            .OpensToAttempts();
        jobs.MapDelete(
                "/{id:long}",
                (long id, Caller caller, JobService service, CancellationToken c) =>
                    service.DeleteAsync(caller, null, id, c)
            )
            .WithSummary("Delete a job, ending it first");
        jobs.MapPost(
                "/{id:long}/cancel",
                (long id, Caller caller, JobService service, CancellationToken c) => service.CancelAsync(caller, id, c)
            )
            .WithSummary("End a job");
        jobs.MapPost(
                "/{id:long}/requeue",
                (long id, Caller caller, JobService service, CancellationToken c) => service.RequeueAsync(caller, id, c)
            )
            .WithSummary("Run a job that has ended again");
        jobs.MapGet(
                "/{id:long}/status",
                (long id, Caller caller, JobService service, CancellationToken c) => service.StatusAsync(caller, id, c)
            )
            .WithSummary("Its status in Dioptra's words")
            .OpensToAttempts();
        jobs.MapGet(
                "/{id:long}/snapshots",
                (long id, Listing listing, Caller caller, JobService service, CancellationToken c) =>
                    service.SnapshotsAsync(caller, id, listing, c)
            )
            .WithSummary("List its snapshots: one for each change of state");
        jobs.MapGet(
                "/{id:long}/snapshots/{snapshot:long}",
                (long id, long snapshot, Caller caller, JobService service, CancellationToken c) =>
                    service.SnapshotAsync(caller, id, snapshot, c)
            )
            .WithSummary("Get one of its snapshots");
        jobs.MapGet(
                "/{id:long}/history",
                (long id, Caller caller, JobService service, CancellationToken c) => service.HistoryAsync(caller, id, c)
            )
            .WithSummary("Its changes of state, with who caused them");
    }

    private static void MapRecords(RouteGroupBuilder jobs)
    {
        jobs.MapGet(
                "/{id:long}/parameters",
                (long id, Caller caller, JobParameters service, CancellationToken c) =>
                    service.TypedAsync(caller, id, c)
            )
            .WithSummary("Its values with their types")
            .OpensToAttempts();
        jobs.MapGet(
                "/{id:long}/artifactParameters",
                (long id, Caller caller, JobParameters service, CancellationToken c) =>
                    service.ArtifactsAsync(caller, id, c)
            )
            .WithSummary("Its artifact inputs")
            .OpensToAttempts();
        jobs.MapGet(
                "/{id:long}/mlflowRun",
                (long id, Caller caller, RunService service, CancellationToken c) =>
                    service.MlflowRunAsync(caller, null, id, c)
            )
            .WithSummary("The id of its run")
            .Needs(Access.SeeTracked)
            .OpensToAttempts();
        jobs.MapPost(
                "/{id:long}/mlflowRun",
                (long id, Input<MlflowRunInput> input, Caller caller, RunService service, CancellationToken c) =>
                    service.SetMlflowRunAsync(caller, null, id, input.Value.MlflowRunId, c)
            )
            .WithSummary("Set the id of its run, once")
            .Needs(Access.Track)
            .OpensToAttempts();
        jobs.MapGet(
                "/{id:long}/metrics",
                (long id, Caller caller, MetricService service, CancellationToken c) => service.LastAsync(caller, id, c)
            )
            .WithSummary("The last value of each metric")
            .OpensToAttempts();
        jobs.MapPost(
                "/{id:long}/metrics",
                (long id, Input<MetricInput> input, Caller caller, MetricService service, CancellationToken c) =>
                    service.AddAsync(caller, id, input, c)
            )
            .WithSummary("Add a point to a metric")
            .Needs(Access.Track)
            .OpensToAttempts();
        jobs.MapGet(
                "/{id:long}/metrics/{name}/snapshots",
                (long id, string name, Listing listing, Caller caller, MetricService service, CancellationToken c) =>
                    service.HistoryAsync(caller, id, Slashes(name), listing, c)
            )
            .WithSummary("The points of a metric by step")
            .OpensToAttempts();
        // Names such as system/cpu come with their slashes as they are from clients that do not escape them.
        jobs.MapGet(
                "/{id:long}/metrics/{**path}",
                (long id, string path, Listing listing, Caller caller, MetricService service, CancellationToken c) =>
                    path.EndsWith(Snapshots, StringComparison.Ordinal)
                        ? service.HistoryAsync(caller, id, path[..^Snapshots.Length], listing, c)
                        : throw new NotFoundException("metric", ("name", path))
            )
            .ExcludeFromDescription()
            .OpensToAttempts();
        jobs.MapGet(
                "/{id:long}/log",
                (
                    long id,
                    Listing listing,
                    string[]? severity,
                    Caller caller,
                    LogService service,
                    CancellationToken c
                ) => service.PageAsync(caller, id, listing, severity ?? [], c)
            )
            .WithSummary("Its log as records")
            .OpensToAttempts();
        jobs.MapPost(
                "/{id:long}/log",
                (long id, Input<LogInput> input, Caller caller, LogService service, CancellationToken c) =>
                    service.AddAsync(caller, id, input, c)
            )
            .WithSummary("Add records to its log")
            .Needs(Access.Track)
            .OpensToAttempts();
    }

    private static void MapData(RouteGroupBuilder jobs)
    {
        jobs.MapGet(
                "/{id:long}/lines",
                (
                    long id,
                    long? after,
                    int? limit,
                    string? step,
                    string? search,
                    Caller caller,
                    LogService service,
                    CancellationToken c
                ) => service.LinesAsync(caller, id, after ?? 0, limit ?? 2000, step, search, c)
            )
            .WithSummary("Lines of its log after a number")
            .OpensToAttempts();
        jobs.MapGet(
                "/{id:long}/charts",
                (long id, Caller caller, MetricService service, CancellationToken c) =>
                    service.ChartsAsync(caller, id, c)
            )
            .WithSummary("Its series, without their points")
            .OpensToAttempts();
        jobs.MapGet(
                "/{id:long}/series",
                (long id, string name, int? points, Caller caller, MetricService service, CancellationToken c) =>
                    service.SeriesAsync(caller, id, name, points ?? 2000, c)
            )
            .WithSummary("The points of a series, thinned for a chart")
            .OpensToAttempts();
        jobs.MapGet(
                "/{id:long}/steps",
                (long id, Caller caller, RunService service, CancellationToken c) => service.StepsAsync(caller, id, c)
            )
            .WithSummary("The steps of its graph and how far each is")
            .OpensToAttempts();
        jobs.MapGet(
                "/{id:long}/results",
                (long id, Caller caller, RunService service, CancellationToken c) => service.ResultsAsync(caller, id, c)
            )
            .WithSummary("Last values that user code reported")
            .OpensToAttempts();
    }

    private static void MapExperimentJobs(RouteGroupBuilder within)
    {
        within
            .MapGet(
                "/jobs",
                (long experiment, Listing listing, Caller caller, JobService service, CancellationToken c) =>
                    service.ListAsync(caller, experiment, listing, c)
            )
            .WithSummary("List the jobs of an experiment");
        within
            .MapPost(
                "/jobs",
                (
                    long experiment,
                    Input<JobInput> input,
                    HttpRequest request,
                    Caller caller,
                    JobSubmitService service,
                    CancellationToken c
                ) =>
                    service.SubmitAsync(
                        caller,
                        experiment,
                        input,
                        request.Headers.TryGetValue("Idempotency-Key", out var key) ? key.ToString() : null,
                        c
                    )
            )
            .WithSummary("Submit a job");
        within
            .MapGet(
                "/jobs/{id:long}",
                (long experiment, long id, Caller caller, JobService service, CancellationToken c) =>
                    service.GetAsync(caller, experiment, id, c)
            )
            .WithSummary("Get a job of an experiment")
            .OpensToAttempts();
        within
            .MapDelete(
                "/jobs/{id:long}",
                (long experiment, long id, Caller caller, JobService service, CancellationToken c) =>
                    service.DeleteAsync(caller, experiment, id, c)
            )
            .WithSummary("Delete a job of an experiment");
        within
            .MapGet(
                "/jobs/{id:long}/status",
                (long experiment, long id, Caller caller, JobService service, CancellationToken c) =>
                    service.StatusAsync(caller, experiment, id, c)
            )
            .WithSummary("Its status in Dioptra's words")
            .OpensToAttempts();
        within
            .MapPut(
                "/jobs/{id:long}/status",
                (
                    long experiment,
                    long id,
                    Input<StatusInput> input,
                    Caller caller,
                    JobService service,
                    CancellationToken c
                ) => service.SetStatusAsync(caller, experiment, id, input.Value.Status, c)
            )
            .WithSummary("Change its status, while no worker owns it");
        within
            .MapGet(
                "/jobs/{id:long}/mlflowRun",
                (long experiment, long id, Caller caller, RunService service, CancellationToken c) =>
                    service.MlflowRunAsync(caller, experiment, id, c)
            )
            .WithSummary("The id of its run")
            .Needs(Access.SeeTracked)
            .OpensToAttempts();
        within
            .MapPost(
                "/jobs/{id:long}/mlflowRun",
                (
                    long experiment,
                    long id,
                    Input<MlflowRunInput> input,
                    Caller caller,
                    RunService service,
                    CancellationToken c
                ) => service.SetMlflowRunAsync(caller, experiment, id, input.Value.MlflowRunId, c)
            )
            .WithSummary("Set the id of its run, once")
            .Needs(Access.Track)
            .OpensToAttempts();
        within
            .MapGet(
                "/metrics",
                (long experiment, Listing listing, Caller caller, MetricService service, CancellationToken c) =>
                    service.OfExperimentAsync(caller, experiment, listing, c)
            )
            .WithSummary("The last metrics of each job");
    }

    /// <summary>The one character that the server leaves escaped in a part of a path.</summary>
    private static string Slashes(string part) => part.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
