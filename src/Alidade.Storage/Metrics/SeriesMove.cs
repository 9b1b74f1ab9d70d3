using Alidade.Storage.Platform;

namespace Alidade.Storage.Metrics;

/// <summary>All series of a run become those of another, which has none. A second time changes nothing.</summary>
public static class SeriesMove
{
    private static readonly string[] Tables = ["series", "segment", "chunk"];

    public static void Run(ITransaction tx, string from, string to)
    {
        MetricWriter.Lock(tx, from);
        if (tx.First<long?>("SELECT 1 FROM series WHERE run = @To LIMIT 1", new { To = to }) is not null)
        {
            return;
        }

        foreach (var table in Tables)
        {
            tx.Execute($"UPDATE {table} SET run = @To WHERE run = @From", new { From = from, To = to });
        }

        if (tx.Dialect == Dialect.Sqlite)
        {
            // A compaction that has read the batches must not find others under their numbers.
            tx.Execute(
                "UPDATE segment_gone SET id = MAX(id, (SELECT COALESCE(MAX(id), 0) FROM segment WHERE run = @To))",
                new { To = to }
            );
        }
    }
}
