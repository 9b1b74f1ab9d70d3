using Alidade.Server.Artifacts;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Resources;

namespace Alidade.Server.Models;

/// <summary>Reads versions of models, of many models with one query.</summary>
internal static class ModelVersions
{
    public static readonly ResourceKind Kind = new("ml_model_version", "versions", "version_number", NameField: null);

    private const string Columns = """
        SELECT v.id, v.model_id, v.number, v.artifact_id, v.artifact_snapshot, r.description, r.created,
            m.name AS model_name, m.group_id, mg.name AS group_name,
            a.group_id AS artifact_group_id, ag.name AS artifact_group_name
        FROM model_version v JOIN resource r ON r.id = v.id
            JOIN resource m ON m.id = v.model_id JOIN user_group mg ON mg.id = m.group_id
            LEFT JOIN resource a ON a.id = v.artifact_id LEFT JOIN user_group ag ON ag.id = a.group_id
        """;

    /// <summary>The numbers of the versions of each model.</summary>
    public static ILookup<long, long> Numbers(ISession s, long[] models) =>
        s.Query<NumberRow>(
                """
                SELECT v.model_id, v.number FROM model_version v JOIN resource r ON r.id = v.id AND r.deleted IS NULL
                WHERE v.model_id = ANY(@models) ORDER BY v.model_id, v.number
                """,
                new { models }
            )
            .ToLookup(r => r.ModelId, r => r.Number);

    /// <summary>The newest version of each model that has any.</summary>
    public static IReadOnlyDictionary<long, ModelVersionRow> Latest(ISession s, long[] models) =>
        s.Query<ModelVersionRow>(
                Columns
                    + """
                     WHERE v.model_id = ANY(@models) AND v.number = (
                        SELECT MAX(n.number) FROM model_version n JOIN resource nr ON nr.id = n.id AND nr.deleted IS NULL
                        WHERE n.model_id = v.model_id
                    )
                    """,
                new { models }
            )
            .ToDictionary(r => r.ModelId);

    public static ModelVersionRow? Find(ISession s, long model, long number) =>
        s.First<ModelVersionRow>(
            Columns + " WHERE v.model_id = @model AND v.number = @number AND r.deleted IS NULL",
            new { model, number }
        );

    /// <summary>By the resources of the versions, in their order.</summary>
    public static IReadOnlyList<ModelVersionRow> Of(ISession s, IReadOnlyList<Versioned> resources)
    {
        var rows = s.Query<ModelVersionRow>(
                Columns + " WHERE v.id = ANY(@Ids)",
                new { Ids = resources.Select(r => r.Id).ToArray() }
            )
            .ToDictionary(r => r.Id);
        return [.. resources.Select(r => rows[r.Id])];
    }

    private sealed record NumberRow
    {
        public long ModelId { get; init; }
        public long Number { get; init; }
    }
}

/// <summary>A version with what it refers to.</summary>
internal sealed record ModelVersionRow
{
    public long Id { get; init; }
    public long ModelId { get; init; }
    public string ModelName { get; init; } = "";
    public long GroupId { get; init; }
    public string GroupName { get; init; } = "";
    public long Number { get; init; }
    public long? ArtifactId { get; init; }
    public long? ArtifactSnapshot { get; init; }
    public long? ArtifactGroupId { get; init; }
    public string? ArtifactGroupName { get; init; }
    public string? Description { get; init; }
    public long Created { get; init; }

    public ModelVersionView View() =>
        new(
            Description,
            // Its address has always lacked the root here, unlike everywhere else.
            new ResourceRef(ModelId, GroupRef.Of(GroupId, GroupName), $"models/{ModelId}", ModelName),
            ArtifactId is { } artifact ? ArtifactRef.Of(artifact, ArtifactGroupId!.Value, ArtifactGroupName!) : null,
            ArtifactSnapshot,
            Number,
            Wire.Time(Created)
        );
}
