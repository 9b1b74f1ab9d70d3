using Alidade.Storage.Platform;

namespace Alidade.Storage.Metrics;

/// <summary>How far the events of an attempt are durable: what a worker is told and what is not taken twice.</summary>
public static class EventCursor
{
    public static long Acked(ISession read, long attempt) =>
        read.First<long>("SELECT acked FROM event_cursor WHERE attempt = @Attempt", new { Attempt = attempt });

    /// <summary>With the bytes of events taken from this attempt so far.</summary>
    public static EventCursorRow Find(ISession read, long attempt) =>
        read.First<EventCursorRow>(
            "SELECT acked, bytes FROM event_cursor WHERE attempt = @Attempt",
            new { Attempt = attempt }
        ) ?? new EventCursorRow();

    /// <summary>Moves the cursor; false when another took events from this place first, and nothing may be written.</summary>
    public static bool Advance(ITransaction tx, long attempt, string run, long from, long to, long bytes) =>
        tx.Execute(
            """
            INSERT INTO event_cursor (attempt, run, acked, bytes) VALUES (@Attempt, @Run, @To, @Bytes)
            ON CONFLICT (attempt) DO UPDATE SET acked = @To, bytes = event_cursor.bytes + @Bytes
            WHERE event_cursor.acked = @From
            """,
            new
            {
                Attempt = attempt,
                Run = run,
                From = from,
                To = to,
                Bytes = bytes,
            }
        ) == 1;

    /// <summary>Counts points of an attempt for which its run had no room; true for the first of them.</summary>
    public static bool LeaveOut(ITransaction tx, long attempt, int points) =>
        tx.Scalar<long>(
            "UPDATE event_cursor SET left_out = left_out + @Points WHERE attempt = @Attempt RETURNING left_out",
            new { Attempt = attempt, Points = points }
        ) == points;
}

/// <summary>What was taken of an attempt's events.</summary>
public sealed record EventCursorRow
{
    public long Acked { get; init; }
    public long Bytes { get; init; }
}
