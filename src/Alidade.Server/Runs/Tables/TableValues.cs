using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Server.Metrics;
using Alidade.Server.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Runs.Tables;

/// <summary>Values of rows, by column.</summary>
internal sealed class TableValues(IReadOnlyList<RunHead> rows, RunCells cells)
{
    public IReadOnlyList<RunHead> Rows => rows;

    public static TableValues Read(ISession s, IReadOnlyList<string> ids, IReadOnlyList<FieldName> columns) =>
        new(RunHeads.Of(s, ids), RunCells.Read(s, ids, [.. columns.Select(c => (c.Field, c.Key))]));

    /// <summary>The columns that these runs have values for: parameters, metrics, results; tags only where asked for.</summary>
    public static IReadOnlyList<FieldName> Columns(ISession s, IReadOnlyList<string> ids, bool withTags = false) =>
        [
            .. RunCells
                .Names(s, ids)
                .Where(n => withTags || n.Field != RunField.Tag)
                .OrderBy(n => Rank(n.Field))
                .Select(n => new FieldName(n.Field, n.Name))
                .Take(TableRequest.MostColumns),
        ];

    /// <summary>Parameters come first, then metrics and results.</summary>
    public static int Rank(RunField field) =>
        field switch
        {
            RunField.Parameter => 0,
            RunField.Metric => 1,
            RunField.Result => 2,
            _ => 3,
        };

    /// <summary>As text, for keys of groups and files; null for none.</summary>
    public string? Text(RunHead row, FieldName column) =>
        Json(row, column) is { } node
            ? (node is JsonValue v && v.TryGetValue<string>(out var text) ? text : node.ToJsonString())
            : null;

    /// <summary>A number, where there is one to reckon with.</summary>
    public double? Number(RunHead row, FieldName column)
    {
        if (column.Field == RunField.Attribute)
        {
            return column.Key switch
            {
                "duration" => row.Ended - row.Started is { } micros ? micros / 1e6 : null,
                "job" => row.Job,
                _ => null,
            };
        }

        var cell = cells[row.Id, column.Field, column.Key];
        return cell is { Number: { } number } && !double.IsNaN(number) ? number
            : cell is { Text: { } text } && RunNumbers.Of(text) is { } ordered
                ? Storage.Metrics.OrderedDouble.ToDouble(ordered)
            : null;
    }

    public JsonNode? Json(RunHead row, FieldName column)
    {
        if (column.Field == RunField.Attribute)
        {
            return Member(row, column.Key);
        }

        return cells[row.Id, column.Field, column.Key] switch
        {
            null => null,
            { Number: { } number } => double.IsFinite(number) ? number : PythonFloat.Text(number),
            { Text: { } text } when column.Field == RunField.Result => Parsed(text),
            { Text: var text } => text,
        };
    }

    public IReadOnlyList<TableRowView> Views(IReadOnlyList<FieldName> columns) =>
        [
            .. rows.Select(r => new TableRowView(
                r.Id,
                r.Job,
                r.Own == 1 ? "job" : "run",
                r.Title,
                r.State,
                r.ClaimedUser is { Length: > 0 } user ? user : r.Username,
                r.EntrypointName,
                r.QueueName,
                r.Parent,
                Wire.Time(r.Created),
                Wire.Time(r.Started),
                Wire.Time(r.Ended),
                r.Message?.Split('\n', 2)[0],
                r.Own == 1 ? r.Head : null,
                [.. columns.Select(c => Json(r, c))]
            )),
        ];

    private JsonNode? Member(RunHead row, string key) =>
        key switch
        {
            "run_id" => row.Id,
            "name" => row.Title,
            "state" => row.State,
            "kind" => row.Own == 1 ? "job" : "run",
            "job" => row.Job,
            "parent" => row.Parent,
            "user" => row.ClaimedUser is { Length: > 0 } user ? user : row.Username,
            "entrypoint" => row.EntrypointName,
            "queue" => row.QueueName,
            "created" => Wire.Time(row.Created),
            "started" => Wire.Time(row.Started),
            "ended" => Wire.Time(row.Ended),
            "duration" => Number(row, new FieldName(RunField.Attribute, "duration")),
            _ => null,
        };

    private static JsonNode? Parsed(string json)
    {
        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            // A number that JSON does not know, as its reporter wrote it.
            return json;
        }
    }
}
