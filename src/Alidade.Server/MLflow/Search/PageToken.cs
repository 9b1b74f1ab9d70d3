using System.Globalization;
using System.Text;
using System.Text.Json;
using Alidade.Server.MLflow.Protocol;

namespace Alidade.Server.MLflow.Search;

/// <summary>Where the next page begins: after a row, so that what comes or goes meanwhile moves nothing.</summary>
internal static class PageToken
{
    public static string Of(string last) =>
        Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(new Place(last), JsonSerializerOptions.Web));

    /// <summary>The last row of the page before; null for the first page.</summary>
    public static string? Read(string? token)
    {
        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        var bytes = new byte[token.Length];
        if (!Convert.TryFromBase64String(token, bytes, out var length))
        {
            throw MlflowException.Invalid("Invalid page token, could not base64-decode");
        }

        try
        {
            var text = Encoding.UTF8.GetString(bytes, 0, length);
            return
                JsonSerializer.Deserialize<Place>(text, JsonSerializerOptions.Web)?.After is { } after
                && !after.Contains('\0')
                ? after
                : throw MlflowException.Invalid("Invalid page token, it is from another server");
        }
        catch (JsonException)
        {
            throw MlflowException.Invalid("Invalid page token, could not be parsed");
        }
    }

    /// <summary>As <see cref="Read"/>, for rows with numbers.</summary>
    public static string? ReadNumbered(string? token) =>
        Read(token) is not { } text ? null
        : long.TryParse(text.Split('.')[0], CultureInfo.InvariantCulture, out _) ? text
        : throw MlflowException.Invalid("Invalid page token, it belongs to another search");

    private sealed record Place(string? After);
}

/// <summary>Checks how many results a search may give.</summary>
internal static class MaxResults
{
    public static int Of(long? asked, int usual, int most)
    {
        var text = asked?.ToString(CultureInfo.InvariantCulture);
        return asked switch
        {
            null => usual,
            <= 0 => throw MlflowException.Invalid(
                $"Invalid value {text} for parameter 'max_results' supplied. It must be a positive integer"
            ),
            _ when asked > most => throw MlflowException.Invalid(
                $"Invalid value {text} for parameter 'max_results' supplied. It must be at most {most}"
            ),
            _ => (int)asked,
        };
    }
}
