using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>A model as a client logs it. Its parameters, tags, files and series are kept under its id, as a run's are.</summary>
public sealed record LoggedModelRow
{
    public string Id { get; init; } = "";
    public long Experiment { get; init; }
    public long GroupId { get; init; }
    public long UserId { get; init; }
    public string Name { get; init; } = "";
    public string ModelType { get; init; } = "";

    /// <summary>The run that made it.</summary>
    public string? Run { get; init; }
    public string Status { get; init; } = "";
    public string? ArtifactRoot { get; init; }
    public long Created { get; init; }
    public long Modified { get; init; }
    public long? Deleted { get; init; }
}

public static class LoggedModels
{
    public static LoggedModelRow? Find(ISession read, string id) =>
        read.First<LoggedModelRow>("SELECT * FROM logged_model WHERE id = @Id AND deleted IS NULL", new { Id = id });

    public static void Insert(ITransaction tx, LoggedModelRow model) =>
        tx.Execute(
            """
            INSERT INTO logged_model (id, experiment, group_id, user_id, name, model_type, run, status, artifact_root,
                created, modified)
            VALUES (@Id, @Experiment, @GroupId, @UserId, @Name, @ModelType, @Run, @Status, @ArtifactRoot, @Created, @Modified)
            """,
            model
        );

    public static void SetStatus(ITransaction tx, string id, string status) =>
        tx.Execute(
            "UPDATE logged_model SET status = @Status, modified = @Now WHERE id = @Id",
            new
            {
                Id = id,
                Status = status,
                tx.Now,
            }
        );

    public static void Delete(ITransaction tx, string id) =>
        tx.Execute("UPDATE logged_model SET deleted = @Now WHERE id = @Id", new { Id = id, tx.Now });

    /// <summary>A search over models that are not deleted.</summary>
    public static LoggedModelQuery Search(ISession read, long[] experiments, long[] groups) =>
        new(read, experiments, groups);
}

/// <summary>A search over logged models as one statement.</summary>
public sealed class LoggedModelQuery
{
    private readonly ISession _read;
    private readonly Keyset _order = new();

    internal LoggedModelQuery(ISession read, long[] experiments, long[] groups)
    {
        _read = read;
        Where = new Conditions(read.Dialect);
        Where.Add($"m.deleted IS NULL AND m.experiment = ANY({Where.Parameter(experiments)})");
        Where.Add($"m.group_id = ANY({Where.Parameter(groups)})");
    }

    public Conditions Where { get; }

    /// <param name="column">A column of the model, beside name, type and status also its times.</param>
    public void OrderBy(string column, bool descending) =>
        _order.By($"COALESCE(m.{column}, {(IsTime(column) ? "0" : "''")})", descending, isText: !IsTime(column));

    /// <summary>By the last value of a metric of the model; models without one come last.</summary>
    /// <param name="dataset">Only what was measured on it; null for any.</param>
    /// <param name="digest">Of the dataset; null for any.</param>
    public void OrderByMetric(string name, string? dataset, string? digest, bool descending)
    {
        var last =
            dataset is null && digest is null
                ? $"(SELECT s.last FROM series s WHERE s.run = m.id AND s.name = {Where.Parameter(name)})"
                : $"(SELECT v.value FROM model_metric v WHERE v.model = m.id AND v.name = {Where.Parameter(name)}"
                    + $"{Only("dataset", dataset)}{Only("digest", digest)}"
                    + " ORDER BY v.time DESC, v.step DESC, v.value DESC LIMIT 1)";
        _order.By($"CASE WHEN {last} IS NULL THEN 1 ELSE 0 END");
        _order.By($"COALESCE({last}, 0)", descending);
        _order.About += $"{name}\n{dataset}\n{digest}\n";
    }

    /// <summary>What was asked for, in its order.</summary>
    public KeyedList List() =>
        new(
            _read,
            Where,
            _order.By("m.created", descending: true).By(Where.ByCodePoint("m.id"), isText: true),
            "logged_model m",
            "m"
        );

    private string Only(string column, string? value) =>
        value is null ? "" : $" AND v.{column} = {Where.Parameter(value)}";

    private static bool IsTime(string column) => column is "created" or "modified";
}
