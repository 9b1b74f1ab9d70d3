using System.IO.Enumeration;
using System.Text.Json;
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
    public static IReadOnlyList<QueueName> All(ISession read) =>
        read.Query<QueueName>("SELECT id, group_id, name FROM resource WHERE kind = 'queue'");

    /// <param name="groups">Groups of the pool; none means all.</param>
    public static long[] Served(
        IEnumerable<QueueName> queues,
        IReadOnlyList<string> watched,
        IReadOnlyList<string> allowed,
        IReadOnlyList<long> groups
    ) =>
        [
            .. queues
                .Where(q => Serves(q.Name, watched) && Serves(q.Name, allowed))
                .Where(q => groups.Count == 0 || groups.Contains(q.GroupId))
                .Select(q => q.Id),
        ];

    /// <summary>Queues that a live worker serves.</summary>
    public static long[] Served(IEnumerable<QueueName> queues, WorkerRow worker, IReadOnlyList<long> groups) =>
        Served(queues, Parse(worker.Queues), Parse(worker.PoolQueues), groups);

    public static IReadOnlyList<string> Parse(string json) => JsonSerializer.Deserialize<string[]>(json)!;

    private static bool Serves(string queue, IReadOnlyList<string> patterns) =>
        patterns.Any(p =>
            FileSystemName.MatchesSimpleExpression(
                p.Replace(@"\", @"\\", StringComparison.Ordinal),
                queue,
                ignoreCase: false
            )
        );
}
