using System.Text.Json;

namespace Alidade.Client.Http;

/// <summary>Reads the three shapes of error bodies: by field, by name with detail, and a bare message.</summary>
internal static class ErrorBody
{
    public static async Task<ApiException> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var text = await response.Content.ReadAsStringAsync(cancellation);
        var fields = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        string? error = null;
        string? message = null;
        try
        {
            using var body = JsonDocument.Parse(text);
            if (body.RootElement.ValueKind == JsonValueKind.Object)
            {
                error = Text(body.RootElement, "error");
                message = Text(body.RootElement, "message");
                if (body.RootElement.TryGetProperty("errors", out var errors))
                {
                    Collect(errors, "", fields);
                }
            }
        }
        catch (JsonException)
        {
            // A proxy's page, or nothing at all: the status says it.
        }

        return new ApiException(response.StatusCode, error, Sentence(response, error, message, fields), fields);
    }

    private static string Sentence(
        HttpResponseMessage response,
        string? error,
        string? message,
        SortedDictionary<string, IReadOnlyList<string>> fields
    )
    {
        if (fields.Count > 0)
        {
            return string.Join("; ", fields.Select(field => $"{field.Key}: {string.Join(' ', field.Value)}"));
        }

        if (message is not null && error is not null)
        {
            return message;
        }

        var request = response.RequestMessage;
        return $"{request?.Method} {request?.RequestUri}: {message ?? $"{(int)response.StatusCode} {response.ReasonPhrase}"}";
    }

    private static void Collect(
        JsonElement element,
        string path,
        SortedDictionary<string, IReadOnlyList<string>> fields
    )
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    Collect(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}", fields);
                }

                break;
            case JsonValueKind.Array:
                fields[path] = [.. element.EnumerateArray().Select(item => item.ToString())];
                break;
            default:
                fields[path] = [element.ToString()];
                break;
        }
    }

    private static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
