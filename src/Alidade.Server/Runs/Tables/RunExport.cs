using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Runs.Tables;

/// <summary>A whole table as a file, written while it is read: memory does not grow with the number of runs.</summary>
public sealed class RunExport(Stores stores)
{
    private const int Rows = 500;
    private const int MostColumns = 5_000;

    private static readonly FieldName[] Members =
    [
        .. new[] { "run_id", "job", "kind", "name", "state", "user", "created", "started", "ended" }.Select(
            key => new FieldName(RunField.Attribute, key)
        ),
    ];

    /// <param name="format"><c>csv</c> or <c>json</c>, a list of objects.</param>
    public async Task<IResult> ExportAsync(
        Caller caller,
        long experiment,
        TableRequest request,
        string? format,
        CancellationToken cancellation
    )
    {
        if (format is not (null or "csv" or "json"))
        {
            throw new InvalidInputException("format", "Must be csv or json.");
        }

        // What is wrong with the request is said before the first byte is written.
        var chosen = request.Columns ?? await ColumnsAsync(caller, experiment, request, cancellation);
        IReadOnlyList<FieldName> columns = [.. Members, .. chosen.Except(Members)];
        var first = await stores.Core.ReadAsync(
            s => Page(s, Ids(s, caller, experiment, request, null), columns),
            cancellation
        );
        var pages = PagesAsync(caller, experiment, request, columns, first, cancellation);
        var name = $"experiment-{experiment}-runs";
        return format == "json"
            ? Results.Stream(
                stream => WriteJsonAsync(stream, columns, pages, cancellation),
                "application/json",
                name + ".json"
            )
            : Results.Stream(
                stream => WriteCsvAsync(stream, columns, pages, cancellation),
                "text/csv; charset=utf-8",
                name + ".csv"
            );
    }

    /// <summary>What any of the rows has a value for: it must be known before the first of them is written.</summary>
    private async Task<IReadOnlyList<FieldName>> ColumnsAsync(
        Caller caller,
        long experiment,
        TableRequest request,
        CancellationToken cancellation
    )
    {
        var found = new HashSet<FieldName>();
        string? last = null;
        do
        {
            var after = last;
            (var names, last) = await stores.Core.ReadAsync(
                s =>
                {
                    var (ids, next) = Ids(s, caller, experiment, request, after);
                    return (RunCells.Names(s, ids), next);
                },
                cancellation
            );
            found.UnionWith(names.Where(n => n.Field != RunField.Tag).Select(n => new FieldName(n.Field, n.Name)));
            if (found.Count > MostColumns)
            {
                throw new InvalidInputException(
                    "columns",
                    $"The rows have more than {MostColumns} parameters, metrics and results. Name those that the file is to have."
                );
            }
        } while (last is not null);

        return [.. found.OrderBy(f => TableValues.Rank(f.Field)).ThenBy(f => f.Key, StringComparer.Ordinal)];
    }

    /// <returns>The rows of a page, and where the next one begins; null after the last.</returns>
    private static (IReadOnlyList<string> Ids, string? Next) Ids(
        ISession s,
        Caller caller,
        long experiment,
        TableRequest request,
        string? after
    )
    {
        var query = TableQuery.Of(s, caller, experiment, request.Filter, request.SortBy, request.Descending);
        var ids = query.Ids(s, after, Rows);
        return (ids, ids.Count == Rows ? query.PlaceOf(s, ids[^1]) : null);
    }

    private static ExportPage Page(
        ISession s,
        (IReadOnlyList<string> Ids, string? Next) rows,
        IReadOnlyList<FieldName> columns
    ) => new(TableValues.Read(s, rows.Ids, columns), rows.Next);

    private async IAsyncEnumerable<TableValues> PagesAsync(
        Caller caller,
        long experiment,
        TableRequest request,
        IReadOnlyList<FieldName> columns,
        ExportPage first,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
    )
    {
        for (var page = first; ; )
        {
            yield return page.Values;
            if (page.Last is not { } last)
            {
                yield break;
            }

            page = await stores.Core.ReadAsync(
                s => Page(s, Ids(s, caller, experiment, request, last), columns),
                cancellation
            );
        }
    }

    private static async Task WriteCsvAsync(
        Stream stream,
        IReadOnlyList<FieldName> columns,
        IAsyncEnumerable<TableValues> pages,
        CancellationToken cancellation
    )
    {
        var text = new StringBuilder(CsvText.Row(columns.Select(c => c.Text)));
        await foreach (var page in pages.WithCancellation(cancellation))
        {
            foreach (var row in page.Rows)
            {
                text.Append(CsvText.Row(columns.Select(c => page.Text(row, c))));
            }

            await stream.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), cancellation);
            text.Clear();
        }
    }

    private static async Task WriteJsonAsync(
        Stream stream,
        IReadOnlyList<FieldName> columns,
        IAsyncEnumerable<TableValues> pages,
        CancellationToken cancellation
    )
    {
        await using var writer = new Utf8JsonWriter(stream);
        writer.WriteStartArray();
        await foreach (var page in pages.WithCancellation(cancellation))
        {
            foreach (var row in page.Rows)
            {
                new JsonObject(
                    columns.Select(c => KeyValuePair.Create(c.Text, page.Json(row, c))).Where(p => p.Value is not null)
                ).WriteTo(writer);
            }

            await writer.FlushAsync(cancellation);
        }

        writer.WriteEndArray();
    }

    /// <param name="Last">After which the next page begins; null for the last page.</param>
    private sealed record ExportPage(TableValues Values, string? Last);
}
