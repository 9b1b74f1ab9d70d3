using Alidade.Engine.Jobs;
using Alidade.Server.Jobs;
using Alidade.Server.Live;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Runs;
using Alidade.Storage.Logs;
using Alidade.Storage.Platform;

namespace Alidade.Server.Logs;

/// <summary>The log of a job: records as Dioptra's clients see them, and lines as our own viewer reads them.</summary>
public sealed class LogService(Stores stores, LiveHub live)
{
    private const int MostLines = 10_000;
    private const int MostSorted = 200_000;

    private static readonly string[] Fields = ["severity", "message", "logger_name"];

    public async Task<IReadOnlyList<LogRecordView>> AddAsync(
        Caller caller,
        long id,
        LogInput input,
        CancellationToken cancellation
    )
    {
        var run = await stores.Core.ReadAsync(
            s => JobReader.Run(s, JobReader.GetToChange(s, caller, id).Id),
            cancellation
        );
        var clean = input
            .Data.Select(r => (r.Severity, Logger: HtmlCleaner.Clean(r.LoggerName), Text: HtmlCleaner.Clean(r.Message)))
            .ToList();
        var (lines, last) = await stores.Series.WriteAsync(
            tx =>
            {
                var added = clean
                    .Select((r, i) => new LogLine(0, tx.Now + i, "log", r.Severity, null, r.Logger, r.Text))
                    .ToList();
                return (added, LogStore.Append(tx, run, added));
            },
            cancellation: cancellation
        );
        live.Publish(new LiveHint(LiveHint.Job(id), Log: last));
        return [.. lines.Select(Record)];
    }

    /// <summary>A page of records; of an unknown job an empty one, as clients of Dioptra expect.</summary>
    public async Task<Page<LogRecordView>> PageAsync(
        Caller caller,
        long id,
        Listing listing,
        IReadOnlyList<string> severities,
        CancellationToken cancellation
    )
    {
        if (severities.FirstOrDefault(s => !LogLine.Severities.Contains(s)) is not null)
        {
            throw new InvalidInputException("severity", $"Must be one of: {string.Join(", ", LogLine.Severities)}.");
        }

        listing = listing with { NoneAtZero = true };
        var order = Order(listing);
        var wanted = Search.Matcher<LogLine>(listing.Search, Fields, (line, field) => [Value(line, field)]);
        var run = await stores.Core.ReadAsync(s => VisibleRun(s, caller, id), cancellation);
        var (rows, total) = run is null
            ? ([], 0)
            : await stores.Series.ReadAsync(
                s => Read(s, run, listing, severities.Count == 0 ? null : severities, wanted, order),
                cancellation
            );
        return Page.Of($"jobs/{id}/log", listing with { SortBy = null }, total, [.. rows.Select(Record)]);
    }

    public async Task<LinesView> LinesAsync(
        Caller caller,
        long id,
        long after,
        int limit,
        string? step,
        string? search,
        CancellationToken cancellation
    )
    {
        CheckWindow(after, limit);
        // The state is read before the lines: a job seen as ended has written its last line.
        var (run, isOver) = await stores.Core.ReadAsync(
            s =>
                (JobReader.Run(s, JobReader.Get(s, caller, id).Id), JobReader.Get(s, caller, id).JobState.IsTerminal()),
            cancellation
        );
        return await LinesAsync(run, isOver, after, limit, step, search, cancellation);
    }

    /// <summary>The lines of a run, of a job or alone.</summary>
    public async Task<LinesView> LinesOfRunAsync(
        Caller caller,
        string id,
        long after,
        int limit,
        string? search,
        CancellationToken cancellation
    )
    {
        CheckWindow(after, limit);
        var run = await stores.Core.ReadAsync(s => TrackedRuns.Get(s, caller, id), cancellation);
        var isOver = run.Status is not ("RUNNING" or "SCHEDULED");
        return await LinesAsync(run.Id, isOver, after, limit, null, search, cancellation);
    }

    /// <summary>Takes the next lines of one that writes a run's log; the same batch again changes nothing.</summary>
    public async Task<LogBatchView> AddBatchAsync(
        Caller caller,
        string id,
        LogBatchInput input,
        CancellationToken cancellation
    )
    {
        if (input.Batch < 1)
        {
            throw new InvalidInputException("batch", "Batches are numbered from 1.");
        }

        if (input.Lines.FirstOrDefault(l => !Micros.IsMoment(l.Time)) is { } strange)
        {
            throw new InvalidInputException("lines", $"{strange.Time} is no time in microseconds since 1970.");
        }

        await stores.Core.ReadAsync(s => TrackedRuns.GetToChange(s, caller, id), cancellation);
        List<LogLine> lines =
        [
            .. input.Lines.Select(l => new LogLine(0, l.Time, l.Stream, l.Severity, null, l.Logger, l.Message)),
        ];
        var (newest, last) = await stores.Series.WriteAsync(
            tx => (LogStore.AppendOnce(tx, id, input.Writer, input.Batch, lines), LogStore.Last(tx, id)),
            cancellation: cancellation
        );
        if (newest < input.Batch)
        {
            throw new RefusedException(
                "LogBatchMissingError",
                $"Batch {input.Batch} of writer {input.Writer} leaves out batch {newest + 1}. Send that first."
            );
        }

        live.Publish(new LiveHint(LiveHint.Run(id), Log: last));
        return new LogBatchView(newest, last);
    }

    private static void CheckWindow(long after, int limit)
    {
        if (after < 0 || limit is < 1 or > MostLines)
        {
            throw new InvalidInputException(
                after < 0 ? "after" : "limit",
                $"after must be 0 or more, limit 1 to {MostLines}."
            );
        }
    }

    private async Task<LinesView> LinesAsync(
        string run,
        bool isOver,
        long after,
        int limit,
        string? step,
        string? search,
        CancellationToken cancellation
    )
    {
        bool Wanted(LogLine line) =>
            (step is null || line.Step == step)
            && (string.IsNullOrEmpty(search) || line.Message.Contains(search, StringComparison.OrdinalIgnoreCase));
        var page = await stores.Series.ReadAsync(s => LogStore.After(s, run, after, limit, Wanted), cancellation);
        return new LinesView([.. page.Lines.Select(View)], page.Last, page.End && isOver);
    }

    private static LineView View(LogLine l) => new(l.Number, l.Time, l.Stream, l.Severity, l.Step, l.Logger, l.Message);

    private static (IReadOnlyList<LogLine>, long) Read(
        ISession s,
        string run,
        Listing listing,
        IReadOnlyCollection<string>? severities,
        Func<LogLine, bool>? wanted,
        Func<IEnumerable<LogLine>, IEnumerable<LogLine>>? order
    )
    {
        if (severities is null && wanted is null && order is null)
        {
            return (LogStore.After(s, run, listing.Index, (int)listing.Limit).Lines, LogStore.Last(s, run));
        }

        return order is null
            ? Matching(s, run, listing, severities, wanted)
            : Sorted(s, run, listing, severities, wanted, order);
    }

    /// <summary>Counts all that match and keeps the page alone.</summary>
    private static (IReadOnlyList<LogLine>, long) Matching(
        ISession s,
        string run,
        Listing listing,
        IReadOnlyCollection<string>? severities,
        Func<LogLine, bool>? wanted
    )
    {
        var matching = 0L;
        bool IsOnPage(LogLine line)
        {
            if (wanted?.Invoke(line) == false)
            {
                return false;
            }

            var place = matching++;
            return place >= listing.Index && place - listing.Index < listing.Limit;
        }

        return (LogStore.After(s, run, 0, int.MaxValue, IsOnPage, severities).Lines, matching);
    }

    private static (IReadOnlyList<LogLine>, long) Sorted(
        ISession s,
        string run,
        Listing listing,
        IReadOnlyCollection<string>? severities,
        Func<LogLine, bool>? wanted,
        Func<IEnumerable<LogLine>, IEnumerable<LogLine>> order
    )
    {
        var all = LogStore.After(s, run, 0, MostSorted + 1, wanted, severities).Lines;
        return all.Count <= MostSorted
            ? ([.. order(all).Skip((int)Math.Min(listing.Index, int.MaxValue)).Take((int)listing.Limit)], all.Count)
            : throw new RefusedException(
                "SortParameterValidationError",
                $"The log has more than {MostSorted} such lines, too many to sort. Leave out sortBy and descending, or search for fewer."
            );
    }

    private static string? VisibleRun(ISession s, Caller caller, long id) =>
        s.First<string>(
            """
            SELECT d.run FROM job j JOIN job_detail d ON d.job = j.id
            WHERE j.id = @Id AND j.deleted IS NULL AND j.group_id = ANY(@Visible)
            """,
            new { Id = id, caller.Visible }
        );

    /// <summary>Severities sort by their letters, as in Dioptra.</summary>
    private static Func<IEnumerable<LogLine>, IEnumerable<LogLine>>? Order(Listing listing)
    {
        Func<LogLine, string>? key = listing.SortBy switch
        {
            null => null,
            "severity" => l => l.Severity,
            "logger_name" => LoggerName,
            "created_on" => l => l.Time.ToString("D20", System.Globalization.CultureInfo.InvariantCulture),
            _ => throw new RefusedException(
                "SortParameterValidationError",
                $"The sort parameter, {listing.SortBy}, for job log is not sortable. Sort by severity, logger_name or created_on."
            ),
        };
        return (key, listing.Descending) switch
        {
            (null, false) => null,
            (null, true) => lines => lines.Reverse(),
            (_, true) => lines => lines.OrderByDescending(key, StringComparer.Ordinal).ThenByDescending(l => l.Number),
            _ => lines => lines.OrderBy(key, StringComparer.Ordinal).ThenBy(l => l.Number),
        };
    }

    private static string Value(LogLine line, string field) =>
        field switch
        {
            "severity" => line.Severity,
            "message" => line.Message,
            _ => LoggerName(line),
        };

    private static string LoggerName(LogLine line) => line.Logger ?? line.Stream;

    private static LogRecordView Record(LogLine line) =>
        new(line.Severity, LoggerName(line), line.Message, Wire.Time(line.Time));
}
