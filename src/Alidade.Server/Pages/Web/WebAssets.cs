using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;

namespace Alidade.Server.Pages.Web;

/// <summary>
/// The styles, islands and fonts inside this assembly. An address that names its version, by <c>?v=</c> or by a hash
/// in its file name, may be cached for ever; any other is asked for again with its ETag.
/// </summary>
internal static partial class WebAssets
{
    private const string Prefix = "web/";

    private static readonly FrozenDictionary<string, WebAsset> ByPath = Load();

    /// <summary>The address of an asset in the version this server carries.</summary>
    public static string Address(string path) =>
        ByPath.TryGetValue(path, out var asset) ? $"/{path}?v={asset.Version}" : $"/{path}";

    /// <summary>The address of the only asset whose path begins so: the name's hash is the bundler's.</summary>
    public static string? Find(string beginning) =>
        ByPath.Keys.FirstOrDefault(path => path.StartsWith(beginning, StringComparison.Ordinal)) is { } found
            ? $"/{found}"
            : null;

    public static void MapWebAssets(this IEndpointRouteBuilder routes)
    {
        foreach (var asset in ByPath.Values)
        {
            routes
                .MapMethods("/" + asset.Path, [HttpMethods.Get, HttpMethods.Head], context => SendAsync(context, asset))
                .AllowAnonymous();
        }
    }

    private static Task SendAsync(HttpContext context, WebAsset asset)
    {
        var headers = context.Response.Headers;
        var etag = $"\"{asset.Version}\"";
        var named = context.Request.Query["v"] == asset.Version || HashedName().IsMatch(asset.Path);
        headers.CacheControl = named ? "public, max-age=31536000, immutable" : "no-cache";
        headers.ETag = etag;
        headers.XContentTypeOptions = "nosniff";
        headers.Vary = HeaderNames.AcceptEncoding;
        if (context.Request.Headers.IfNoneMatch.ToString().Contains(etag, StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        var brotli = context.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.Ordinal)
            ? asset.Brotli
            : null;
        if (brotli is not null)
        {
            headers.ContentEncoding = "br";
        }

        var body = brotli ?? asset.Content;
        context.Response.ContentType = asset.ContentType;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private static FrozenDictionary<string, WebAsset> Load()
    {
        var assembly = typeof(WebAssets).Assembly;
        return assembly
            .GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => new WebAsset(name[Prefix.Length..], Read(assembly.GetManifestResourceStream(name)!)))
            .ToFrozenDictionary(asset => asset.Path, StringComparer.Ordinal);
    }

    private static byte[] Read(Stream stream)
    {
        using (stream)
        {
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content;
        }
    }

    [GeneratedRegex("-[A-Z0-9]{8}\\.[a-z0-9]+$")]
    private static partial Regex HashedName();
}
