using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Alidade.Conformance.Tests;

/// <summary>Recorded requests, with our numbers and texts in the place of the recorded ones.</summary>
public sealed class Substitution(Bindings bindings)
{
    /// <summary>Path and query as they go over the wire.</summary>
    public string Target(Exchange exchange)
    {
        var query = string.Join('&', exchange.Query.Select(p => $"{Escape(p[0])}={Escape(QueryValue(p[0], p[1]))}"));
        return Escape(Address(exchange.Path), "/:@%+$,;=&~!*'()") + (query.Length > 0 ? "?" + query : "");
    }

    public byte[]? Body(Exchange exchange)
    {
        if (exchange.Body is { Json.ValueKind: not JsonValueKind.Undefined })
        {
            var node = Value(exchange.Body.Json, IdKinds.OfAnswer(exchange.Path), []);
            return Encoding.UTF8.GetBytes(node?.ToJsonString() ?? "null");
        }

        return exchange.Body.Text is { } text ? Encoding.UTF8.GetBytes(bindings.Rewrite(text)) : exchange.Body.Base64;
    }

    private string Address(string path)
    {
        var parts = path.Split('/');
        var before = "";
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Length > 0 && parts[i].All(char.IsAsciiDigit))
            {
                parts[i] = before == "versions" ? parts[i] : bindings.Of(IdKinds.OfSegment(before), parts[i]);
            }
            else
            {
                (parts[i], before) = (bindings.TextOf(parts[i]), parts[i]);
            }
        }

        return string.Join('/', parts);
    }

    private string QueryValue(string key, string value) =>
        bindings.Rewrite(
            key switch
            {
                "experiment_id" => bindings.Of("mlflow", value),
                "groupId" or "userId" => bindings.Of(key[..^2], value),
                "outputParams" => string.Join(',', value.Split(',').Select(v => bindings.Of("resource", v))),
                _ => value,
            }
        );

    private JsonNode? Value(JsonElement json, string root, string[] keys)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                return new JsonObject(
                    json.EnumerateObject()
                        .Select(m => KeyValuePair.Create(m.Name, Value(m.Value, root, [.. keys, m.Name])))
                );
            case JsonValueKind.Array:
                return new JsonArray([.. json.EnumerateArray().Select(i => Value(i, root, keys))]);
            case JsonValueKind.String when keys is [.., "experiment_id"]:
                return bindings.Of("mlflow", json.GetString()!);
            case JsonValueKind.String:
                return bindings.Rewrite(json.GetString()!);
            case JsonValueKind.Number when json.TryGetInt64(out _) && IdKinds.Of(root, keys) is { } kind:
                return long.Parse(bindings.Of(kind, json.GetRawText()), CultureInfo.InvariantCulture);
            default:
                return JsonNode.Parse(json.GetRawText());
        }
    }

    /// <summary>Percent-encoding of all but letters, digits and these.</summary>
    private static string Escape(string text, string kept = "")
    {
        var escaped = new StringBuilder();
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            var c = (char)octet;
            if (char.IsAsciiLetterOrDigit(c) || "_.-~".Contains(c) || kept.Contains(c))
            {
                escaped.Append(c);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
            }
        }

        return escaped.ToString();
    }
}
