namespace Alidade.Server.Pages.Web;

/// <summary>A path that only a page could have; what programs ask for is answered by their own routes.</summary>
internal sealed class PagePathConstraint : IRouteConstraint
{
    public const string Name = "page";

    /// <summary>What paths that programs ask for begin with.</summary>
    private static readonly string[] Programs = ["api", "ajax-api", "openapi", "v1"];

    public bool Match(
        HttpContext? httpContext,
        IRouter? route,
        string routeKey,
        RouteValueDictionary values,
        RouteDirection routeDirection
    ) => values[routeKey] is not string path || !Programs.Contains(path.Split('/', 2)[0]);
}
