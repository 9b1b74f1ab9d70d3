using Alidade.Engine.Jobs;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Jobs;

/// <summary>What users do with jobs that exist.</summary>
public sealed class JobService(Stores stores, JobViews views, JobSignals signals)
{
    public Task<JobView> GetAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => views.One(s, JobReader.Get(s, caller, id)), cancellation);

    public Task<JobView> GetAsync(Caller caller, long experiment, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => views.One(s, JobReader.Get(s, caller, experiment, id)), cancellation);

    public Task<Page<JobView>> ListAsync(Caller caller, Listing listing, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                var page = JobList.Page(s, caller, listing, null);
                return Of(s, "jobs", listing, page);
            },
            cancellation
        );

    public Task<Page<JobView>> ListAsync(
        Caller caller,
        long experiment,
        Listing listing,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync(
            s =>
            {
                Resources.Get(s, ResourceKind.Experiment, caller, experiment);
                var page = JobList.Page(s, caller, listing, experiment);
                return Of(s, $"experiments/{experiment}/jobs", listing, page);
            },
            cancellation
        );

    public Task<Page<JobView>> SnapshotsAsync(
        Caller caller,
        long id,
        Listing listing,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync(
            s =>
            {
                var job = JobReader.Get(s, caller, id);
                var (rows, total) = JobList.Snapshots(s, job, listing);
                return Page.Of($"jobs/{id}/snapshots", listing, total, JobViews.Snapshots(s, job, rows));
            },
            cancellation
        );

    public Task<JobView> SnapshotAsync(Caller caller, long id, long snapshot, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                var job = JobReader.Get(s, caller, id);
                var at =
                    s.First<JobEventRow>(
                        "SELECT * FROM job_event WHERE id = @Snapshot AND job = @Id",
                        new { Snapshot = snapshot, Id = id }
                    ) ?? throw new NotFoundException("job", ("job_id", id), ("job_snapshot_id", snapshot));
                return JobViews.Snapshots(s, job, [at])[0];
            },
            cancellation
        );

    public Task<IReadOnlyList<JobEventView>> HistoryAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync<IReadOnlyList<JobEventView>>(
            s =>
            {
                JobReader.Get(s, caller, id);
                return
                [
                    .. s.Query<HistoryRow>(
                            """
                            SELECT e.id, e.state, e.reason, e.message, e.actor, e.at, u.username, a.number AS attempt_number,
                                w.name AS worker
                            FROM job_event e LEFT JOIN user_account u ON u.id = e.user_id
                                LEFT JOIN attempt a ON a.id = e.attempt LEFT JOIN worker w ON w.id = a.worker
                            WHERE e.job = @Id ORDER BY e.seq
                            """,
                            new { Id = id }
                        )
                        .Select(e => e.View),
                ];
            },
            cancellation
        );

    public Task<JobStatusView> StatusAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => Status(JobReader.Get(s, caller, id)), cancellation);

    public Task<JobStatusView> StatusAsync(Caller caller, long experiment, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => Status(JobReader.Get(s, caller, experiment, id)), cancellation);

    /// <summary>Dioptra's way to change a state: allowed while no worker owns the job.</summary>
    public async Task<JobStatusView> SetStatusAsync(
        Caller caller,
        long experiment,
        long id,
        string request,
        CancellationToken cancellation
    )
    {
        var moved = await stores.Core.WriteAsync(
            tx =>
            {
                var job = JobReader.Get(tx, caller, experiment, id);
                caller.Require(job.GroupId, Role.Contributor);
                if (request == "reset")
                {
                    WaitingLimit.Require(tx, job.GroupId);
                    RunStore.DropAlias(tx, id);
                }

                return
                    DioptraStatus.Event(job.JobState, request) is { } happened
                    && JobMoves.Move(tx, id, new Change(happened, "user", UserId: caller.UserId)) is { } step
                    ? Audited(tx, caller, step, request)
                    : throw Refused(job, request);
            },
            cancellation: cancellation
        );
        signals.Publish(moved);
        return Status(moved.Now);
    }

    /// <summary>Ends a waiting job at once, an owned one as soon as its worker has ended it. Asking again is no error.</summary>
    public async Task<JobView> CancelAsync(Caller caller, long id, CancellationToken cancellation)
    {
        var (moved, view) = await stores.Core.WriteAsync(
            tx =>
            {
                var job = JobReader.GetToChange(tx, caller, id);
                var step = JobMoves.Move(tx, id, new Change(JobEvent.Cancel, "user", UserId: caller.UserId));
                if (step is not null)
                {
                    Audit.Write(tx, caller, "cancel", "job", id);
                }

                return (step, views.One(tx, step?.Now ?? job));
            },
            cancellation: cancellation
        );
        signals.Publish(moved);
        return view;
    }

    /// <summary>
    /// Queues a job that has ended again: the same snapshot and values, further attempts. It waits for no time and no job.
    /// </summary>
    public async Task<JobView> RequeueAsync(Caller caller, long id, CancellationToken cancellation)
    {
        var (moved, view) = await stores.Core.WriteAsync(
            tx =>
            {
                var job = JobReader.GetToChange(tx, caller, id);
                if (!job.JobState.IsTerminal())
                {
                    throw new RefusedException(
                        "JobNotEndedError",
                        $"Job {id} is {job.State}. Only a job that has ended is queued again."
                    );
                }

                WaitingLimit.Require(tx, job.GroupId);
                RunStore.DropAlias(tx, id);
                var step = JobMoves.Move(tx, id, new Change(JobEvent.Requeue, "user", UserId: caller.UserId))!;
                Audit.Write(tx, caller, "requeue", "job", id);
                return (step, views.One(tx, step.Now));
            },
            cancellation: cancellation
        );
        signals.Publish(moved);
        return view;
    }

    /// <summary>Hides the job, and ends it first if it has not ended.</summary>
    public async Task<Deletion> DeleteAsync(Caller caller, long? experiment, long id, CancellationToken cancellation)
    {
        var moved = await stores.Core.WriteAsync(
            tx =>
            {
                var job = experiment is { } e ? JobReader.Get(tx, caller, e, id) : JobReader.Get(tx, caller, id);
                caller.Require(job.GroupId, Role.Contributor);
                var step = JobMoves.Move(tx, id, new Change(JobEvent.Cancel, "user", UserId: caller.UserId));
                JobSubmit.Hide(tx, job);
                Resources.Delete(tx, JobReader.Kind, caller, Resources.Get(tx, JobReader.Kind, caller, id));
                return step;
            },
            cancellation: cancellation
        );
        signals.Publish(moved);
        return Deletion.Of(id);
    }

    private Page<JobView> Of(ISession s, string path, Listing listing, JobPage page) =>
        Page.Of(path, listing, page.Total, views.Of(s, page.Rows)) with
        {
            TotalIsLowerBound = page.IsLowerBound,
        };

    private static JobStatusView Status(JobRow job) => new(job.Id, DioptraStatus.Of(job.JobState));

    private static Moved Audited(ITransaction tx, Caller caller, Moved step, string request)
    {
        Audit.Write(tx, caller, "status", "job", step.Now.Id, request);
        return step;
    }

    private static RefusedException Refused(JobRow job, string request)
    {
        var why = job.Attempt is not null
            ? "a worker owns it; cancel it instead"
            : $"that does not follow {DioptraStatus.Of(job.JobState)}";
        return new RefusedException(
            "JobInvalidStatusTransitionError",
            $"The status of job {job.Id} cannot become {request}: {why}."
        );
    }

    private sealed record HistoryRow
    {
        public long Id { get; init; }
        public string State { get; init; } = "";
        public string? Reason { get; init; }
        public string? Message { get; init; }
        public string Actor { get; init; } = "";
        public string? Username { get; init; }
        public int? AttemptNumber { get; init; }
        public string? Worker { get; init; }
        public long At { get; init; }

        public JobEventView View => new(Id, State, Reason, Message, Actor, Username, AttemptNumber, Worker, At);
    }
}
