using Alidade.Engine.Graphs;
using Alidade.Engine.Plans;
using Alidade.Engine.Protocol;
using Alidade.Server.Entrypoints;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Jobs;

/// <summary>What a job is made of, each at the snapshot it is pinned at.</summary>
/// <param name="Plugins">Every file of the pinned plugins, to be laid out below <c>plugins/</c>.</param>
internal sealed record JobParts(
    Versioned Experiment,
    Versioned Queue,
    Versioned Entrypoint,
    EntrypointDefinition Definition,
    IReadOnlyList<GrantFile> Plugins,
    IReadOnlyList<string> DataFolders,
    IReadOnlyList<string> Secrets
)
{
    public EntrypointIdentity Identity => new(Entrypoint.Id, Entrypoint.Snapshot, Entrypoint.Name!);

    public static JobParts Find(
        ISession s,
        Caller caller,
        long experiment,
        JobInput input,
        SubmittedEntrypoints entrypoints
    )
    {
        var within = Resources.GetBare(s, ResourceKind.Experiment, caller, experiment);
        caller.Require(within.GroupId, Role.Contributor);
        var from = caller.ReferringFrom(within.GroupId);
        var entrypoint = FindEntrypoint(s, from, within, input);
        var queue = FindQueue(s, from, within, input.Queue);
        var pinned = entrypoints.Of(s, entrypoint);
        return new JobParts(
            within,
            queue,
            entrypoint,
            pinned.Definition with
            {
                Types = EntrypointDefinitions.Types(s, entrypoint.GroupId),
            },
            pinned.Plugins,
            pinned.DataFolders,
            pinned.Secrets
        );
    }

    private static Versioned FindEntrypoint(ISession s, Caller caller, Versioned experiment, JobInput input)
    {
        var newest = Resources.GetBare(s, ResourceKind.Entrypoint, caller, input.Entrypoint);
        var linked = s.Scalar<long>(
            "SELECT COUNT(*) FROM experiment_entrypoint WHERE experiment_id = @Experiment AND entrypoint_id = @Entrypoint",
            new { Experiment = experiment.Id, input.Entrypoint }
        );
        if (linked == 0)
        {
            throw new RefusedException(
                "EntityNotRegisteredError",
                $"Entrypoint {input.Entrypoint} is not registered to experiment {experiment.Id}. "
                    + $"Add it: POST /experiments/{experiment.Id}/entrypoints."
            );
        }

        if (input.EntrypointSnapshot is not { } snapshot || snapshot == newest.Snapshot)
        {
            return newest;
        }

        var isIts = s.Scalar<long>(
            "SELECT COUNT(*) FROM snapshot WHERE id = @snapshot AND resource_id = @Entrypoint",
            new { snapshot, input.Entrypoint }
        );
        return isIts == 1
            ? Resources.GetSnapshot(s, ResourceKind.Entrypoint, caller, input.Entrypoint, snapshot)
            : throw new NotFoundException(
                ResourceKind.Entrypoint.Name,
                ("entrypoint_id", input.Entrypoint),
                ("entrypoint_snapshot_id", snapshot)
            );
    }

    /// <summary>As in Dioptra, any queue that any entrypoint of the experiment is registered to.</summary>
    private static Versioned FindQueue(ISession s, Caller caller, Versioned experiment, long id)
    {
        var queue = Resources.GetBare(s, ResourceKind.Queue, caller, id);
        var linked = s.Scalar<long>(
            """
            SELECT COUNT(*) FROM entrypoint_queue q JOIN experiment_entrypoint e ON e.entrypoint_id = q.entrypoint_id
            WHERE e.experiment_id = @Experiment AND q.queue_id = @Queue
            """,
            new { Experiment = experiment.Id, Queue = id }
        );
        return linked > 0
            ? queue
            : throw new RefusedException(
                "EntityNotRegisteredError",
                $"Queue {id} is not registered to any entrypoint of experiment {experiment.Id}. "
                    + "Add it: POST /entrypoints/{id}/queues."
            );
    }
}
