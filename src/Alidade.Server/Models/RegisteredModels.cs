using Alidade.Server.Experiments;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Models;

/// <summary>A model as tracking clients see it. Times in microseconds.</summary>
public sealed record RegisteredModel
{
    public long Id { get; init; }
    public long GroupId { get; init; }
    public string Name { get; init; } = "";
    public string? Description { get; init; }
    public long Created { get; init; }
    public long Modified { get; init; }
}

/// <summary>A version of a model as tracking clients see it.</summary>
public sealed record RegisteredVersion
{
    public long Id { get; init; }
    public long ModelId { get; init; }
    public string ModelName { get; init; } = "";
    public long Number { get; init; }
    public string? Description { get; init; }
    public long Created { get; init; }
    public long Modified { get; init; }
    public string? Run { get; init; }
    public string? Path { get; init; }

    /// <summary>Where its files are, as the client said.</summary>
    public string? Source { get; init; }
    public string? RunLink { get; init; }
    public string? LoggedModel { get; init; }
    public string? Stage { get; init; }

    /// <summary>The version that it is a copy of.</summary>
    public long? CopyOf { get; init; }
}

/// <summary>
/// The registry for clients that know models by name alone. Each method is a part of its caller's transaction.
/// </summary>
public static class RegisteredModels
{
    internal const string Columns =
        "SELECT r.id, r.group_id, r.name, r.description, r.created, r.modified FROM resource r "
        + "WHERE r.kind = 'ml_model' AND r.deleted IS NULL AND r.group_id = ANY(@Visible)";

    internal const string VersionColumns =
        "SELECT v.id, v.model_id, m.name AS model_name, v.number, r.description, r.created, "
        + "CASE WHEN v.stage_changed > r.modified THEN v.stage_changed ELSE r.modified END AS modified, v.run, v.path, "
        + "v.source, v.run_link, v.logged_model, v.stage, v.copy_of FROM model_version v JOIN resource r ON r.id = v.id "
        + "JOIN resource m ON m.id = v.model_id WHERE r.deleted IS NULL AND m.deleted IS NULL ";

    /// <summary>The model of this name; see <see cref="TrackedExperiments.MeantFirst"/>.</summary>
    public static RegisteredModel? Find(ISession s, Caller caller, string name) =>
        s.First<RegisteredModel>(
            Columns + $" AND r.name = @name ORDER BY {TrackedExperiments.MeantFirst("r")} LIMIT 1",
            new
            {
                caller.Visible,
                name,
                Own = TrackedExperiments.OwnGroups(caller),
            }
        );

    public static void Create(ITransaction t, Caller caller, string name, string? description)
    {
        var group = TrackedExperiments.HomeOf(t, caller);
        caller.Require(group, Role.Contributor);
        Resources.Create(t, ResourceKind.Model, caller, group, new Content(name, description, new { }));
    }

    public static void Change(ITransaction t, Caller caller, RegisteredModel model, string name, string? description)
    {
        var current = Resources.GetToChange(t, ResourceKind.Model, caller, model.Id);
        Resources.Revise(t, ResourceKind.Model, caller, current, new Content(name, description, new { }));
    }

    public static void Delete(ITransaction t, Caller caller, RegisteredModel model)
    {
        var current = Resources.GetToChange(t, ResourceKind.Model, caller, model.Id);
        Resources.Delete(t, ResourceKind.Model, caller, current);
    }

    /// <returns>The number of the new version.</returns>
    public static long AddVersion(ITransaction t, Caller caller, RegisteredModel model, RegisteredVersion version)
    {
        caller.Require(model.GroupId, Role.Contributor);
        var number = ModelVersionService.NextNumber(t, model.Id);
        var payload = new ModelVersionPayload(model.Id, number, null, null, version.Run, version.Path);
        var content = new Content(Name: null, version.Description, payload);
        var (id, _) = Resources.Create(t, ModelVersions.Kind, caller, model.GroupId, content, model.Id);
        ModelVersionService.Add(t, id, payload);
        t.Execute(
            "UPDATE model_version SET source = @Source, run_link = @RunLink, logged_model = @LoggedModel, copy_of = @CopyOf "
                + "WHERE id = @id",
            new
            {
                version.Source,
                version.RunLink,
                version.LoggedModel,
                version.CopyOf,
                id,
            }
        );
        Touch(t, model.Id);
        return number;
    }

    public static void Describe(ITransaction t, Caller caller, RegisteredVersion version, string? description)
    {
        var current = Resources.GetToChange(t, ModelVersions.Kind, caller, version.Id, version.ModelId);
        var content = new Content(Name: null, description, current.Read<ModelVersionPayload>());
        Resources.Revise(t, ModelVersions.Kind, caller, current, content);
    }

    public static void DeleteVersion(ITransaction t, Caller caller, RegisteredVersion version)
    {
        var current = Resources.GetToChange(t, ModelVersions.Kind, caller, version.Id, version.ModelId);
        Resources.Delete(t, ModelVersions.Kind, caller, current);
        Touch(t, version.ModelId);
        var model = new RegisteredModel { Id = version.ModelId, GroupId = current.GroupId };
        foreach (var alias in ModelMarks.Aliases(t, [model.Id])[model.Id].Where(a => a.Number == version.Number))
        {
            ModelMarks.DeleteAlias(t, caller, model, alias.Alias);
        }
    }

    /// <summary>The model that a version belongs to, and its number there.</summary>
    internal static (RegisteredModel Model, long Number)? OfVersion(ISession s, long version) =>
        s.First<Numbered>("SELECT model_id AS model, number FROM model_version WHERE id = @version", new { version })
            is { } v
            ? (
                s.First<RegisteredModel>(
                    "SELECT id, group_id, name, description, created, modified FROM resource WHERE id = @Model",
                    v
                )!,
                v.Number
            )
            : null;

    private sealed record Numbered
    {
        public long Model { get; init; }
        public long Number { get; init; }
    }

    /// <summary>A version by its id, if the caller may see it.</summary>
    public static RegisteredVersion? FindVersion(ISession s, Caller caller, long id) =>
        s.First<RegisteredVersion>(
            VersionColumns + "AND v.id = @id AND m.group_id = ANY(@Visible)",
            new { id, caller.Visible }
        );

    public static RegisteredVersion? FindVersion(ISession s, long model, long number) =>
        s.First<RegisteredVersion>(
            VersionColumns + "AND v.model_id = @model AND v.number = @number",
            new { model, number }
        );

    /// <summary>All versions of a model, newest first.</summary>
    public static IReadOnlyList<RegisteredVersion> Versions(ISession s, long model) =>
        s.Query<RegisteredVersion>(VersionColumns + "AND v.model_id = @model ORDER BY v.number DESC", new { model });

    /// <summary>The newest version of each model in each stage.</summary>
    public static ILookup<long, RegisteredVersion> Latest(ISession s, IEnumerable<long> models) =>
        s.Query<RegisteredVersion>(
                VersionColumns
                    + """
                    AND v.model_id = ANY(@Models) AND v.number = (
                        SELECT MAX(n.number) FROM model_version n JOIN resource nr ON nr.id = n.id AND nr.deleted IS NULL
                        WHERE n.model_id = v.model_id AND COALESCE(n.stage, 'None') = COALESCE(v.stage, 'None')
                    ) ORDER BY v.number
                    """,
                new { Models = models.ToArray() }
            )
            .ToLookup(v => v.ModelId);

    /// <param name="archive">Whether other versions in this stage leave it.</param>
    public static void SetStage(ITransaction t, Caller caller, RegisteredVersion version, string stage, bool archive)
    {
        var current = Resources.GetToChange(t, ModelVersions.Kind, caller, version.Id, version.ModelId);
        // Old clients move stages where new ones move aliases, so a gate of this name guards both.
        var model = new RegisteredModel
        {
            Id = version.ModelId,
            GroupId = current.GroupId,
            Name = version.ModelName,
        };
        AliasGates.Require(t, model, stage, version.Number);
        if (archive)
        {
            t.Execute(
                """
                UPDATE model_version SET stage = 'Archived', stage_changed = @Now
                WHERE model_id = @ModelId AND stage = @stage AND id <> @Id
                """,
                new
                {
                    t.Now,
                    version.ModelId,
                    stage,
                    version.Id,
                }
            );
        }

        t.Execute(
            "UPDATE model_version SET stage = @stage, stage_changed = @Now WHERE id = @Id",
            new
            {
                stage,
                t.Now,
                version.Id,
            }
        );
        Touch(t, version.ModelId);
        Audit.Write(t, caller, "stage", ModelVersions.Kind.Name, version.Id, stage);
    }

    /// <summary>To tracking clients a model has changed when its versions came, went or moved.</summary>
    private static void Touch(ITransaction t, long model) =>
        t.Execute("UPDATE resource SET modified = @Now WHERE id = @model", new { t.Now, model });
}
