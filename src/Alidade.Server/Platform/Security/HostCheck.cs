using System.Net;
using Alidade.Server.Platform.Errors;

namespace Alidade.Server.Platform.Security;

/// <summary>
/// On loopback, refuses requests under a host name that is not this machine's. Another site can make its own name mean
/// 127.0.0.1; the browser then takes us for that site, and only the name gives it away.
/// </summary>
public static class HostCheck
{
    /// <param name="allowedOrigins">Names of proxies in front of us, as in <c>https://alidade.example.org</c>.</param>
    public static IApplicationBuilder UseHostCheck(this IApplicationBuilder app, IReadOnlyList<string> allowedOrigins)
    {
        var names = allowedOrigins
            .Select(origin => Uri.TryCreate(origin, UriKind.Absolute, out var uri) ? uri.Host : origin)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        return app.Use(
            (context, next) =>
                IsOwn(context.Request.Host.Host, names)
                    ? next(context)
                    : throw new RefusedException(
                        "HostNotAllowedError",
                        $"The host '{context.Request.Host.Host}' is not known here. Use localhost or an IP address, or "
                            + "add the origin of the proxy in front of this server to Http:AllowedOrigins."
                    )
        );
    }

    private static bool IsOwn(string host, HashSet<string> names) =>
        host.Length == 0
        || IPAddress.TryParse(host, out _)
        || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || names.Contains(host);
}
