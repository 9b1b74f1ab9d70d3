using Alidade.Server.Artifacts;
using Alidade.Server.Jobs.Policies;
using Alidade.Server.Live;
using Alidade.Server.Logs;
using Alidade.Server.Metrics;
using Alidade.Server.Records;
using Alidade.Server.Runs;
using Alidade.Server.Runs.Tables;
using Alidade.Server.Uploads;
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
        services.AddSingleton<LiveStream>();
        services.AddSingleton<ClaimWaiters>();
        services.AddSingleton<JobSignals>();
        services.AddSingleton<WaitingReasons>();
        services.AddSingleton<JobViews>();
        services.AddSingleton<JobService>();
        services.AddSingleton<SubmittedEntrypoints>();
        services.AddSingleton<JobSubmitService>();
        services.AddSingleton<JobParameters>();
        services.AddSingleton<PolicyService>();
        services.AddSingleton<QueuePauses>();
        services.AddSingleton<SettleNudge>();
        services.AddSingleton<RunService>();
        services.AddSingleton<TrackedRunService>();
        services.AddSingleton<RunTables>();
        services.AddSingleton<RunGroups>();
        services.AddSingleton<RunExport>();
        services.AddSingleton<RunWriter>();
        services.AddSingleton<RunSignals>();
        services.AddSingleton<UploadService>();
        services.AddSingleton<RunUploadService>();
        services.AddSingleton<MetricService>();
        services.AddSingleton<MetricIntake>();
        services.AddSingleton<RunMetrics>();
        services.AddSingleton<SeriesService>();
        services.AddHostedService<CompactionLoop>();
        services.AddSingleton<LogService>();
        services.AddSingleton<ArtifactRecorder>();
        services.AddSingleton<ArtifactService>();
        services.AddSingleton<ArtifactContents>();
        services.AddSingleton<EventEffects>();
        services.AddSingleton<EventIngest>();
        services.AddSingleton<QueueCache>();
        services.AddSingleton<WorkerService>();
        services.AddSingleton<WorkerTokenService>();
        services.AddSingleton<WorkerList>();
        services.AddSingleton<WorkerDrains>();
        services.AddSingleton<CapacityService>();
        services.AddHostedService<CapacityLoop>();
        services.AddSingleton<PoolService>();
        services.AddSingleton<RecordIntake>();
        services.AddSingleton<RecordService>();
        services.AddHostedService<ReaperLoop>();
        services.AddHostedService<SettleLoop>();
    }

    public static void MapJobFeatures(this IEndpointRouteBuilder api)
    {
        api.MapJobApi();
        api.MapRunApi();
        api.MapRunWritingApi();
        api.MapUploadApi();
        api.MapArtifactApi();
        api.MapSeriesApi();
        api.MapLiveApi();
        api.MapRecordApi();
        api.MapWorkerApi();
        api.MapWorkerTokenApi();
        api.MapPolicyApi();
    }
}
