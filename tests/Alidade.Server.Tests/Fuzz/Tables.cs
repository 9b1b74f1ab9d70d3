using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Fuzz;

/// <summary>
/// How many rows each table has. The audit log is left out: it also records whom the server refused to sign in. So are segments
/// and chunks of metrics: the server makes these of those by itself, and their points are counted instead; and the samples of
/// the capacity, which it takes every half minute.
/// </summary>
public sealed class Tables
{
    private const string Points =
        "SELECT 'points' AS name, CAST(COALESCE(SUM(count), 0) AS BIGINT) AS rows FROM (SELECT count FROM segment UNION ALL SELECT count FROM chunk) AS points";

    private static readonly string[] Moving = ["audit", "segment", "chunk", "capacity"];

    private readonly List<(IStore Store, string Sql)> _counts;

    private Tables(List<(IStore, string)> counts) => _counts = counts;

    public static async Task<Tables> OfAsync(Stores stores)
    {
        var counts = new List<(IStore, string)>();
        foreach (var store in new[] { stores.Core, stores.Series })
        {
            var names = await store.ReadAsync(s =>
                s.Query<string>(
                    store.Dialect == Dialect.Sqlite
                        ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND sql NOT LIKE '%VIRTUAL%'"
                        : "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
                )
            );
            counts.Add(
                (
                    store,
                    string.Join(
                        " UNION ALL ",
                        names
                            .Except(Moving)
                            .Select(n => $"SELECT '{n}' AS name, COUNT(*) AS rows FROM {n}")
                            .Concat(store == stores.Series ? [Points] : [])
                    )
                )
            );
        }

        return new Tables(counts);
    }

    public async Task<IReadOnlyDictionary<string, long>> CountAsync()
    {
        var rows = new Dictionary<string, long>();
        foreach (var (store, sql) in _counts)
        {
            foreach (var count in await store.ReadAsync(s => s.Query<Count>(sql)))
            {
                rows[count.Name] = count.Rows;
            }
        }

        return rows;
    }

    public static IEnumerable<string> Changed(
        IReadOnlyDictionary<string, long> before,
        IReadOnlyDictionary<string, long> after,
        string request
    ) =>
        before
            .Where(t => after[t.Key] != t.Value)
            .Select(t => $"{request}: was refused, yet {t.Key} has {after[t.Key]} rows instead of {t.Value}");

    private sealed record Count
    {
        public string Name { get; init; } = "";
        public long Rows { get; init; }
    }
}
