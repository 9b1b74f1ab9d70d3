using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>Runs and what is recorded on them. Writing the same again changes nothing.</summary>
public static class RunStore
{
    private const string WithJob =
        "SELECT r.*, (SELECT j.deleted FROM job j WHERE j.id = r.job) AS job_deleted FROM run r";

    public static RunRow? Find(ISession read, string run) =>
        read.First<RunRow>($"{WithJob} WHERE r.id = @Run", new { Run = run });

    /// <summary>Those of these runs that are there, in the order of the ids.</summary>
    public static IReadOnlyList<RunRow> FindMany(ISession read, IReadOnlyList<string> ids)
    {
        var rows = read.Query<RunRow>($"{WithJob} WHERE r.id = ANY(@Ids)", new { Ids = ids.ToArray() })
            .ToDictionary(r => r.Id);
        return [.. ids.Where(rows.ContainsKey).Select(id => rows[id])];
    }

    public static void Insert(ITransaction tx, RunRow run) =>
        tx.Execute(
            """
            INSERT INTO run (id, job, experiment, group_id, user_id, name, status, created, started, ended, parent,
                claimed_user, artifact_root)
            VALUES (@Id, @Job, @Experiment, @GroupId, @UserId, @Name, @Status, @Created, @Started, @Ended, @Parent,
                @ClaimedUser, @ArtifactRoot)
            """,
            run
        );

    /// <summary>
    /// Writes what a client may change: name, parent, job, and how it stands only where that is new: the end of its job may
    /// have ended it meanwhile.
    /// </summary>
    public static void Update(ITransaction tx, RunRow was, RunRow now)
    {
        tx.Execute("UPDATE run SET name = @Name, parent = @Parent, job = @Job WHERE id = @Id", now);
        if ((was.Status, was.Ended) != (now.Status, now.Ended))
        {
            tx.Execute("UPDATE run SET status = @Status, ended = @Ended WHERE id = @Id", now);
        }
    }

    public static void SetDeleted(ITransaction tx, string run, bool deleted) =>
        tx.Execute(
            deleted
                ? "UPDATE run SET deleted = @Now WHERE id = @Run AND deleted IS NULL"
                : "UPDATE run SET deleted = NULL WHERE id = @Run AND purged IS NULL",
            new { Run = run, tx.Now }
        );

    /// <summary>Deletes the stand-alone runs of an experiment that is being deleted.</summary>
    public static void DeleteOf(ITransaction tx, long experiment) =>
        tx.Execute(
            "UPDATE run SET deleted = @Now WHERE experiment = @Experiment AND job IS NULL AND deleted IS NULL",
            new { Experiment = experiment, tx.Now }
        );

    /// <summary>Brings back the runs that were deleted together with their experiment, at that moment.</summary>
    public static void RestoreOf(ITransaction tx, long experiment, long deleted) =>
        tx.Execute(
            "UPDATE run SET deleted = NULL WHERE experiment = @Experiment AND deleted = @Deleted AND purged IS NULL",
            new { Experiment = experiment, Deleted = deleted }
        );

    /// <summary>False when the run has no such tag.</summary>
    public static bool DeleteTag(ITransaction tx, string run, string name) =>
        tx.Execute("DELETE FROM run_tag WHERE run = @Run AND name = @Name", new { Run = run, Name = name }) == 1;

    public static void SetParameter(ITransaction tx, string run, string name, string value) =>
        WriteParameter(
            tx,
            """
            INSERT INTO run_parameter (run, name, value, number, given) VALUES (@Run, @Name, @Value, @Number, 0)
            ON CONFLICT (run, name) DO UPDATE SET value = excluded.value, number = excluded.number, given = 0
            """,
            run,
            name,
            value
        );

    /// <summary>What a job was submitted with; its script may log the same names with values of its own.</summary>
    public static void SetGiven(ITransaction tx, string run, IReadOnlyDictionary<string, string?> values)
    {
        foreach (var (name, value) in values)
        {
            if (value is not null)
            {
                WriteParameter(
                    tx,
                    """
                    INSERT INTO run_parameter (run, name, value, number, given) VALUES (@Run, @Name, @Value, @Number, 1)
                    ON CONFLICT (run, name) DO NOTHING
                    """,
                    run,
                    name,
                    value
                );
            }
        }
    }

    public static void DeleteParameter(ITransaction tx, string run, string name)
    {
        ParameterText.Remove(tx, run, name);
        tx.Execute("DELETE FROM run_parameter WHERE run = @Run AND name = @Name", new { Run = run, Name = name });
    }

    /// <summary>A parameter that was logged; what the job was given may still be said in other words.</summary>
    public static string? Logged(ISession read, string run, string name) =>
        read.First<string>(
            "SELECT value FROM run_parameter WHERE run = @Run AND name = @Name AND given = 0",
            new { Run = run, Name = name }
        );

    public static IReadOnlyList<NamedValue> Logged(ISession read, string run) =>
        read.Query<NamedValue>(
            "SELECT run, name, value FROM run_parameter WHERE run = @Run AND given = 0",
            new { Run = run }
        );

    public static string? Tag(ISession read, string run, string name) =>
        read.First<string>(
            "SELECT value FROM run_tag WHERE run = @Run AND name = @Name",
            new { Run = run, Name = name }
        );

    public static void SetTag(ITransaction tx, string run, string name, string value) =>
        tx.Execute(
            """
            INSERT INTO run_tag (run, name, value) VALUES (@Run, @Name, @Value)
            ON CONFLICT (run, name) DO UPDATE SET value = excluded.value
            """,
            new
            {
                Run = run,
                Name = name,
                Value = value,
            }
        );

    public static IReadOnlyList<NamedValue> Parameters(ISession read, params string[] runs) =>
        Values(read, "run_parameter", runs);

    public static IReadOnlyList<NamedValue> Tags(ISession read, params string[] runs) => Values(read, "run_tag", runs);

    public static IReadOnlyList<NamedValue> Results(ISession read, params string[] runs) =>
        Values(read, "run_result", runs);

    /// <param name="value">JSON.</param>
    public static void SetResult(ITransaction tx, string run, string name, string value) =>
        tx.Execute(
            """
            INSERT INTO run_result (run, name, value, number, at) VALUES (@Run, @Name, @Value, @Number, @Now)
            ON CONFLICT (run, name) DO UPDATE SET value = excluded.value, number = excluded.number, at = excluded.at
            """,
            new
            {
                Run = run,
                Name = name,
                Value = value,
                Number = RunNumbers.Of(value),
                tx.Now,
            }
        );

    /// <summary>A step begins or ends at <paramref name="at"/>.</summary>
    public static void SetStep(ITransaction tx, string run, string name, string state, long at, string? error) =>
        tx.Execute(
            """
            INSERT INTO run_step (run, name, state, started, ended, error) VALUES (@Run, @Name, @State, @At, @Ended, @Error)
            ON CONFLICT (run, name) DO UPDATE SET state = excluded.state, ended = excluded.ended, error = excluded.error,
                started = CASE WHEN excluded.state = 'running' THEN excluded.started ELSE run_step.started END
            """,
            new
            {
                Run = run,
                Name = name,
                State = state,
                At = at,
                Ended = state == "running" ? (long?)null : at,
                Error = error,
            }
        );

    /// <summary>A new attempt begins: what an earlier one said about steps no longer holds.</summary>
    public static void ClearSteps(ITransaction tx, string run) =>
        tx.Execute("DELETE FROM run_step WHERE run = @Run", new { Run = run });

    public static IReadOnlyList<StepRow> Steps(ISession read, string run) =>
        read.Query<StepRow>(
            "SELECT name, state, started, ended, error FROM run_step WHERE run = @Run ORDER BY started, name",
            new { Run = run }
        );

    public static void SetArtifact(ITransaction tx, RunArtifact artifact) =>
        tx.Execute(
            """
            INSERT INTO run_artifact (run, path, folder, size, content, digest, media_type, attempt, event, resource, at)
            VALUES (@Run, @Path, @Folder, @Size, @Content, @Digest, @MediaType, @Attempt, @Event, @Resource, @At)
            ON CONFLICT (run, path) DO UPDATE SET folder = excluded.folder, size = excluded.size, content = excluded.content,
                digest = excluded.digest, media_type = excluded.media_type, attempt = excluded.attempt, event = excluded.event,
                resource = COALESCE(excluded.resource, run_artifact.resource), at = excluded.at
            """,
            artifact
        );

    /// <summary>Until the end of the transaction nobody else looks for a place among the files of the run.</summary>
    public static void LockArtifacts(ITransaction tx, string run)
    {
        if (tx.Dialect == Dialect.Postgres)
        {
            tx.Ask<string>("SELECT CAST(pg_advisory_xact_lock(hashtext('files ' || @Run)) AS TEXT)", new { Run = run });
        }
    }

    /// <summary>Whether the run has something below this path, or a folder that was recorded whole.</summary>
    public static bool HasFolder(ISession read, string run, string path)
    {
        // What is below a path stands together, since paths are sorted by their bytes. ('0' follows '/'.)
        const string sql = """
            SELECT 1 FROM run_artifact WHERE run = @Run AND (
                (path = @Path AND folder = 1) OR (path > @Path || '/' AND path < @Path || '0')
            ) LIMIT 1
            """;
        return read.First<long?>(sql, new { Run = run, Path = path }) is not null;
    }

    /// <summary>The file that stands where the path has a folder.</summary>
    public static string? FileAbove(ISession read, string run, string path)
    {
        var above = path.Split('/').SkipLast(1).ToList();
        return above.Count == 0
            ? null
            : read.First<string>(
                "SELECT path FROM run_artifact WHERE run = @Run AND folder = 0 AND path = ANY(@Above)",
                new
                {
                    Run = run,
                    Above = Enumerable.Range(1, above.Count).Select(n => string.Join('/', above.Take(n))).ToArray(),
                }
            );
    }

    /// <summary>Takes away what stands at or below a path.</summary>
    public static void DeleteArtifacts(ITransaction tx, string run, string path) =>
        tx.Execute(
            "DELETE FROM run_artifact WHERE run = @Run AND (path = @Path OR SUBSTR(path, 1, LENGTH(@Path) + 1) = @Path || '/')",
            new { Run = run, Path = path }
        );

    public static RunArtifact? Artifact(ISession read, string run, string path) =>
        read.First<RunArtifact>(
            "SELECT * FROM run_artifact WHERE run = @Run AND path = @Path",
            new { Run = run, Path = path }
        );

    /// <summary>Remembers the artifact resource of what the run has under exactly this path, if anything.</summary>
    public static void LinkArtifact(ITransaction tx, string run, string path, long resource) =>
        tx.Execute(
            "UPDATE run_artifact SET resource = @Resource WHERE run = @Run AND path = @Path",
            new
            {
                Run = run,
                Path = path,
                Resource = resource,
            }
        );

    /// <summary>The id that a client gave for the job's run, or null.</summary>
    public static string? Alias(ISession read, long job) =>
        read.First<string>("SELECT alias FROM run_alias WHERE job = @Job", new { Job = job });

    /// <summary>The job that a client gave this id for, or null.</summary>
    public static long? JobOfAlias(ISession read, string alias) =>
        read.First<long?>("SELECT job FROM run_alias WHERE alias = @Alias ORDER BY job LIMIT 1", new { Alias = alias });

    /// <summary>False when the job has one already.</summary>
    public static bool SetAlias(ITransaction tx, long job, string alias) =>
        tx.Execute(
            "INSERT INTO run_alias (job, alias) VALUES (@Job, @Alias) ON CONFLICT (job) DO NOTHING",
            new { Job = job, Alias = alias }
        ) == 1;

    public static void DropAlias(ITransaction tx, long job) =>
        tx.Execute("DELETE FROM run_alias WHERE job = @Job", new { Job = job });

    /// <summary>How many rows a run takes here, every version of its artifacts among them.</summary>
    public static long Rows(ISession read, string run) =>
        read.Scalar<long>(
            """
            SELECT (SELECT COUNT(*) FROM run_result WHERE run = @Run) + (SELECT COUNT(*) FROM run_parameter WHERE run = @Run)
                + (SELECT COUNT(*) FROM run_tag WHERE run = @Run) + (SELECT COUNT(*) FROM run_step WHERE run = @Run)
                + (SELECT COUNT(*) FROM run_artifact a JOIN snapshot s ON s.resource_id = a.resource WHERE a.run = @Run)
            """,
            new { Run = run }
        );

    private static void WriteParameter(ITransaction tx, string sql, string run, string name, string value)
    {
        ParameterText.Remove(tx, run, name);
        tx.Execute(
            sql,
            new
            {
                Run = run,
                Name = name,
                Value = value,
                Number = RunNumbers.Of(value),
            }
        );
        ParameterText.Add(tx, run, name);
    }

    private static IReadOnlyList<NamedValue> Values(ISession read, string table, string[] runs) =>
        read.Query<NamedValue>(
            $"SELECT run, name, value FROM {table} WHERE run = ANY(@Runs) ORDER BY run, name",
            new { Runs = runs }
        );
}
