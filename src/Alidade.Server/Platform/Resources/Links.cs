using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Platform.Resources;

/// <summary>
/// Links between resources that belong to the resource and not to a snapshot: queues of an entrypoint, entrypoints of an
/// experiment. A link to a deleted resource is not shown.
/// </summary>
/// <param name="Table">With the columns <paramref name="From"/> and <paramref name="To"/>.</param>
public sealed record Links(string Table, string From, string To, ResourceKind Owner, ResourceKind Target)
{
    public static readonly Links QueuesOfEntrypoint = new(
        "entrypoint_queue",
        "entrypoint_id",
        "queue_id",
        ResourceKind.Entrypoint,
        ResourceKind.Queue
    );

    public static readonly Links EntrypointsOfExperiment = new(
        "experiment_entrypoint",
        "experiment_id",
        "entrypoint_id",
        ResourceKind.Experiment,
        ResourceKind.Entrypoint
    );

    /// <summary>The targets of many owners, with one query.</summary>
    public ILookup<long, ResourceRef> Of(ISession s, IEnumerable<long> owners) =>
        s.Query<RefRow>(
                $"SELECT l.{From} AS parent, r.id, r.name, r.group_id, g.name AS group_name FROM {Table} l "
                    + $"JOIN resource r ON r.id = l.{To} AND r.deleted IS NULL JOIN user_group g ON g.id = r.group_id "
                    + $"WHERE l.{From} = ANY(@Ids) ORDER BY r.id",
                new { Ids = owners.Distinct().ToArray() }
            )
            .ToLookup(r => r.Parent, r => ResourceRef.Of(Target, r));

    public void Add(ITransaction t, Caller caller, long owner, IReadOnlyList<long> targets)
    {
        foreach (var target in Resources.GetMany(t, Target, caller, targets))
        {
            t.Execute(
                $"INSERT INTO {Table} ({From}, {To}) VALUES (@owner, @Id) ON CONFLICT DO NOTHING",
                new { owner, target.Id }
            );
        }
    }

    public void Replace(ITransaction t, Caller caller, long owner, IReadOnlyList<long> targets)
    {
        Clear(t, owner);
        Add(t, caller, owner, targets);
    }

    public void Clear(ITransaction t, long owner) =>
        t.Execute($"DELETE FROM {Table} WHERE {From} = @owner", new { owner });

    /// <exception cref="NotFoundException">They were not linked.</exception>
    public void Remove(ITransaction t, long owner, long target)
    {
        if (t.Execute($"DELETE FROM {Table} WHERE {From} = @owner AND {To} = @target", new { owner, target }) == 0)
        {
            throw Target.NotFound(target);
        }
    }
}
