using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>Runs and what is recorded on them. Writing the same again changes nothing.</summary>
public static class RunStore
{
    public static RunRow? Find(ISession read, string run) =>
        read.First<RunRow>("SELECT * FROM run WHERE id = @Run", new { Run = run });

    public static void SetParameter(ITransaction tx, string run, string name, string value) =>
        Set(tx, "run_parameter", run, name, value);

    public static void SetTag(ITransaction tx, string run, string name, string value) =>
        Set(tx, "run_tag", run, name, value);

    public static IReadOnlyList<NamedValue> Parameters(ISession read, params string[] runs) =>
        Values(read, "run_parameter", runs);

    public static IReadOnlyList<NamedValue> Tags(ISession read, params string[] runs) => Values(read, "run_tag", runs);

    public static IReadOnlyList<NamedValue> Results(ISession read, params string[] runs) =>
        Values(read, "run_result", runs);

    /// <param name="value">JSON.</param>
    public static void SetResult(ITransaction tx, string run, string name, string value) =>
        tx.Execute(
            """
            INSERT INTO run_result (run, name, value, at) VALUES (@Run, @Name, @Value, @Now)
            ON CONFLICT (run, name) DO UPDATE SET value = excluded.value, at = excluded.at
            """,
            new
            {
                Run = run,
                Name = name,
                Value = value,
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
            INSERT INTO run_artifact (run, path, folder, size, content, media_type, attempt, event, resource, at)
            VALUES (@Run, @Path, @Folder, @Size, @Content, @MediaType, @Attempt, @Event, @Resource, @At)
            ON CONFLICT (run, path) DO UPDATE SET folder = excluded.folder, size = excluded.size, content = excluded.content,
                media_type = excluded.media_type, attempt = excluded.attempt, event = excluded.event,
                resource = COALESCE(excluded.resource, run_artifact.resource), at = excluded.at
            """,
            artifact
        );

    public static RunArtifact? Artifact(ISession read, string run, string path) =>
        read.First<RunArtifact>(
            "SELECT * FROM run_artifact WHERE run = @Run AND path = @Path",
            new { Run = run, Path = path }
        );

    public static RunArtifact? ArtifactOf(ISession read, long resource) =>
        read.First<RunArtifact>("SELECT * FROM run_artifact WHERE resource = @Resource", new { Resource = resource });

    /// <summary>The id that a client gave for the job's run, or null.</summary>
    public static string? Alias(ISession read, long job) =>
        read.First<string>("SELECT alias FROM run_alias WHERE job = @Job", new { Job = job });

    /// <summary>False when the job has one already.</summary>
    public static bool SetAlias(ITransaction tx, long job, string alias) =>
        tx.Execute(
            "INSERT INTO run_alias (job, alias) VALUES (@Job, @Alias) ON CONFLICT (job) DO NOTHING",
            new { Job = job, Alias = alias }
        ) == 1;

    public static void DropAlias(ITransaction tx, long job) =>
        tx.Execute("DELETE FROM run_alias WHERE job = @Job", new { Job = job });

    /// <summary>How far core has applied the events of an attempt.</summary>
    public static long Applied(ISession read, long attempt) =>
        read.First<long>("SELECT applied FROM attempt_cursor WHERE attempt = @Attempt", new { Attempt = attempt });

    public static void SetApplied(ITransaction tx, long attempt, long applied) =>
        tx.Execute(
            """
            INSERT INTO attempt_cursor (attempt, applied) VALUES (@Attempt, @Applied)
            ON CONFLICT (attempt) DO UPDATE SET applied = excluded.applied
            WHERE excluded.applied > attempt_cursor.applied
            """,
            new { Attempt = attempt, Applied = applied }
        );

    private static void Set(ITransaction tx, string table, string run, string name, string value) =>
        tx.Execute(
            $"""
            INSERT INTO {table} (run, name, value) VALUES (@Run, @Name, @Value)
            ON CONFLICT (run, name) DO UPDATE SET value = excluded.value
            """,
            new
            {
                Run = run,
                Name = name,
                Value = value,
            }
        );

    private static IReadOnlyList<NamedValue> Values(ISession read, string table, string[] runs) =>
        read.Query<NamedValue>(
            $"SELECT run, name, value FROM {table} WHERE run = ANY(@Runs) ORDER BY run, name",
            new { Runs = runs }
        );
}
