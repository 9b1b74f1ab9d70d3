namespace Alidade.Storage.Runs;

/// <summary>The members of a run, alias <c>r</c>, that searches and orders may name, as SQL.</summary>
internal static class RunColumns
{
    private static readonly Dictionary<string, string> Expressions = new(StringComparer.Ordinal)
    {
        ["run_id"] = "r.id",
        ["run_name"] =
            "COALESCE(r.name, CASE WHEN r.job IS NOT NULL THEN 'job-' || CAST(r.job AS TEXT) ELSE SUBSTR(r.id, 1, 8) END)",
        ["status"] = "r.status",
        ["user_id"] = "COALESCE(r.claimed_user, '')",
        ["artifact_uri"] =
            "COALESCE(r.artifact_root, 'mlflow-artifacts:/' || r.group_id || '/' || r.id || '/artifacts')",
        ["start_time"] = "r.started / 1000",
        ["end_time"] = "r.ended / 1000",
        // What tracking clients do not know.
        ["name"] =
            "COALESCE(NULLIF(r.name, ''), CASE WHEN r.own = 1 THEN (SELECT COALESCE(NULLIF(d.description, ''), e.name) "
            + "FROM job j JOIN job_detail d ON d.job = j.id JOIN resource e ON e.id = j.entrypoint WHERE j.id = r.job) END, "
            + "SUBSTR(r.id, 1, 8))",
        ["state"] =
            "CASE WHEN r.own = 1 THEN (SELECT j.state FROM job j WHERE j.id = r.job) "
            + "WHEN r.status = 'KILLED' THEN 'cancelled' ELSE LOWER(r.status) END",
        ["kind"] = "CASE WHEN r.own = 1 THEN 'job' ELSE 'run' END",
        ["job"] = "r.job",
        ["parent"] = "r.parent",
        ["user"] =
            "COALESCE(NULLIF(r.claimed_user, ''), (SELECT u.username FROM user_account u WHERE u.id = r.user_id))",
        ["entrypoint"] =
            "CASE WHEN r.own = 1 THEN (SELECT e.name FROM job j JOIN resource e ON e.id = j.entrypoint WHERE j.id = r.job) END",
        ["queue"] =
            "CASE WHEN r.own = 1 THEN (SELECT q.name FROM job j JOIN resource q ON q.id = j.queue WHERE j.id = r.job) END",
        ["created"] = "r.created",
        ["started"] = "r.started",
        ["ended"] = "r.ended",
        ["duration"] = "(r.ended - r.started)",
    };

    private static readonly string[] Numbers =
    [
        "start_time",
        "end_time",
        "job",
        "created",
        "started",
        "ended",
        "duration",
    ];

    public static string Sql(string key) =>
        Expressions.TryGetValue(key, out var sql)
            ? sql
            : throw new ArgumentOutOfRangeException(nameof(key), key, "Runs have no such attribute.");

    public static bool IsNumber(string key) => Numbers.Contains(key);
}
