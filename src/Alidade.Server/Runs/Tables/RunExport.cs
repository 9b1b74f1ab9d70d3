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
        var (columns, first) = await stores.Core.ReadAsync(
            s =>
            {
                var ids = Ids(s, caller, experiment, request, null);
                var chosen = request.Columns ?? TableValues.Columns(s, ids);
                IReadOnlyList<FieldName> all = [.. Members, .. chosen.Except(Members)];
                return (all, Page(s, ids, all));
            },
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

    private static IReadOnlyList<string> Ids(
        ISession s,
        Caller caller,
        long experiment,
        TableRequest request,
        string? after
    ) => TableQuery.Of(s, caller, experiment, request.Filter, request.SortBy, request.Descending).Ids(s, after, Rows);

    private static ExportPage Page(ISession s, IReadOnlyList<string> ids, IReadOnlyList<FieldName> columns) =>
        new(TableValues.Read(s, ids, columns), ids.Count == Rows ? ids[^1] : null);

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
