using System.Globalization;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;

namespace Alidade.Server.Metrics;

/// <summary>Many series in one call, thinned for a chart, or one of them to its last point.</summary>
public sealed class SeriesService(Stores stores)
{
    private const int UsualPoints = 1000;
    private const int FewestPoints = 4;
    private const int MostPoints = 100_000;

    /// <summary>Of one answer: it is held in memory.</summary>
    private const int MostInAll = 2_000_000;

    private const int UsualPage = 10_000;
    private const int LargestPage = 1_000_000;

    public async Task<SeriesAnswer> ChartAsync(Caller caller, SeriesQuestion question, CancellationToken cancellation)
    {
        var window = Window(question);
        var targets = await SeriesTargets.FindAsync(
            stores,
            caller,
            question.Jobs ?? [],
            question.Runs ?? [],
            cancellation
        );
        return await AnswerAsync(targets, question.Names ?? [], window, question.Cursor, cancellation);
    }

    /// <summary>Every point of a series, in pages.</summary>
    public async Task<SeriesAnswer> PageAsync(Caller caller, PointsQuestion question, CancellationToken cancellation)
    {
        var limit = question.Limit ?? UsualPage;
        if (limit is < 1 or > LargestPage)
        {
            throw new InvalidInputException("limit", $"Must be from 1 to {LargestPage}.");
        }

        if (question.Job is null == question.Run is null)
        {
            throw new InvalidInputException("job", "Name one job or one run.");
        }

        var after = question.After is { } text ? PlaceText.Read(text, "after") : (PointPlace?)null;
        long[] jobs = question.Job is { } job ? [job] : [];
        string[] runs = question.Run is { } run ? [run] : [];
        var target = (await SeriesTargets.FindAsync(stores, caller, jobs, runs, cancellation))[0];
        return await stores.Series.ReadAsync(
            s =>
            {
                var summary =
                    MetricReader.Summary(s, target.Run, question.Name)
                    ?? throw new NotFoundException("metric", ("name", question.Name), ("run_id", target.Run));
                // One more than asked tells whether there is another page.
                var found = MetricReader.Page(s, target.Run, question.Name, after, limit + 1);
                var points = found.Take(limit);
                var next = found.Count > limit ? PlaceText.Write(points, limit - 1) : null;
                return new SeriesAnswer(
                    [Part(target, new ChartSeries(summary, points, Whole: after is null && next is null))],
                    Next: next
                );
            },
            cancellation
        );
    }

    internal Task<SeriesAnswer> AnswerAsync(
        IReadOnlyList<SeriesTarget> targets,
        IReadOnlyCollection<string> names,
        ChartWindow window,
        string? cursor,
        CancellationToken cancellation
    )
    {
        string[] runs = [.. targets.Select(t => t.Run)];
        var seen = cursor is null ? null : SeriesCursor.Read(cursor, runs);
        return stores.Series.ReadAsync(
            s =>
            {
                var wanted = MetricReader
                    .Summaries(s, runs)
                    .Where(summary => names.Count == 0 || names.Contains(summary.Name))
                    .ToList();
                Limit(wanted.Count, window.Most);
                var series = seen is null
                    ? Thinned(s, targets, wanted, window)
                    : Since(s, targets, wanted, seen, window);
                var now = SeriesCursor.Of(runs, wanted).Write(runs);
                return new SeriesAnswer([.. series], now, Delta: seen is not null);
            },
            cancellation
        );
    }

    internal static ChartWindow Window(SeriesQuestion question)
    {
        if (question.Axis is not (null or "step" or "time"))
        {
            throw new InvalidInputException("axis", "Must be step or time.");
        }

        if (question.From > question.To)
        {
            throw new InvalidInputException("from", "Must not be greater than to.");
        }

        var points = question.Points ?? UsualPoints;
        return points is >= FewestPoints and <= MostPoints
            ? new ChartWindow(question.Axis == "time", question.From, question.To, points)
            : throw new InvalidInputException("points", $"Must be from {FewestPoints} to {MostPoints}.");
    }

    private static void Limit(int series, int points)
    {
        if ((long)series * points > MostInAll)
        {
            throw new InvalidInputException(
                "points",
                $"{series} series of {points} points are too many for one answer: ask for at most "
                    + $"{(MostInAll / series).ToString(CultureInfo.InvariantCulture)} points, or name fewer metrics."
            );
        }
    }

    private static IEnumerable<SeriesPart> Thinned(
        ISession s,
        IReadOnlyList<SeriesTarget> targets,
        List<SeriesSummary> wanted,
        ChartWindow window
    )
    {
        var byRun = wanted.ToLookup(summary => summary.Run);
        return targets.SelectMany(target =>
            ChartReader.Read(s, target.Run, [.. byRun[target.Run]], window).Select(chart => Part(target, chart))
        );
    }

    private static IEnumerable<SeriesPart> Since(
        ISession s,
        IReadOnlyList<SeriesTarget> targets,
        List<SeriesSummary> wanted,
        SeriesCursor seen,
        ChartWindow window
    )
    {
        var byRun = targets.ToDictionary(target => target.Run);
        return wanted
            .Where(summary => summary.Count > seen.Seen(summary))
            .Select(summary => Part(byRun[summary.Run], ChartReader.Since(s, summary, seen.Seen(summary), window)));
    }

    private static SeriesPart Part(SeriesTarget target, ChartSeries chart) =>
        new(
            target.Job,
            target.Run,
            chart.Summary.Name,
            chart.Summary.Count,
            chart.Summary.Last,
            chart.Summary.LastStep,
            chart.Summary.LastTime,
            chart.Summary.Min,
            chart.Summary.Max,
            chart.Whole,
            chart.Points.Steps,
            chart.Points.Times,
            chart.Points.Values
        );
}
