using Alidade.Engine.Protocol;
using Alidade.Server.Jobs;
using Alidade.Server.Live;
using Alidade.Server.Metrics;
using Alidade.Storage.Jobs;
using Alidade.Storage.Logs;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;

namespace Alidade.Server.Workers.Events;

/// <summary>
/// Takes a batch of an attempt's events. Core first, where the same event again changes nothing, then the series with
/// the cursor; what the cursor covers is durable in both and is what the worker is told.
/// </summary>
public sealed class EventIngest(
    Stores stores,
    EventEffects effects,
    MetricIntake metrics,
    JobSignals signals,
    LiveHub live
)
{
    /// <summary>Bytes of events that one attempt may send in all.</summary>
    private const long MostBytes = 16L << 30;

    /// <returns>Null when the attempt is not, or no longer, this session's.</returns>
    /// <exception cref="EventFormatException">A line is wrong.</exception>
    /// <exception cref="EventGapException">The batch begins too late.</exception>
    public async Task<EventsReply?> TakeAsync(
        long attempt,
        long session,
        long fence,
        ReadOnlyMemory<byte> lines,
        CancellationToken cancellation
    )
    {
        var target = await stores.Core.ReadAsync(s => Find(s, attempt, session, fence), cancellation);
        if (target is null)
        {
            return null;
        }

        var before = await stores.Series.ReadAsync(s => EventCursor.Find(s, attempt), cancellation);
        var batch = EventParser.Parse(lines.Span, before.Acked);
        if (batch.To == 0)
        {
            return new EventsReply(before.Acked);
        }

        if (before.Bytes + lines.Length > MostBytes)
        {
            throw new EventFormatException(
                $"This attempt has sent {before.Bytes} bytes of events; the most is {MostBytes}."
            );
        }

        IReadOnlyList<string> told = [];
        if (batch.Core.Count > 0)
        {
            (var isOurs, told) = await ApplyAsync(target, batch, session, cancellation);
            if (!isOurs)
            {
                return null;
            }
        }

        return new EventsReply(await StoreAsync(target, batch, before.Acked, lines.Length, told, cancellation));
    }

    private static EventTarget? Find(ISession read, long attempt, long session, long fence) =>
        read.First<EventTarget>(
            """
            SELECT a.id AS attempt, a.number, a.fence, a.job, d.run FROM attempt a JOIN job_detail d ON d.job = a.job
            WHERE a.id = @Attempt AND a.session = @Session AND a.fence = @Fence AND a.state IN ('granted', 'running')
            """,
            new
            {
                Attempt = attempt,
                Session = session,
                Fence = fence,
            }
        );

    /// <returns>
    /// False when the attempt was taken away in the meantime; then nothing was written. And what to tell the log's reader.
    /// </returns>
    private async Task<(bool IsOurs, IReadOnlyList<string> Told)> ApplyAsync(
        EventTarget to,
        AttemptEvents batch,
        long session,
        CancellationToken cancellation
    )
    {
        var applied = await stores.Core.WriteAsync<(IReadOnlyList<Moved> Moved, IReadOnlyList<string> Told)?>(
            tx =>
                JobReports.Find(tx, to.Attempt, session, to.Fence) is null
                    ? null
                    : effects.ApplyNew(tx, to, session, batch.Core),
            cancellation: cancellation
        );
        signals.Publish(applied?.Moved ?? []);
        return (applied is not null, applied?.Told ?? []);
    }

    private async Task<long> StoreAsync(
        EventTarget to,
        AttemptEvents batch,
        long acked,
        int bytes,
        IReadOnlyList<string> told,
        CancellationToken cancellation
    )
    {
        var (taken, log, points) = await stores.Series.WriteAsync(
            tx =>
            {
                if (!EventCursor.Advance(tx, to.Attempt, to.Run, acked, batch.To, bytes))
                {
                    // The same events came twice at once and the other call was first.
                    return (EventCursor.Acked(tx, to.Attempt), 0L, 0L);
                }

                string?[] all = [.. told, metrics.TakeSome(tx, to.Run, to.Attempt, batch.Points)];
                var warnings = all.OfType<string>().Select(text => Said(tx, "WARNING", text));
                // A log goes on from attempt to attempt: its reader sees where.
                var isFurther = to.Number > 1 && batch.Core.Any(e => e is StartEvent);
                IReadOnlyList<LogLine> beginning = isFurther ? [Said(tx, "INFO", $"attempt {to.Number}")] : [];
                IReadOnlyList<LogLine> lines = [.. beginning, .. batch.Lines, .. warnings];
                var last = LogStore.Append(tx, to.Run, lines);
                return (
                    batch.To,
                    lines.Count == 0 ? 0 : last,
                    batch.Points.Count == 0 ? 0 : MetricReader.Points(tx, to.Run)
                );
            },
            Lane.Bulk,
            cancellation
        );
        live.Publish(
            new LiveHint(
                LiveHint.Job(to.Job),
                Log: log > 0 ? log : null,
                Metrics: points > 0 ? points : null,
                Version: batch.Core.Count > 0 ? batch.To : null
            )
        );
        return taken;
    }

    private static LogLine Said(ITransaction tx, string level, string text) =>
        new(0, tx.Now, "system", level, null, null, text);
}

/// <summary>Where the events of an attempt go.</summary>
public sealed record EventTarget
{
    public long Attempt { get; init; }

    /// <summary>Its number among those of its job, from 1.</summary>
    public long Number { get; init; }
    public long Fence { get; init; }
    public long Job { get; init; }
    public string Run { get; init; } = "";
}
