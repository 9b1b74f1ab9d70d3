using Alidade.Server.Platform.Security;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;

namespace Alidade.Server.Runs.Tables;

/// <summary>Jobs and stand-alone runs of an experiment side by side, in one call.</summary>
public sealed class RunTables(Stores stores)
{
    /// <summary>The values of so many of the newest are offered as columns.</summary>
    private const int Sampled = 500;

    public Task<TableView> TableAsync(
        Caller caller,
        long experiment,
        TableRequest request,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync(
            s =>
            {
                var query = TableQuery.Of(
                    s,
                    caller,
                    experiment,
                    request.Filter,
                    request.SortBy,
                    request.Descending,
                    request.GroupBy
                );
                var ids = query.Ids(s, request.After, request.PageLength + 1);
                var page = ids.Take(request.PageLength).ToList();
                var columns = request.Columns ?? TableValues.Columns(s, page);
                if (request.GroupBy is { } group && !columns.Contains(group))
                {
                    columns = [.. columns, group];
                }

                var total =
                    request.After is null && ids.Count <= request.PageLength
                        ? page.Count
                        : query.Count(s, TableQuery.CountedAtMost + 1);
                return new TableView(
                    [.. columns.Select(c => c.Text)],
                    TableValues.Read(s, page, columns).Views(columns),
                    Math.Min(total, TableQuery.CountedAtMost),
                    total > TableQuery.CountedAtMost,
                    ids.Count > page.Count ? TableRequest.TokenOf(query.PlaceOf(s, page[^1])) : null
                );
            },
            cancellation
        );

    public Task<TableColumnsView> ColumnsAsync(Caller caller, long experiment, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                var query = TableQuery.Of(s, caller, experiment, "", null, descending: false);
                var columns = TableValues.Columns(s, query.Ids(s, null, Sampled), withTags: true);
                return new TableColumnsView([.. columns.Select(c => c.Text)]);
            },
            cancellation
        );

    /// <summary>The series that at least one of these runs has more than a point of; where there are none, all.</summary>
    public Task<IReadOnlyList<string>> SeriesAsync(IReadOnlyList<string> runs, CancellationToken cancellation) =>
        runs.Count == 0
            ? Task.FromResult<IReadOnlyList<string>>([])
            : stores.Series.ReadAsync<IReadOnlyList<string>>(
                s =>
                {
                    var series = MetricReader.Summaries(s, [.. runs]);
                    var drawn = series.Any(m => m.Count > 1) ? series.Where(m => m.Count > 1) : series;
                    return [.. drawn.Select(m => m.Name).Distinct()];
                },
                cancellation
            );

    /// <summary>These runs, in the order of their ids; what the caller may not see is left out.</summary>
    public Task<TableView> CompareAsync(
        Caller caller,
        long experiment,
        IReadOnlyList<string> runs,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync(
            s =>
            {
                var one = string.Join(", ", runs.Select(r => $"'{r}'"));
                var found = TableQuery
                    .Of(s, caller, experiment, runs.Count == 0 ? "id = ''" : $"id IN ({one})", null, descending: false)
                    .Ids(s, null, runs.Count + 1)
                    .ToHashSet();
                string[] ids = [.. runs.Where(found.Contains)];
                var columns = TableValues.Columns(s, ids);
                return new TableView(
                    [.. columns.Select(c => c.Text)],
                    TableValues.Read(s, ids, columns).Views(columns),
                    ids.Length,
                    false,
                    null
                );
            },
            cancellation
        );
}
