using System.Text.Json;
using Alidade.Engine.Protocol;
using Alidade.Storage.Workers;

namespace Alidade.Server.Workers;

/// <summary>A queue by name, in whatever group; deleted ones too, because jobs may still wait there.</summary>
public sealed record QueueName
{
    public long Id { get; init; }
    public long GroupId { get; init; }
    public string Name { get; init; } = "";
}

/// <summary>Which queues a worker serves: those whose name both it and its pool name, in the groups of the pool.</summary>
public static class QueueDirectory
{
    public static IReadOnlyList<QueueName> Of(ISession read, IEnumerable<long> ids) =>
        read.Query<QueueName>(
            "SELECT id, group_id, name FROM resource WHERE id = ANY(@Ids)",
            new { Ids = ids.Distinct().ToArray() }
        );

    /// <param name="groups">Groups of the pool; none means all.</param>
    public static bool Serves(
        QueueName queue,
        IReadOnlyList<string> watched,
        IReadOnlyList<string> allowed,
        IReadOnlyList<long> groups
    ) =>
        (groups.Count == 0 || groups.Contains(queue.GroupId))
        && QueuePatterns.Matches(queue.Name, watched)
        && QueuePatterns.Matches(queue.Name, allowed);

    /// <summary>Whether a live worker serves a queue.</summary>
    public static bool Serves(QueueName queue, WorkerRow worker, IReadOnlyList<long> groups) =>
        Serves(queue, Parse(worker.Queues), Parse(worker.PoolQueues), groups);

    public static IReadOnlyList<string> Parse(string json) => JsonSerializer.Deserialize<string[]>(json)!;
}
