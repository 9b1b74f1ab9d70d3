using Microsoft.Net.Http.Headers;

namespace Alidade.Server.Artifacts;

/// <summary>Headers under which a browser shows a job's file without ever running it on our origin.</summary>
internal static class SafeHeaders
{
    public static void Write(HttpResponse response, string type, string name)
    {
        var disposition = new ContentDispositionHeaderValue(IsHarmless(type) ? "inline" : "attachment");
        disposition.SetHttpFileName(name);
        response.Headers.ContentDisposition = disposition.ToString();
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
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
