namespace Alidade.Server.Pages.Web;

/// <summary>A path that only a page could have; what programs ask for is answered by their own routes.</summary>
internal sealed class PagePathConstraint : IRouteConstraint
{
    public const string Name = "page";

    /// <summary>What paths that programs ask for begin with.</summary>
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Programs = new HashSet<string>(
        ["api", "ajax-api", "openapi", "v1"],
        StringComparer.Ordinal
    ).GetAlternateLookup<ReadOnlySpan<char>>();

    public bool Match(
        HttpContext? httpContext,
        IRouter? route,
        string routeKey,
        RouteValueDictionary values,
        RouteDirection routeDirection
    ) => values[routeKey] is not string path || !Programs.Contains(First(path));

    private static ReadOnlySpan<char> First(string path) =>
        path.AsSpan(0, path.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? slash : path.Length);
}
