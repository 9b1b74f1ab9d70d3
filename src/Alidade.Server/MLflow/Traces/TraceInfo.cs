using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Server.MLflow.Experiments;
using Alidade.Server.MLflow.Protocol;
using Alidade.Storage.Runs;

namespace Alidade.Server.MLflow.Traces;

/// <summary>What a trace says of itself beside its moment and state; kept as JSON.</summary>
/// <param name="Duration">Milliseconds.</param>
/// <param name="Metadata">Written once, by the client.</param>
public sealed record TraceInfo(
    IReadOnlyDictionary<string, string> Tags,
    IReadOnlyDictionary<string, string> Metadata,
    long? Duration = null,
    string? ClientId = null,
    string? Request = null,
    string? Response = null
)
{
    public IReadOnlyList<Assessment> Assessments { get; init; } = [];

    /// <summary>It is read and written whole at every change.</summary>
    private const int MostBytes = 1_048_576;

    private const string Location = "mlflow.artifactLocation";

    public static TraceInfo Of(TraceRow row) =>
        JsonSerializer.Deserialize<TraceInfo>(row.Info, JsonSerializerOptions.Web)!;

    /// <summary>As it is kept.</summary>
    /// <exception cref="MlflowException">It is too large.</exception>
    public string ToJson()
    {
        // The serializer escapes all beyond ASCII, so each character is a byte.
        var json = JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
        return json.Length <= MostBytes
            ? json
            : throw MlflowException.Invalid(
                $"'trace_info' exceeds the maximum length of {MostBytes} bytes: with this change the tags, metadata, "
                    + $"previews and assessments of the trace would take {json.Length} bytes as JSON. "
                    + "Shorten or delete some of them, or keep large values as artifacts."
            );
    }

    public static IReadOnlyDictionary<string, string> Merged(
        IReadOnlyDictionary<string, string> known,
        IEnumerable<KeyValuePair<string, string>> added
    )
    {
        var all = known.ToDictionary();
        foreach (var (key, value) in added)
        {
            all[key] = value;
        }

        return all;
    }

    /// <summary>As clients before 3.0 read it.</summary>
    public static object Old(TraceRow row, string experiment)
    {
        var info = Of(row);
        return new
        {
            request_id = row.Id,
            experiment_id = experiment,
            timestamp_ms = row.At / 1000,
            execution_time_ms = info.Duration,
            status = row.State,
            request_metadata = Pairs(info.Metadata),
            tags = Pairs(WithLocation(row, info.Tags)),
        };
    }

    /// <summary>As clients from 3.0 on read it.</summary>
    public static object New(TraceRow row, string experiment)
    {
        var info = Of(row);
        return new
        {
            trace_id = row.Id,
            client_request_id = info.ClientId,
            trace_location = new { type = "MLFLOW_EXPERIMENT", mlflow_experiment = new { experiment_id = experiment } },
            request_preview = info.Request,
            response_preview = info.Response,
            request_time = Moments.Text(row.At),
            execution_duration = info.Duration is { } millis
                ? (millis / 1000m).ToString("0.###", CultureInfo.InvariantCulture) + "s"
                : null,
            state = row.State,
            trace_metadata = new JsonObject(info.Metadata.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
            tags = new JsonObject(
                WithLocation(row, info.Tags).Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))
            ),
            assessments = info.Assessments,
        };
    }

    /// <summary>Clients put the spans, one file, where this tag says.</summary>
    private static IReadOnlyDictionary<string, string> WithLocation(
        TraceRow row,
        IReadOnlyDictionary<string, string> tags
    ) => Merged(tags, [KeyValuePair.Create(Location, $"{ExperimentIds.Here(row.GroupId)}/traces/{row.Id}/artifacts")]);

    private static IReadOnlyList<KeyValue> Pairs(IReadOnlyDictionary<string, string> values) =>
        [.. values.Select(p => new KeyValue(p.Key, p.Value))];
}
