using Alidade.Server.Artifacts;
using Alidade.Server.Live;
using Alidade.Server.Logs;
using Alidade.Server.Metrics;
using Alidade.Server.Runs;
using Alidade.Server.Workers;
using Alidade.Server.Workers.Events;

namespace Alidade.Server.Jobs;

/// <summary>Everything about running jobs, named once: jobs, workers, runs, metrics, logs, artifacts, live hints.</summary>
public static class JobFeatures
{
    public static void AddJobFeatures(this IServiceCollection services)
    {
        services.AddSingleton<LiveHub>();
        services.AddSingleton<LiveTopics>();
        services.AddSingleton<ClaimWaiters>();
        services.AddSingleton<JobSignals>();
        services.AddSingleton<WaitingReasons>();
        services.AddSingleton<JobViews>();
        services.AddSingleton<JobService>();
        services.AddSingleton<JobSubmitService>();
        services.AddSingleton<JobParameters>();
        services.AddSingleton<RunService>();
        services.AddSingleton<MetricService>();
        services.AddSingleton<LogService>();
        services.AddSingleton<ArtifactRecorder>();
        services.AddSingleton<ArtifactService>();
        services.AddSingleton<ArtifactContents>();
        services.AddSingleton<EventEffects>();
        services.AddSingleton<EventIngest>();
        services.AddSingleton<WorkerService>();
        services.AddSingleton<WorkerTokenService>();
        services.AddSingleton<WorkerList>();
        services.AddHostedService<ReaperLoop>();
    }

    public static void MapJobFeatures(this IEndpointRouteBuilder api)
    {
        api.MapJobApi();
        api.MapArtifactApi();
        api.MapLiveApi();
        api.MapWorkerApi();
        api.MapWorkerTokenApi();
    }
}
