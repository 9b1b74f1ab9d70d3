using Microsoft.Net.Http.Headers;

namespace Alidade.Server.Artifacts;

/// <summary>Headers under which a browser shows a job's file without ever running it on our origin.</summary>
internal static class SafeHeaders
{
    public static void Write(HttpResponse response, string type, string name, bool alwaysAttached = false)
    {
        var disposition = new ContentDispositionHeaderValue(
            !alwaysAttached && IsHarmless(type) ? "inline" : "attachment"
        );
        disposition.SetHttpFileName(name);
        if (name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
        {
            disposition.FileNameStar = default;
        }

        response.Headers.ContentDisposition = disposition.ToString();
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
        Write(response);
    }

    /// <summary>For what is only ever saved. Whoever keeps a copy asks each time whether it is still the right one.</summary>
    public static void Write(HttpResponse response)
    {
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "private, no-cache";
    }

    /// <summary>Types in which there is nothing to run.</summary>
    private static bool IsHarmless(string type) =>
        type
            is "text/plain"
                or "text/csv"
                or "application/json"
                or "application/pdf"
                or "image/png"
                or "image/jpeg"
                or "image/gif"
                or "image/webp"
                or "image/bmp"
        || type.StartsWith("audio/", StringComparison.Ordinal)
        || type.StartsWith("video/", StringComparison.Ordinal);
}
