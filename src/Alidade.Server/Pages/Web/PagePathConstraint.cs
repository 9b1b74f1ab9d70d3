namespace Alidade.Server.Pages.Web;

/// <summary>A path that only a page could have; what programs ask for is answered by their own routes.</summary>
internal sealed class PagePathConstraint : IRouteConstraint
{
    public const string Name = "page";

    public bool Match(
        HttpContext? httpContext,
        IRouter? route,
        string routeKey,
        RouteValueDictionary values,
        RouteDirection routeDirection
    ) =>
        values[routeKey] is not string path
        || !(
            path is "api" or "openapi"
            || path.StartsWith("api/", StringComparison.Ordinal)
            || path.StartsWith("openapi/", StringComparison.Ordinal)
        );
}
