using System.Globalization;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Bench.Servers;

/// <summary>
/// Writes runs of one experiment straight into the tables: five parameters, five series and two tags each, with values
/// that repeat as those of sweeps do.
/// </summary>
internal sealed class RunSeed(int runs)
{
    private const long Born = 1_700_000_000_000_000;
    private const int Values = 10_007;
    private const string Digest = "'0000000000000000000000000000000000000000000000000000000000000000'";

    /// <summary>The name of the experiment of all runs.</summary>
    public const string Name = "runs";

    public Task WriteCoreAsync(IStore store, long user, long group) =>
        WithoutIndexesAsync(
            store,
            t =>
            {
                var experiment = t.NextId(Sequence.Resource);
                var snapshot = t.NextId(Sequence.Snapshot);
                t.Execute(
                    $"""
                    INSERT INTO resource (id, kind, group_id, owner_id, name, folded, head, created, modified)
                    VALUES ({experiment}, 'experiment', {group}, {user}, '{Name}', '{Name}', {snapshot}, {Born}, {Born})
                    """
                );
                t.Execute(
                    $$"""
                    INSERT INTO snapshot (id, resource_id, number, author_id, created, name, payload, digest)
                    VALUES ({{snapshot}}, {{experiment}}, 1, {{user}}, {{Born}}, '{{Name}}', '{}', {{Digest}})
                    """
                );
                var id = Id(t.Dialect);
                Fill(
                    t,
                    $"""
                    INSERT INTO run (id, experiment, group_id, user_id, name, status, created, started, ended)
                    SELECT {id}, {experiment}, {group}, {user}, 'run-' || i, CASE i % 50 WHEN 7 THEN 'FAILED' ELSE 'FINISHED' END,
                        {Born} + i * 1000000, {Born} + i * 1000000, {Born} + i * 1000000 + 60000000 FROM n
                    """
                );
                foreach (
                    var (name, value) in new[]
                    {
                        ("lr", "'0.' || (101 + i % 20)"),
                        ("optimizer", "CASE i % 3 WHEN 0 THEN 'adam' WHEN 1 THEN 'sgd' ELSE 'lamb' END"),
                        ("seed", "'' || i"),
                        ("dropout", "'0.' || (i % 7)"),
                        ("note", "CASE i % 997 WHEN 5 THEN 'a rare zebra ' ELSE 'an ordinary horse ' END || i"),
                    }
                )
                {
                    Fill(t, $"INSERT INTO run_parameter (run, name, value) SELECT {id}, '{name}', {value} FROM n");
                }

                ParameterText.AddAll(t);
                Fill(t, $"INSERT INTO run_tag (run, name, value) SELECT {id}, 'team', 'team ' || (i % 11) FROM n");
                Fill(t, $"INSERT INTO run_tag (run, name, value) SELECT {id}, 'mlflow.runName', 'run-' || i FROM n");
            }
        );

    public Task WriteSeriesAsync(IStore store) =>
        WithoutIndexesAsync(
            store,
            t =>
            {
                t.Execute("CREATE TABLE bench_value (k INTEGER PRIMARY KEY, v BIGINT NOT NULL)");
                for (var k = 0; k < Values; k++)
                {
                    t.Execute(
                        "INSERT INTO bench_value (k, v) VALUES (@k, @v)",
                        new { k, v = OrderedDouble.ToLong(k / (double)Values) }
                    );
                }

                foreach (
                    var (name, factor) in new[]
                    {
                        ("acc", 7919),
                        ("loss", 6007),
                        ("f1", 5003),
                        ("auc", 4001),
                        ("time", 3001),
                    }
                )
                {
                    Fill(
                        t,
                        $"""
                        INSERT INTO series (run, name, number, count, last, last_step, last_time, min, max)
                        SELECT {Id(t.Dialect)}, '{name}', 0, 1, b.v, 0, {Born}, b.v, b.v
                        FROM n JOIN bench_value b ON b.k = (n.i * {factor}) % {Values}
                        """
                    );
                }
            }
        );

    /// <summary>Indexes are made when the rows are there: to keep them right for each of a million is most of the work.</summary>
    private static Task<bool> WithoutIndexesAsync(IStore store, Action<ITransaction> fill) =>
        store.WriteAsync(t =>
        {
            string[] tables = ["run", "run_parameter", "run_tag", "series"];
            var indexes = t.Query<Index>(
                t.Dialect == Dialect.Postgres
                    ? """
                    SELECT indexname AS name, indexdef AS sql FROM pg_indexes
                    WHERE schemaname = 'public' AND tablename = ANY(@tables) AND indexname NOT LIKE '%_pkey'
                    """
                    : "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ANY(@tables)",
                new { tables }
            );
            t.Execute(
                t.Dialect == Dialect.Postgres
                    ? "SET LOCAL maintenance_work_mem = '1GB'"
                    : "PRAGMA cache_size = -2000000"
            );
            foreach (var index in indexes)
            {
                t.Execute($"DROP INDEX {index.Name}");
            }

            fill(t);
            foreach (var index in indexes)
            {
                t.Execute(index.Sql);
            }

            return true;
        });

    /// <summary>Ids that say nothing of the order in which the runs were made.</summary>
    private static string Id(Dialect dialect) =>
        dialect == Dialect.Postgres
            ? "md5('run' || i)"
            : "printf('%08x%08x%08x%08x', i * 2654435761 % 4294967296, i * 40503 % 4294967291, i, i * 69069 % 4294967279)";

    /// <param name="insert">A statement that reads <c>n(i)</c>, the numbers from 0.</param>
    private void Fill(ITransaction t, string insert)
    {
        var split = insert.IndexOf("SELECT", StringComparison.Ordinal);
        var numbers = string.Create(
            CultureInfo.InvariantCulture,
            $"WITH RECURSIVE n (i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {runs - 1}) "
        );
        t.Execute(insert[..split] + numbers + insert[split..]);
    }

    private sealed record Index
    {
        public string Name { get; init; } = "";
        public string Sql { get; init; } = "";
    }
}
