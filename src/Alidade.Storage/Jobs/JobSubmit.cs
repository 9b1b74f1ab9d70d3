using Alidade.Engine.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Storage.Jobs;

/// <summary>Everything a new job consists of; the caller has checked it.</summary>
public sealed record NewJob
{
    /// <summary>Given when the job is already known as a resource.</summary>
    public long? Id { get; init; }

    /// <summary>Id of its first event, given with <see cref="Id"/>.</summary>
    public long? Head { get; init; }
    public required long GroupId { get; init; }
    public required long UserId { get; init; }
    public required long Experiment { get; init; }
    public required long Entrypoint { get; init; }
    public required long Queue { get; init; }
    public required JobDetail Detail { get; init; }
    public JobLimits Limits { get; init; } = JobLimits.Default;
    public Shape Shape { get; init; } = Shape.Any;
    public int Priority { get; init; }

    /// <summary>Microseconds; null is at once.</summary>
    public long? RunAt { get; init; }

    /// <summary>Microseconds; it fails if it has not begun by then.</summary>
    public long? NotAfter { get; init; }

    /// <summary>Jobs it comes after, all different.</summary>
    public IReadOnlyList<long> After { get; init; } = [];
    public AfterPolicy AfterPolicy { get; init; }

    /// <summary>Microseconds.</summary>
    public required long TimeLimit { get; init; }

    /// <summary>Microseconds.</summary>
    public long LostAfter { get; init; } = Timing.LostAfter;

    /// <summary>The client's key and a digest of what it asked for.</summary>
    public (string Key, string Fingerprint)? Idempotency { get; init; }
}

/// <summary>The job a submit led to: new, or the one an earlier submit with the same key made.</summary>
/// <param name="Conflict">The key was used for something else; there is no job.</param>
public sealed record Submitted(JobRow? Job, bool IsNew, bool Conflict);

public static class JobSubmit
{
    public static Submitted Submit(ITransaction tx, NewJob job)
    {
        if (job.Idempotency is { } given && Repeated(tx, job.UserId, given) is { } earlier)
        {
            return earlier;
        }

        var id = job.Id ?? tx.NextId(Sequence.Resource);
        var row = Row(tx, job, id, Dependents.Await(tx, id, job.After, job.AfterPolicy));
        Write(tx, row, job.Detail with { Job = row.Id });
        JobMoves.WriteEvent(tx, row, "user", job.UserId, null);
        tx.Execute(
            """
            INSERT INTO run (id, job, experiment, group_id, user_id, name, status, created, own)
            VALUES (@Run, @Id, @Experiment, @GroupId, @UserId, NULL, 'SCHEDULED', @Now, 1)
            """,
            new
            {
                job.Detail.Run,
                row.Id,
                row.Experiment,
                row.GroupId,
                row.UserId,
                tx.Now,
            }
        );
        RunStore.SetGiven(tx, job.Detail.Run, job.Detail.Given);
        if (job.Idempotency is { } key)
        {
            tx.Execute(
                """
                INSERT INTO idempotency (user_id, idempotency_key, fingerprint, job, at)
                VALUES (@UserId, @Key, @Fingerprint, @Job, @Now)
                """,
                new
                {
                    job.UserId,
                    key.Key,
                    key.Fingerprint,
                    Job = row.Id,
                    tx.Now,
                }
            );
        }

        return new Submitted(row, true, false);
    }

    /// <summary>What an earlier submit with this key led to, or null when there was none.</summary>
    public static Submitted? Repeated(ISession read, long user, (string Key, string Fingerprint) given)
    {
        var found = read.First<Earlier>(
            "SELECT fingerprint, job FROM idempotency WHERE user_id = @User AND idempotency_key = @Key",
            new { User = user, given.Key }
        );
        if (found is null)
        {
            return null;
        }

        return found.Fingerprint == given.Fingerprint
            ? new Submitted(read.First<JobRow>("SELECT * FROM job WHERE id = @Job", new { found.Job }), false, false)
            : new Submitted(null, false, true);
    }

    private static JobRow Row(ITransaction tx, NewJob job, long id, int waits)
    {
        var runAt = Math.Max(job.RunAt ?? tx.Now, tx.Now);
        return new JobRow
        {
            Id = id,
            GroupId = job.GroupId,
            Experiment = job.Experiment,
            Entrypoint = job.Entrypoint,
            Queue = job.Queue,
            Lane = Lanes.Of(tx, job.Queue, job.GroupId, job.Shape),
            UserId = job.UserId,
            State = JobFacts.New(runAt > tx.Now || waits > 0).State.Word(),
            MaxFailures = job.Limits.Failures,
            MaxLosses = job.Limits.Losses,
            Restartable = job.Limits.Restartable ? 1 : 0,
            Priority = job.Priority,
            RunAt = runAt,
            Rank = Waiting.Rank(runAt, job.Priority),
            TimeLimit = job.TimeLimit,
            LostAfter = job.LostAfter,
            Waits = waits,
            NotAfter = job.NotAfter,
            Head = job.Head ?? tx.NextId(Sequence.Snapshot),
            Seq = 1,
            Created = tx.Now,
            Modified = tx.Now,
        };
    }

    private static void Write(ITransaction tx, JobRow row, JobDetail detail)
    {
        tx.Execute(
            """
            INSERT INTO job (id, group_id, experiment, entrypoint, queue, user_id, state, fence, attempts, failures, losses,
                starts, max_failures, max_losses, restartable, priority, run_at, rank, time_limit, lost_after, head, seq,
                created, modified, lane, waits, not_after)
            VALUES (@Id, @GroupId, @Experiment, @Entrypoint, @Queue, @UserId, @State, 0, 0, 0, 0,
                0, @MaxFailures, @MaxLosses, @Restartable, @Priority, @RunAt, @Rank, @TimeLimit, @LostAfter, @Head, @Seq,
                @Created, @Modified, @Lane, @Waits, @NotAfter)
            """,
            row
        );
        tx.Execute(
            """
            INSERT INTO job_detail (job, run, description, timeout, experiment_snapshot, entrypoint_snapshot, queue_snapshot,
                parameter_values, artifact_values, seed, seed_given, plan, plan_digest, plan_error, plugins, inputs,
                data_folders, secrets)
            VALUES (@Job, @Run, @Description, @Timeout, @ExperimentSnapshot, @EntrypointSnapshot, @QueueSnapshot,
                @ParameterValues, @ArtifactValues, @Seed, @SeedGiven, @Plan, @PlanDigest, @PlanError, @Plugins,
                @Inputs, @DataFolders, @Secrets)
            """,
            detail
        );
        foreach (var (parameter, artifact) in detail.ReadArtifacts())
        {
            tx.Execute(
                "INSERT INTO job_input (artifact, job, parameter) VALUES (@artifact, @Job, @parameter)",
                new
                {
                    artifact,
                    detail.Job,
                    parameter,
                }
            );
        }

        tx.Execute(
            """
            INSERT INTO job_count (experiment, total) VALUES (@Experiment, 1)
            ON CONFLICT (experiment) DO UPDATE SET total = job_count.total + 1
            """,
            row
        );
    }

    /// <summary>Takes a job out of all lists.</summary>
    public static void Hide(ITransaction tx, JobRow job)
    {
        var args = new
        {
            tx.Now,
            job.Id,
            job.Experiment,
        };
        if (tx.Execute("UPDATE job SET deleted = @Now WHERE id = @Id AND deleted IS NULL", args) == 1)
        {
            tx.Execute("UPDATE job_count SET total = total - 1 WHERE experiment = @Experiment", args);
        }
    }

    private sealed record Earlier
    {
        public string Fingerprint { get; init; } = "";
        public long Job { get; init; }
    }
}
