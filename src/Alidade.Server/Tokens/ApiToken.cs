using System.Net.Http.Headers;
using System.Text;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Tokens;

/// <summary>The secret of a token and the ways a request carries it.</summary>
public static class ApiToken
{
    public const string Prefix = "alt_";

    public static string New() => Secret.New(Prefix);

    /// <summary>
    /// The token behind <c>Bearer</c>, or the one that clients which know only names and passwords send as the password of
    /// <c>Basic</c>, under any name. Null when the header holds none; then it holds something of a worker, or nothing known.
    /// </summary>
    public static string? Read(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header))
        {
            return null;
        }

        var secret = header.Scheme.ToUpperInvariant() switch
        {
            "BEARER" => header.Parameter,
            "BASIC" => Password(header.Parameter ?? ""),
            _ => null,
        };
        return secret?.StartsWith(Prefix, StringComparison.Ordinal) == true ? secret : null;
    }

    private static string? Password(string encoded)
    {
        var bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, bytes, out var length))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : text[(colon + 1)..];
    }
}
