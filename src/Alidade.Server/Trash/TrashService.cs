using Alidade.Server.Artifacts;
using Alidade.Server.Configuration;
using Alidade.Server.Experiments;
using Alidade.Server.Models;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Runs;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Trash;

/// <summary>What was deleted: shown, brought back, or purged for good.</summary>
public sealed class TrashService(Stores stores, Sweeper sweeper, ServerOptions options)
{
    /// <summary>Kinds of resources as the trash names them. Runs that went with their experiment come back with it.</summary>
    private const string All = """
        SELECT CASE r.kind WHEN 'ml_model' THEN 'model' WHEN 'ml_model_version' THEN 'modelVersion' ELSE r.kind END AS kind,
            CAST(r.id AS TEXT) AS id,
            COALESCE(r.name, m.name || ' ' || v.number) AS name, r.group_id, g.name AS group_name, r.deleted
        FROM resource r JOIN user_group g ON g.id = r.group_id
            LEFT JOIN model_version v ON v.id = r.id LEFT JOIN resource m ON m.id = v.model_id
        WHERE r.kind IN ('experiment', 'ml_model', 'ml_model_version', 'artifact')
            AND r.deleted IS NOT NULL AND r.purged IS NULL AND r.group_id = ANY(@Visible)
        UNION ALL
        SELECT 'run', u.id, COALESCE(u.name, u.id), u.group_id, g.name, u.deleted
        FROM run u JOIN user_group g ON g.id = u.group_id JOIN resource e ON e.id = u.experiment
        WHERE u.deleted IS NOT NULL AND u.purged IS NULL AND u.group_id = ANY(@Visible)
            AND (e.deleted IS NULL OR e.deleted <> u.deleted)
        """;

    /// <summary>SQL: whether an entry <c>p</c> is not purged by itself.</summary>
    private static readonly string Kept = $"""
        CASE p.kind
            WHEN 'run' THEN (SELECT COUNT(*) FROM run u WHERE u.id = p.id AND {RunPurge.HasVersion("u")})
            WHEN 'experiment' THEN (
                SELECT COUNT(*) FROM run u WHERE u.experiment = CAST(p.id AS BIGINT) AND {RunPurge.HasVersion("u")}
            )
            ELSE 0 END AS kept
        """;

    public Task<Page<TrashView>> ListAsync(Caller caller, Listing listing, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                var args = new
                {
                    caller.Visible,
                    listing.Limit,
                    listing.Index,
                };
                var rows = s.Query<TrashRow>(
                    $"SELECT p.*, {Kept} FROM (SELECT * FROM ({All}) t ORDER BY t.deleted DESC, t.id "
                        + "LIMIT @Limit OFFSET @Index) p ORDER BY p.deleted DESC, p.id",
                    args
                );
                var total = s.Scalar<long>($"SELECT COUNT(*) FROM ({All}) t", args);
                return Page.Of("trash", listing, total, [.. rows.Select(View)]);
            },
            cancellation
        );

    public Task<RunDeletion> RestoreRunAsync(Caller caller, string id, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var run = RunInTrash(t, caller, id);
                TrackedRuns.RequireExperiment(t, caller, run);
                RunStore.SetDeleted(t, id, deleted: false);
                Audit.Write(t, caller, "restore", "run", null, id, run.GroupId);
                return new RunDeletion("Success", [id]);
            },
            cancellation: cancellation
        );

    public async Task<RunDeletion> PurgeRunAsync(Caller caller, string id, CancellationToken cancellation)
    {
        await stores.Core.WriteAsync(
            t =>
            {
                var run = RunInTrash(t, caller, id);
                RequireUnregistered(t, "u.id = @id", new { id });
                RunPurge.Mark(t, [id]);
                Audit.Write(t, caller, "purge", "run", null, id, run.GroupId);
                return true;
            },
            cancellation: cancellation
        );
        await sweeper.FinishRunsAsync(cancellation);
        return new RunDeletion("Success", [id]);
    }

    public Task<Deletion> RestoreAsync(Caller caller, TrashKind kind, long id, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var deleted = Find(t, caller, kind, id);
                Restore(t, caller, kind, id);
                if (kind == TrashKind.ModelVersion && RegisteredModels.OfVersion(t, id) is { } of)
                {
                    ModelMarks.RestoreAliases(t, caller, of.Model, of.Number, deleted);
                }

                return Deletion.Of(id);
            },
            cancellation: cancellation
        );

    public async Task<Deletion> PurgeAsync(Caller caller, TrashKind kind, long id, CancellationToken cancellation)
    {
        await stores.Core.WriteAsync(
            t =>
            {
                Find(t, caller, kind, id);
                if (kind == TrashKind.Experiment)
                {
                    RequireUnregistered(t, "u.experiment = @id", new { id });
                }

                ResourcePurge.Purge(t, kind.Resource.Name, id);
                Audit.Write(t, caller, "purge", kind.Resource.Name, id);
                return true;
            },
            cancellation: cancellation
        );
        await sweeper.FinishRunsAsync(cancellation);
        return Deletion.Of(id);
    }

    private static void Restore(ITransaction t, Caller caller, TrashKind kind, long id)
    {
        try
        {
            if (kind == TrashKind.Experiment)
            {
                TrackedExperiments.Restore(t, caller, TrackedExperiments.Find(t, caller, id)!);
            }
            else
            {
                RequireParent(t, kind, id);
                RequireFreeUri(t, kind, id);
                Resources.Restore(t, kind.Resource, caller, id);
            }
        }
        catch (AlreadyExistsException taken)
        {
            throw new RefusedException(
                "NameTakenError",
                $"{taken.Message} Rename or delete the one that has it, then restore this one."
            );
        }

        if (kind == TrashKind.Artifact)
        {
            ArtifactSearch.Index(t, id);
        }
    }

    /// <summary>The files of a run are what a version of a model may be made of.</summary>
    /// <param name="runs">SQL: which runs <c>u</c> are to go.</param>
    private static void RequireUnregistered(ISession s, string runs, object args)
    {
        var version = s.First<string>(
            "SELECT m.name || ' ' || v.number FROM run u JOIN model_version v ON v.run = u.id "
                + $"JOIN resource m ON m.id = v.model_id AND m.group_id = u.group_id WHERE {runs} AND {RunPurge.HasVersion("u")} "
                + "ORDER BY v.id LIMIT 1",
            args
        );
        if (version is not null)
        {
            throw new RefusedException(
                "RunInUseError",
                $"The model version {version} is made of files that would go with it. Delete and purge that first."
            );
        }
    }

    /// <summary>A version is shown below its model.</summary>
    private static void RequireParent(ISession s, TrashKind kind, long id)
    {
        if (
            kind == TrashKind.ModelVersion
            && s.First<long?>(
                "SELECT m.id FROM model_version v JOIN resource m ON m.id = v.model_id "
                    + "WHERE v.id = @id AND m.deleted IS NOT NULL",
                new { id }
            )
                is { } model
        )
        {
            throw new RefusedException(
                "ModelDeletedError",
                $"Its model {model} is in the trash too. Restore that first."
            );
        }
    }

    /// <summary>The address of an artifact is its alone, whichever group it belongs to.</summary>
    private static void RequireFreeUri(ISession s, TrashKind kind, long id)
    {
        if (kind == TrashKind.Artifact)
        {
            ArtifactService.RequireNewUri(s, s.Scalar<string>("SELECT name FROM resource WHERE id = @id", new { id }));
        }
    }

    /// <returns>When it was deleted.</returns>
    private static long Find(ISession s, Caller caller, TrashKind kind, long id)
    {
        var found =
            s.First<Deleted>(
                "SELECT group_id, deleted AS at, purged FROM resource WHERE id = @id AND kind = @Kind AND group_id = ANY(@Visible)",
                new
                {
                    id,
                    Kind = kind.Resource.Name,
                    caller.Visible,
                }
            ) ?? throw kind.Resource.NotFound(id);
        caller.Require(found.GroupId, Role.Contributor);
        if (found.Purged is not null)
        {
            throw kind.Resource.NotFound(id);
        }

        return found.At ?? throw NotInTrash(kind.Word, $"{id}");
    }

    private static RunRow RunInTrash(ISession s, Caller caller, string id)
    {
        var run = TrackedRuns.Get(s, caller, id);
        caller.Require(run.GroupId, Role.Contributor);
        return run.Deleted is not null && run.Purged is null ? run : throw NotInTrash("run", id);
    }

    private static RefusedException NotInTrash(string kind, string id) =>
        new("NotInTrashError", $"The {kind} {id} is not in the trash.");

    private TrashView View(TrashRow row) =>
        new(
            row.Kind,
            row.Id,
            row.Name,
            GroupRef.Of(row.GroupId, row.GroupName),
            Wire.Time(row.Deleted),
            row.Kept == 0 ? Wire.Time(row.Deleted + (options.Trash.KeepDays * 86_400_000_000L)) : null,
            $"/trash/{TrashKind.Collection(row.Kind)}/{row.Id}"
        );

    private sealed record TrashRow
    {
        public string Kind { get; init; } = "";
        public string Id { get; init; } = "";
        public string Name { get; init; } = "";
        public long GroupId { get; init; }
        public string GroupName { get; init; } = "";
        public long Deleted { get; init; }
        public long Kept { get; init; }
    }

    private sealed record Deleted
    {
        public long GroupId { get; init; }
        public long? At { get; init; }
        public long? Purged { get; init; }
    }
}
