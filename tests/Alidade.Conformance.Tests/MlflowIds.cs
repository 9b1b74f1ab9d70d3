using System.Text.Json;
using System.Text.Json.Nodes;

namespace Alidade.Conformance.Tests;

/// <summary>The ids of a recording and those they became here, and answers compared through them.</summary>
internal sealed class MlflowIds
{
    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _experiments = new(StringComparer.Ordinal);
    private readonly HashSet<string> _chosen = new(StringComparer.Ordinal);

    public string Target(string path)
    {
        var query = path.IndexOf('?', StringComparison.Ordinal);
        if (query < 0)
        {
            return Text(path);
        }

        var fields = path[(query + 1)..]
            .Split('&')
            .Select(f =>
                f.StartsWith("experiment_id=", StringComparison.Ordinal)
                    ? "experiment_id=" + Experiment(f["experiment_id=".Length..])
                    : Text(f)
            );
        return Text(path[..query]) + "?" + string.Join('&', fields);
    }

    /// <summary>A request with our ids; its texts are what the client chose.</summary>
    public JsonNode Body(JsonNode recorded) => Body(recorded, "");

    /// <summary>Takes over the ids that an answer gives.</summary>
    public void TakeOver(JsonNode? want, JsonNode? got, string key = "")
    {
        if (want is JsonObject wanted && got is JsonObject given)
        {
            foreach (var (name, value) in wanted)
            {
                TakeOver(value, given[name], name);
            }
        }
        else if (want is JsonArray list && got is JsonArray other)
        {
            foreach (var (a, b) in list.Zip(other))
            {
                TakeOver(a, b, key);
            }
        }
        else if (want is JsonValue old && got is JsonValue now && old.GetValueKind() == JsonValueKind.String)
        {
            if (key is "run_id" or "run_uuid" or "model_id")
            {
                _ids[old.GetValue<string>()] = now.GetValue<string>();
            }
            else if (key == "experiment_id")
            {
                _experiments[old.GetValue<string>()] = now.GetValue<string>();
            }
        }
    }

    /// <summary>Members that lack or are of another type, and chosen values that came back changed.</summary>
    public IEnumerable<string> Differences(JsonNode? want, JsonNode? got, string at) =>
        (want, got) switch
        {
            (JsonObject w, JsonObject g) => w.SelectMany(m =>
                g.ContainsKey(m.Key) ? Differences(m.Value, g[m.Key], $"{at}/{m.Key}") : [$"{at}/{m.Key} is missing"]
            ),
            (JsonArray w, JsonArray g) => Lists(w, g, at),
            (JsonValue w, JsonValue g) when w.GetValueKind() != g.GetValueKind() => [$"{at} is {g}, recorded {w}"],
            (JsonValue w, JsonValue g) when w.GetValueKind() == JsonValueKind.String => Texts(w, g, at),
            (JsonValue w, JsonValue g) when at.EndsWith("/value", StringComparison.Ordinal) => w.GetValue<double>()
            == g.GetValue<double>()
                ? []
                : [$"{at} is {g}, recorded {w}"],
            (null, null) or (JsonValue, JsonValue) => [],
            _ => [$"{at} is {got?.ToJsonString()}, recorded {want?.ToJsonString()}"],
        };

    private IEnumerable<string> Lists(JsonArray want, JsonArray got, string at)
    {
        foreach (var (i, item) in want.Index())
        {
            // Things with a key are found by it: their order is the server's.
            var other = (item as JsonObject)?["key"] is { } key
                ? got.FirstOrDefault(g => JsonNode.DeepEquals((g as JsonObject)?["key"], key))
                : got.ElementAtOrDefault(i);
            foreach (var difference in Differences(item, other, $"{at}[{i}]"))
            {
                yield return difference;
            }
        }
    }

    private IEnumerable<string> Texts(JsonValue want, JsonValue got, string at)
    {
        var name = at[(at.LastIndexOf('/') + 1)..];
        var wanted = want.GetValue<string>();
        var isOurs = name is "experiment_id" or "artifact_location" or "artifact_uri" || !_chosen.Contains(wanted);
        return isOurs || Text(wanted) == got.GetValue<string>() ? [] : [$"{at} is {got}, recorded {want}"];
    }

    private JsonNode Body(JsonNode? node, string key)
    {
        switch (node)
        {
            case JsonObject members:
                return new JsonObject(members.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)Body(m.Value, m.Key))));
            case JsonArray items:
                return new JsonArray([.. items.Select(i => Body(i, key))]);
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                var text = value.GetValue<string>();
                _chosen.Add(text);
                return key is "experiment_id" or "experiment_ids" ? Experiment(text) : Text(text);
            default:
                return node!.DeepClone();
        }
    }

    private string Experiment(string id) => _experiments.GetValueOrDefault(id, id);

    private string Text(string text) =>
        _ids.OrderByDescending(i => i.Key.Length)
            .Aggregate(text, (now, id) => now.Replace(id.Key, id.Value, StringComparison.Ordinal));
}
