using System.Globalization;
using Alidade.Storage.Platform;

namespace Alidade.Bench.Servers;

/// <summary>
/// Writes 10⁵ resources and 10⁶ jobs straight into the tables, as fast as the database takes them: 95,000 experiments, 1,000
/// of each other kind, 19 of 20 in the public group and the rest in twenty others, half of the jobs in one experiment.
/// </summary>
internal sealed class ListSeed(long user, long group)
{
    public const int Experiments = 95_000;
    public const int OthersOfAKind = 1000;
    public const int Jobs = 1_000_000;
    public const int Groups = 20;

    /// <summary>Of these groups the user is a member.</summary>
    private const int Memberships = 4;
    private const int Tags = 200;
    private const int Snapshots = 1000;
    private const long Born = 1_700_000_000_000_000;

    /// <summary>In one of two, in one of 8, and in one of 10,000 descriptions.</summary>
    public const string FrequentWord = "training";
    public const string UsualWord = "robustness";
    public const string RareWord = "zebra";

    private static readonly string[] OtherKinds =
    [
        "queue",
        "plugin",
        "entry_point",
        "plugin_task_parameter_type",
        "ml_model",
    ];

    private const string Description =
        "CASE i % 2 WHEN 0 THEN 'training' ELSE 'an attack' END || ' on digits, variant ' || i "
        + "|| CASE i % 8 WHEN 3 THEN ' for robustness' ELSE '' END || CASE i % 10000 WHEN 77 THEN ' with a zebra' ELSE '' END";

    private const string Digest = "'0000000000000000000000000000000000000000000000000000000000000000'";

    /// <summary>The experiment with half of the jobs.</summary>
    public long BigExperiment { get; private set; }

    /// <summary>An experiment with a few hundred jobs.</summary>
    public long SmallExperiment => BigExperiment + 1;

    /// <summary>One of the groups beside the public one.</summary>
    public long OtherGroup { get; private set; }

    public Task WriteAsync(IStore store, CancellationToken cancellation) =>
        store.WriteAsync(
            t =>
            {
                AddGroups(t);
                var first = t.NextId(Sequence.Resource) + 1;
                BigExperiment = first;
                var next = AddResources(t, first, "experiment", Experiments);
                var parts = new Dictionary<string, long>(StringComparer.Ordinal);
                foreach (var kind in OtherKinds)
                {
                    parts[kind] = next;
                    next = AddResources(t, next, kind, OthersOfAKind);
                }

                AddTags(t, first);
                AddJobs(t, next, parts["queue"], parts["entry_point"]);
                AddSnapshots(t, next + Jobs);
                Finish(t, next + Jobs + Snapshots);
                return true;
            },
            cancellation: cancellation
        );

    private void AddGroups(ITransaction t)
    {
        for (var i = 1; i <= Groups; i++)
        {
            OtherGroup = t.Scalar<long>(
                "INSERT INTO user_group (name, creator_id, created, modified) VALUES (@Name, @user, @Born, @Born) RETURNING id",
                new
                {
                    Name = $"group {i}",
                    user,
                    Born,
                }
            );
            if (i > Groups - Memberships)
            {
                t.Execute(
                    "INSERT INTO membership (group_id, user_id, role) VALUES (@OtherGroup, @user, 'contributor')",
                    new { OtherGroup, user }
                );
            }
        }
    }

    /// <returns>The first id that is free.</returns>
    private long AddResources(ITransaction t, long first, string kind, int count)
    {
        Fill(
            t,
            count,
            $"""
            INSERT INTO resource (id, kind, group_id, owner_id, name, folded, description, head, created, modified)
            SELECT {first} + i, '{kind}', CASE i % 20 WHEN 19 THEN {OtherGroup} - (i / 20) % {Groups} ELSE {group} END, {user},
                '{kind} ' || (100000 + i), '{kind} ' || (100000 + i), {Description}, {first} + i, {Born} + i,
                {Born} + (i * 7919) % 100003 FROM n
            """
        );
        t.Execute(
            $"""
            INSERT INTO snapshot (id, resource_id, number, author_id, created, name, description, payload, digest)
            SELECT id, id, 1, owner_id, created, name, description, '{Payload(kind)}', {Digest} FROM resource
            WHERE id >= {first} AND id < {first + count}
            """
        );
        Index(
            t,
            $"SELECT id, kind, 'name', folded FROM resource WHERE id >= {first} AND id < {first + count}",
            $"SELECT id, kind, 'description', description FROM resource WHERE id >= {first} AND id < {first + count}"
        );
        return first + count;
    }

    private static string Payload(string kind) =>
        kind == "entry_point"
            ? """{"taskGraph":"","artifactGraph":"","parameters":[],"artifactParameters":[],"artifactOutputs":[]}"""
            : "{}";

    private void AddTags(ITransaction t, long first)
    {
        Fill(
            t,
            Tags,
            $"""
            INSERT INTO tag (group_id, owner_id, name, folded, created, modified)
            SELECT {group}, {user}, 'label ' || (1000 + i), 'label ' || (1000 + i), {Born}, {Born} FROM n
            """
        );
        t.Execute(
            $"""
            INSERT INTO resource_tag (resource_id, tag_id) SELECT r.id, t.id FROM resource r
            JOIN tag t ON t.folded = 'label ' || (1001 + (r.id - {first}) % {Tags - 1}) WHERE r.kind = 'experiment'
            """
        );
        t.Execute(
            $"""
            INSERT INTO resource_tag (resource_id, tag_id) SELECT r.id, t.id FROM resource r
            JOIN tag t ON t.folded = 'label 1000' WHERE r.kind = 'experiment' AND (r.id - {first}) % 2 = 0
            """
        );
    }

    private void AddJobs(ITransaction t, long first, long queue, long entrypoint)
    {
        var experiment = $"({BigExperiment} + CASE i % 2 WHEN 0 THEN 0 ELSE 1 + (i / 2) % 1000 END)";
        var state =
            "CASE WHEN i % 100 = 9 THEN 'failed' WHEN i % 1000 = 10 THEN 'queued' WHEN i % 100000 = 11 THEN 'running' ELSE 'finished' END";
        t.Execute(
            $"INSERT INTO lane (queue, group_id, labels, cpu, memory, gpus) SELECT id, {group}, '{{}}', 0, 0, 0 FROM resource WHERE kind = 'queue'"
        );
        Fill(
            t,
            Jobs,
            $"""
            INSERT INTO job (id, group_id, experiment, entrypoint, queue, user_id, state, fence, attempts, failures, losses,
                starts, max_failures, max_losses, restartable, priority, run_at, rank, time_limit, lost_after, head, seq,
                created, modified, started, ended, lane)
            SELECT {first} + i, {group}, {experiment}, {entrypoint}, {queue} + i % 10, {user}, {state}, 1, 1, 0, 0, 1, 0, 2, 1, 0,
                {Born} + i, {Born} + i, 3600000000, 300000000, {first} + i, 1, {Born} + i, {Born} + (i * 7919) % 1000003,
                {Born} + i, {Born} + i,
                (SELECT l.id FROM lane l WHERE l.queue = {queue} + i % 10 AND l.group_id = {group}) FROM n
            """
        );
        Fill(
            t,
            Jobs,
            $$"""
            INSERT INTO job_detail (job, run, description, timeout, experiment_snapshot, entrypoint_snapshot, queue_snapshot,
                parameter_values, artifact_values, seed, seed_given, plugins, inputs)
            SELECT {{first}} + i, 'run' || i, {{Description}}, CASE i % 10 WHEN 0 THEN '1h' ELSE '24h' END, {{experiment}},
                {{entrypoint}}, {{queue}} + i % 10, '{"learning_rate":"0.1"}', '{}', 1, 0, '[]', '[]' FROM n
            """
        );
        t.Execute(
            $"""
            INSERT INTO job_event (id, job, seq, state, actor, user_id, at)
            SELECT id, id, 1, state, 'user', user_id, created FROM job WHERE id >= {first}
            """
        );
        t.Execute(
            $"""
            INSERT INTO resource (id, kind, group_id, owner_id, description, head, created, modified)
            SELECT j.id, 'job', j.group_id, j.user_id, d.description, j.id, j.created, j.modified
            FROM job j JOIN job_detail d ON d.job = j.id WHERE j.id >= {first}
            """
        );
        Index(t, $"SELECT job, 'job', 'description', description FROM job_detail WHERE job >= {first}");
    }

    /// <summary>One experiment has many snapshots.</summary>
    private void AddSnapshots(ITransaction t, long first) =>
        Fill(
            t,
            Snapshots,
            $$"""
            INSERT INTO snapshot (id, resource_id, number, author_id, created, name, description, payload, digest)
            SELECT {{first}} + i, {{SmallExperiment}}, 2 + i, {{user}}, {{Born}} + i, 'old ' || i, {{Description}}, '{}', {{Digest}} FROM n
            """
        );

    private static void Finish(ITransaction t, long next)
    {
        t.Execute("DELETE FROM resource_count");
        t.Execute(
            "INSERT INTO resource_count (kind, group_id, total) SELECT kind, group_id, COUNT(*) FROM resource WHERE deleted IS NULL GROUP BY kind, group_id"
        );
        t.Execute("DELETE FROM job_count");
        t.Execute("INSERT INTO job_count (experiment, total) SELECT experiment, COUNT(*) FROM job GROUP BY experiment");
        if (t.Dialect == Dialect.Sqlite)
        {
            t.Execute("UPDATE sequence SET value = @next", new { next });
            return;
        }

        t.Query<long>("SELECT setval('resource_ids', @next)", new { next });
        t.Query<long>("SELECT setval('snapshot_ids', @next)", new { next });
    }

    /// <summary>Fills the search table as the server would, in one go.</summary>
    private static void Index(ITransaction t, params string[] rows)
    {
        var sqlite = t.Dialect == Dialect.Sqlite;
        var before = sqlite ? t.Scalar<long>("SELECT COALESCE(MAX(id), 0) FROM search") : 0;
        foreach (var select in rows)
        {
            t.Execute("INSERT INTO search (resource, kind, field, text) " + select);
        }

        if (sqlite)
        {
            t.Execute(
                "INSERT INTO search_index (rowid, kind, text) SELECT id, substr(kind, -3), text FROM search WHERE id > @before",
                new { before }
            );
        }
    }

    /// <param name="insert">A statement that reads <c>n(i)</c>, the numbers from 0.</param>
    private static void Fill(ITransaction t, int count, string insert)
    {
        var split = insert.IndexOf("SELECT", StringComparison.Ordinal);
        var numbers = string.Create(
            CultureInfo.InvariantCulture,
            $"WITH RECURSIVE n (i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {count - 1}) "
        );
        t.Execute(insert[..split] + numbers + insert[split..]);
    }
}
