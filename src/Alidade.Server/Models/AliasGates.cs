using System.Text.Json;
using Alidade.Server.Platform.Errors;
using Alidade.Storage.Platform;

namespace Alidade.Server.Models;

/// <summary>Aliases that demand finished evaluations of the version they are to point to.</summary>
internal static class AliasGates
{
    /// <summary>The tags with which a run that stands alone says that it evaluates a version, and how.</summary>
    public const string EvaluationTag = "alidade.evaluation";
    public const string VersionTag = "alidade.model_version";

    public static ILookup<string, string> Of(ISession s, long model) =>
        s.Query<GateRow>("SELECT alias, evaluations FROM model_gate WHERE model = @model ORDER BY alias", new { model })
            .SelectMany(g => Read(g.Evaluations).Select(e => (g.Alias, Evaluation: e)))
            .ToLookup(g => g.Alias, g => g.Evaluation);

    public static void Set(ITransaction t, long model, string alias, IReadOnlyList<string> evaluations)
    {
        t.Execute("DELETE FROM model_gate WHERE model = @model AND alias = @alias", new { model, alias });
        if (evaluations.Count > 0)
        {
            t.Execute(
                "INSERT INTO model_gate (model, alias, evaluations) VALUES (@model, @alias, @Evaluations)",
                new
                {
                    model,
                    alias,
                    Evaluations = JsonSerializer.Serialize(evaluations),
                }
            );
        }
    }

    /// <param name="alias">Or a stage.</param>
    /// <exception cref="RefusedException">Names the evaluations that are missing.</exception>
    public static void Require(ISession s, RegisteredModel model, string alias, long number)
    {
        if (Missing(s, model, alias, number) is { Count: > 0 } missing)
        {
            throw new RefusedException(
                "AliasGateError",
                $"'{alias}' demands finished evaluations of version {number} of {model.Name}; missing: "
                    + $"{string.Join(", ", missing)}. Run these entrypoints with the version's artifact as an input, or "
                    + $"finish a run tagged {EvaluationTag} with the name and {VersionTag} = {model.Name}/{number}."
            );
        }
    }

    /// <summary>What is demanded and not there. Case opens no gate: people read "Production" as they read "production".</summary>
    public static IReadOnlyList<string> Missing(ISession s, RegisteredModel model, string alias, long number)
    {
        var demanded = Of(s, model.Id)
            .Where(g => g.Key.Equals(alias, StringComparison.OrdinalIgnoreCase))
            .SelectMany(g => g)
            .Distinct()
            .ToList();
        if (demanded.Count == 0)
        {
            return [];
        }

        var finished = Finished(s, model, number);
        return [.. demanded.Where(e => !finished.Contains(e))];
    }

    /// <summary>
    /// Evaluations of a version that have finished: entrypoints whose jobs read its artifact, runs that read its logged model,
    /// and runs that name it. All must be of the model's group: nobody else's word counts there.
    /// </summary>
    public static IReadOnlySet<string> Finished(ISession s, RegisteredModel model, long number) =>
        s.Query<string>(
                """
                SELECT e.name FROM model_version v JOIN job_input i ON i.artifact = v.artifact_id
                    JOIN job j ON j.id = i.job AND j.state = 'finished' AND j.deleted IS NULL AND j.group_id = @GroupId
                    JOIN resource e ON e.id = j.entrypoint
                WHERE v.model_id = @Id AND v.number = @number
                UNION
                SELECT t.value FROM model_version v JOIN run_model x ON x.model = v.logged_model AND x.role = 'input'
                    JOIN run u ON u.id = x.run AND u.status = 'FINISHED' AND u.deleted IS NULL AND u.group_id = @GroupId
                    JOIN run_tag t ON t.run = u.id AND t.name = @EvaluationTag
                WHERE v.model_id = @Id AND v.number = @number
                """,
                new
                {
                    model.Id,
                    model.GroupId,
                    number,
                    EvaluationTag,
                }
            )
            .Concat(NamedBy(s, model, number))
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>
    /// Runs name the version in words, which another model may have had before or since. So one counts if it began when this
    /// model had the name and the version was there, or if it made the version.
    /// </summary>
    private static IEnumerable<string> NamedBy(ISession s, RegisteredModel model, long number)
    {
        var names = Names(s, model, number);
        var versions = names.Select(n => n.Version).Distinct().ToArray();
        return s.Query<NamingRun>(
                """
                SELECT t.value AS evaluation, n.value AS version, CASE WHEN u.id = v.run THEN 1 ELSE 0 END AS made,
                    CASE WHEN u.own = 1 THEN COALESCE(u.started, u.created) ELSE u.created END AS began
                FROM run_tag n JOIN run u ON u.id = n.run AND u.status = 'FINISHED' AND u.deleted IS NULL
                        AND u.group_id = @GroupId
                    JOIN run_tag t ON t.run = u.id AND t.name = @EvaluationTag
                    JOIN model_version v ON v.model_id = @Id AND v.number = @number
                WHERE n.name = @VersionTag AND substr(n.value, 1, 100) = ANY(@Beginnings) AND n.value = ANY(@Versions)
                """,
                new
                {
                    model.Id,
                    model.GroupId,
                    number,
                    EvaluationTag,
                    VersionTag,
                    Versions = versions,
                    // Tags are indexed by how their values begin, in characters and not in the units of our texts.
                    Beginnings = Array.ConvertAll(versions, v => string.Concat(v.EnumerateRunes().Take(100))),
                }
            )
            .Where(run =>
                run.Made == 1 || names.Any(n => n.Version == run.Version && run.Began >= n.From && run.Began < n.Until)
            )
            .Select(run => run.Evaluation);
    }

    /// <summary>What the version was called, and from when until when; at first from when it was made.</summary>
    private static List<(string Version, long From, long Until)> Names(ISession s, RegisteredModel model, long number)
    {
        var made = s.First<long?>(
            "SELECT r.created FROM model_version v JOIN resource r ON r.id = v.id WHERE v.model_id = @Id AND v.number = @number",
            new { model.Id, number }
        );
        var said = s.Query<NameRow>(
            "SELECT name, created FROM snapshot WHERE resource_id = @Id AND name IS NOT NULL ORDER BY number",
            new { model.Id }
        );
        return
        [
            .. said.Select(
                (row, i) =>
                    (
                        FormattableString.Invariant($"{row.Name}/{number}"),
                        Math.Max(row.Created, made ?? long.MaxValue),
                        i + 1 < said.Count ? said[i + 1].Created : long.MaxValue
                    )
            ),
        ];
    }

    private static string[] Read(string list) => JsonSerializer.Deserialize<string[]>(list)!;

    private sealed record NamingRun
    {
        public string Evaluation { get; init; } = "";
        public string Version { get; init; } = "";
        public long Made { get; init; }
        public long Began { get; init; }
    }

    private sealed record NameRow
    {
        public string Name { get; init; } = "";
        public long Created { get; init; }
    }

    private sealed record GateRow
    {
        public string Alias { get; init; } = "";
        public string Evaluations { get; init; } = "[]";
    }
}
