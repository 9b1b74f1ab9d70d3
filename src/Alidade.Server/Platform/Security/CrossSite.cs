using Alidade.Server.Platform.Errors;

namespace Alidade.Server.Platform.Security;

/// <summary>
/// Refuses a change that another web site makes a browser ask for, with a cookie or without: registering and signing in
/// need none. Browsers say where a request comes from; who says neither is no browser.
/// </summary>
public static class CrossSite
{
    public static IApplicationBuilder UseCrossSiteCheck(
        this IApplicationBuilder app,
        IReadOnlyList<string> allowedOrigins
    ) =>
        app.Use(
            (context, next) =>
            {
                var request = context.Request;
                if (!IsSafe(request.Method) && !IsOwn(request, allowedOrigins))
                {
                    throw new ForbiddenException(
                        "CrossSiteRequestError",
                        "The request comes from another site. Add that origin to Http:AllowedOrigins if it is yours."
                    );
                }

                return next(context);
            }
        );

    private static bool IsSafe(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private static bool IsOwn(HttpRequest request, IReadOnlyList<string> allowedOrigins)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site is "same-origin" or "none")
        {
            return true;
        }

        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0
            ? site.Length == 0
            : origin == $"{request.Scheme}://{request.Host}" || allowedOrigins.Contains(origin);
    }
}
