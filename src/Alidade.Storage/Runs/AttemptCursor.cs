using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>How far core has applied the events of an attempt; the other half of the cursor is with the series.</summary>
public sealed record AttemptCursor
{
    /// <summary>Number of the last event.</summary>
    public long Applied { get; init; }

    /// <summary>States of steps, results, parameters, tags and artifacts that it has written, or how many rows they are.</summary>
    public long Recorded { get; init; }

    public static AttemptCursor Find(ISession read, long attempt) =>
        read.First<AttemptCursor>(
            "SELECT applied, recorded FROM attempt_cursor WHERE attempt = @Attempt",
            new { Attempt = attempt }
        ) ?? new AttemptCursor();

    public void Write(ITransaction tx, long attempt) =>
        tx.Execute(
            """
            INSERT INTO attempt_cursor (attempt, applied, recorded) VALUES (@Attempt, @Applied, @Recorded)
            ON CONFLICT (attempt) DO UPDATE SET applied = excluded.applied, recorded = excluded.recorded
            WHERE excluded.applied > attempt_cursor.applied
            """,
            new
            {
                Attempt = attempt,
                Applied,
                Recorded,
            }
        );
}
