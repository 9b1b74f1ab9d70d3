using Alidade.Storage.Platform;

namespace Alidade.Storage.Logs;

/// <summary>The log of a run: numbered lines in compressed chunks.</summary>
public static class LogStore
{
    /// <summary>A chunk takes more lines until it is this large, so that a slow log does not become many small rows.</summary>
    private const int SmallChunk = 16 * 1024;

    /// <summary>Equal lines pack so well that bytes alone would let a chunk grow to millions of lines, unpacked each time.</summary>
    private const int FewLines = 1000;
    private const int ChunksAtOnce = 32;

    /// <summary>Adds lines; their numbers are given here.</summary>
    /// <returns>The number of the last line.</returns>
    public static long Append(ITransaction tx, string run, IReadOnlyList<LogLine> lines)
    {
        if (lines.Count == 0)
        {
            return Last(tx, run);
        }

        var bytes = lines.Sum(l => (long)l.Message.Length);
        var last = tx.Scalar<long>(
            """
            INSERT INTO log_head (run, lines, bytes) VALUES (@Run, @Count, @Bytes)
            ON CONFLICT (run) DO UPDATE SET lines = log_head.lines + @Count, bytes = log_head.bytes + @Bytes RETURNING lines
            """,
            new
            {
                Run = run,
                Count = (long)lines.Count,
                Bytes = bytes,
            }
        );
        var first = last - lines.Count + 1;
        var open = tx.First<ChunkRow>(
            $"""
            SELECT first, last, body FROM log_chunk WHERE run = @Run AND first =
                (SELECT MAX(first) FROM log_chunk WHERE run = @Run)
                AND LENGTH(body) < {SmallChunk} AND last - first < {FewLines}
            """,
            new { Run = run }
        );
        if (open is not null)
        {
            tx.Execute("DELETE FROM log_chunk WHERE run = @Run AND first = @First", new { Run = run, open.First });
            lines = [.. LogCodec.Decode(open.Body, open.First), .. lines];
            first = open.First;
        }

        Insert(tx, run, lines, first, last);
        return last;
    }

    /// <summary>Adds the next batch of a writer; one that is there already adds nothing.</summary>
    /// <param name="batch">From 1, without gaps.</param>
    /// <returns>The newest batch of the writer, below <paramref name="batch"/> when some before it are missing.</returns>
    public static long AppendOnce(ITransaction tx, string run, string writer, long batch, IReadOnlyList<LogLine> lines)
    {
        var args = new
        {
            Run = run,
            Writer = writer,
            Batch = batch,
        };
        // One statement decides, so that of two requests with the same batch one alone adds it.
        var isNext =
            tx.Execute(
                batch == 1
                    ? "INSERT INTO log_writer (run, writer, batch) VALUES (@Run, @Writer, 1) ON CONFLICT (run, writer) DO NOTHING"
                    : "UPDATE log_writer SET batch = @Batch WHERE run = @Run AND writer = @Writer AND batch = @Batch - 1",
                args
            ) == 1;
        if (isNext)
        {
            Append(tx, run, lines);
        }

        return isNext
            ? batch
            : tx.First<long>("SELECT batch FROM log_writer WHERE run = @Run AND writer = @Writer", args);
    }

    /// <summary>How many lines there are.</summary>
    public static long Last(ISession read, string run) =>
        read.First<long>("SELECT lines FROM log_head WHERE run = @Run", new { Run = run });

    /// <summary>Up to <paramref name="limit"/> lines after a number that <paramref name="wanted"/> accepts.</summary>
    /// <param name="severities">Chunks without any of these are not read; null for all.</param>
    public static LogPage After(
        ISession read,
        string run,
        long after,
        int limit,
        Func<LogLine, bool>? wanted = null,
        IReadOnlyCollection<string>? severities = null
    )
    {
        var lines = new List<LogLine>();
        while (true)
        {
            var chunks = read.Query<ChunkRow>(
                $"""
                SELECT first, last, body FROM log_chunk
                WHERE run = @Run AND last > @After AND (severities & @Mask) <> 0 ORDER BY first LIMIT {ChunksAtOnce}
                """,
                new
                {
                    Run = run,
                    After = after,
                    Mask = Mask(severities ?? LogLine.Severities),
                }
            );
            foreach (var line in chunks.SelectMany(c => LogCodec.Decode(c.Body, c.First)).Where(l => l.Number > after))
            {
                if (lines.Count == limit)
                {
                    return new LogPage(lines, after, false);
                }

                if ((severities is null || severities.Contains(line.Severity)) && (wanted is null || wanted(line)))
                {
                    lines.Add(line);
                }

                after = line.Number;
            }

            if (chunks.Count < ChunksAtOnce)
            {
                return new LogPage(lines, Math.Max(after, Last(read, run)), true);
            }
        }
    }

    private static void Insert(ITransaction tx, string run, IReadOnlyList<LogLine> lines, long first, long last) =>
        tx.Execute(
            """
            INSERT INTO log_chunk (run, first, last, severities, first_time, last_time, body)
            VALUES (@Run, @First, @Last, @Severities, @FirstTime, @LastTime, @Body)
            """,
            new
            {
                Run = run,
                First = first,
                Last = last,
                Severities = Mask(lines.Select(l => l.Severity)),
                FirstTime = lines[0].Time,
                LastTime = lines[^1].Time,
                Body = LogCodec.Encode(lines),
            }
        );

    private static int Mask(IEnumerable<string> severities) =>
        severities.Aggregate(0, (mask, word) => mask | (1 << LogLine.Severities.ToList().IndexOf(word)));

    private sealed record ChunkRow
    {
        public long First { get; init; }
        public long Last { get; init; }
        public byte[] Body { get; init; } = [];
    }
}
