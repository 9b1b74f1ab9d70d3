using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>Deletes all of a run that nobody wants back. It can be cut off anywhere and is gone on with.</summary>
public static class RunPurge
{
    private static readonly string[] CoreTables =
    [
        "run_parameter",
        "run_tag",
        "run_result",
        "run_step",
        "run_artifact",
        "run_input",
        "run_model",
    ];
    private static readonly string[] SeriesTables =
    [
        "segment",
        "chunk",
        "series",
        "log_chunk",
        "log_head",
        "log_writer",
    ];

    /// <summary>
    /// SQL: a version of a registered model of its group, not gone for good itself, is made of the files of this run.
    /// </summary>
    /// <param name="run">Alias of its table.</param>
    public static string HasVersion(string run) =>
        Exists(
            $"v.run = {run}.id AND w.group_id = {run}.group_id AND v.logged_model IS NULL "
                + "AND (v.path IS NOT NULL OR v.source LIKE '%' || v.run || '%')"
        );

    private static string Exists(string version) =>
        "EXISTS (SELECT 1 FROM model_version v JOIN resource w ON w.id = v.id "
        + $"WHERE {version} AND v.artifact_id IS NULL AND w.purged IS NULL)";

    /// <summary>From now on it cannot be restored.</summary>
    public static void Mark(ITransaction core, IReadOnlyList<string> runs) =>
        core.Execute(
            "UPDATE run SET purged = @Now WHERE id = ANY(@Runs) AND deleted IS NOT NULL AND purged IS NULL",
            new { core.Now, Runs = runs.ToArray() }
        );

    /// <summary>Runs that were marked and are not gone yet.</summary>
    public static IReadOnlyList<string> Marked(ISession core, int most) =>
        core.Query<string>(
            $"SELECT id FROM run WHERE deleted IS NOT NULL AND purged IS NOT NULL ORDER BY deleted LIMIT {most}"
        );

    /// <summary>First half: what is in the file of series.</summary>
    public static void DeleteSeries(ITransaction series, string run) => DeleteFrom(series, SeriesTables, run);

    /// <summary>Second half: the run itself.</summary>
    public static void DeleteCore(ITransaction core, string run)
    {
        DeleteRecords(core, run);
        core.Execute("DELETE FROM upload WHERE owner = @Run", new { Run = run });
        core.Execute("DELETE FROM run WHERE id = @Run AND purged IS NOT NULL", new { Run = run });
    }

    /// <summary>Models that clients logged and deleted long ago; they keep their files and series as runs do.</summary>
    public static IReadOnlyList<string> ExpiredModels(ISession core, long before, int most) =>
        core.Query<string>(
            $"SELECT id FROM logged_model WHERE deleted < @Before AND NOT {Exists("v.logged_model = logged_model.id")} ORDER BY deleted LIMIT {most}",
            new { Before = before }
        );

    /// <summary>As <see cref="DeleteCore"/>, of a logged model.</summary>
    public static void DeleteModel(ITransaction core, string model)
    {
        DeleteRecords(core, model);
        core.Execute("DELETE FROM upload WHERE owner = @Model", new { Model = model });
        core.Execute("DELETE FROM run_model WHERE model = @Model", new { Model = model });
        core.Execute("DELETE FROM model_metric WHERE model = @Model", new { Model = model });
        core.Execute("DELETE FROM logged_model WHERE id = @Model AND deleted IS NOT NULL", new { Model = model });
    }

    private static void DeleteRecords(ITransaction core, string run)
    {
        ParameterText.Remove(core, run);
        DeleteFrom(core, CoreTables, run);
    }

    private static void DeleteFrom(ITransaction tx, string[] tables, string run)
    {
        foreach (var table in tables)
        {
            tx.Execute($"DELETE FROM {table} WHERE run = @Run", new { Run = run });
        }
    }
}
