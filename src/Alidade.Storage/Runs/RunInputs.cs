using System.Text.Json;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>A dataset as its client describes it.</summary>
public sealed record DatasetRow
{
    public long Id { get; init; }
    public long Experiment { get; init; }
    public string Name { get; init; } = "";
    public string Digest { get; init; } = "";
    public string SourceType { get; init; } = "";
    public string Source { get; init; } = "";

    /// <summary>Its columns, as the client writes them.</summary>
    public string? Fields { get; init; }
    public string? Profile { get; init; }
}

/// <summary>A dataset that a run read.</summary>
public sealed record RunInputRow
{
    public string Run { get; init; } = "";
    public string Name { get; init; } = "";
    public string Digest { get; init; } = "";
    public string SourceType { get; init; } = "";
    public string Source { get; init; } = "";
    public string? Fields { get; init; }
    public string? Profile { get; init; }

    /// <summary>JSON object.</summary>
    public string Tags { get; init; } = "{}";
}

/// <summary>A model that a run read or made.</summary>
public sealed record RunModelRow
{
    public string Run { get; init; } = "";
    public string Role { get; init; } = "";
    public string Model { get; init; } = "";
    public long Step { get; init; }
}

/// <summary>What runs read and made. Writing the same again changes nothing.</summary>
public static class RunInputs
{
    /// <param name="context">The tag that says what the run reads it for.</param>
    public static void Add(
        ITransaction tx,
        string run,
        DatasetRow dataset,
        string? context,
        IReadOnlyDictionary<string, string> tags
    )
    {
        tx.Execute(
            """
            INSERT INTO dataset (experiment, name, digest, source_type, source, fields, profile)
            VALUES (@Experiment, @Name, @Digest, @SourceType, @Source, @Fields, @Profile)
            ON CONFLICT (experiment, name, digest) DO NOTHING
            """,
            dataset
        );
        tx.Execute(
            """
            INSERT INTO run_input (run, dataset, context, tags)
            SELECT @Run, d.id, @Context, @Tags FROM dataset d
            WHERE d.experiment = @Experiment AND d.name = @Name AND d.digest = @Digest
            ON CONFLICT (run, dataset) DO NOTHING
            """,
            new
            {
                Run = run,
                Context = context,
                Tags = JsonSerializer.Serialize(tags),
                dataset.Experiment,
                dataset.Name,
                dataset.Digest,
            }
        );
    }

    /// <param name="role"><c>input</c> or <c>output</c>.</param>
    public static void AddModel(ITransaction tx, string run, string role, string model, long step) =>
        tx.Execute(
            """
            INSERT INTO run_model (run, role, model, step) VALUES (@Run, @Role, @Model, @Step)
            ON CONFLICT (run, role, model) DO UPDATE SET step = excluded.step
            """,
            new
            {
                Run = run,
                Role = role,
                Model = model,
                Step = step,
            }
        );

    public static IReadOnlyList<RunInputRow> Of(ISession read, params string[] runs) =>
        read.Query<RunInputRow>(
            """
            SELECT i.run, d.name, d.digest, d.source_type, d.source, d.fields, d.profile, i.tags
            FROM run_input i JOIN dataset d ON d.id = i.dataset WHERE i.run = ANY(@Runs) ORDER BY i.run, d.id
            """,
            new { Runs = runs }
        );

    public static IReadOnlyList<RunModelRow> Models(ISession read, params string[] runs) =>
        read.Query<RunModelRow>(
            "SELECT run, role, model, step FROM run_model WHERE run = ANY(@Runs) ORDER BY run, step, model",
            new { Runs = runs }
        );

    /// <summary>The datasets that runs of these experiments read, and what for.</summary>
    public static IReadOnlyList<DatasetUse> Uses(ISession read, long[] experiments, int limit) =>
        read.Query<DatasetUse>(
            $"""
            SELECT DISTINCT d.experiment, d.name, d.digest, i.context FROM dataset d JOIN run_input i ON i.dataset = d.id
            WHERE d.experiment = ANY(@Experiments) ORDER BY d.name, d.digest, i.context LIMIT {limit}
            """,
            new { Experiments = experiments }
        );
}

/// <summary>A dataset with one of the purposes it was read for.</summary>
public sealed record DatasetUse
{
    public long Experiment { get; init; }
    public string Name { get; init; } = "";
    public string Digest { get; init; } = "";
    public string? Context { get; init; }
}
