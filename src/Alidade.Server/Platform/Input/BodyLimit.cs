using Microsoft.AspNetCore.Http.Features;

namespace Alidade.Server.Platform.Input;

/// <summary>How much of a body a route accepts, where it differs from the server's limit.</summary>
internal static class BodyLimit
{
    /// <summary>For files that are streamed to the disk: the disk is the limit.</summary>
    public static void Remove(HttpContext context) => Set(context, null);

    public static void Set(HttpContext context, long? bytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = bytes;
        }
    }
}
