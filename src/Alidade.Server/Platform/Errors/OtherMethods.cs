using System.Globalization;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;

namespace Alidade.Server.Platform.Errors;

/// <summary>
/// The methods that a path takes. The router cannot tell: the page for unknown paths takes every method everywhere, and is
/// ruled out below <c>/api</c> only after the methods were compared.
/// </summary>
internal sealed class OtherMethods(EndpointDataSource endpoints)
{
    private readonly Lazy<IReadOnlyList<Route>> _routes = new(() =>
        [
            .. endpoints
                .Endpoints.OfType<RouteEndpoint>()
                .Select(e => (e.RoutePattern, e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods))
                .Where(e => e.HttpMethods is { Count: > 0 })
                .Select(e => new Route(e.RoutePattern, Matcher(e.RoutePattern), e.HttpMethods!)),
        ]
    );

    /// <summary>Empty where nothing is under this path.</summary>
    public IReadOnlyList<string> At(PathString path) =>
        [.. _routes.Value.Where(r => r.Takes(path)).SelectMany(r => r.Methods).Distinct().Order()];

    /// <summary>Where there are any, what is not found is a method and not a path.</summary>
    public static void Explain(HttpContext context)
    {
        var methods = context.RequestServices.GetRequiredService<OtherMethods>().At(context.Request.Path);
        if (methods.Count > 0)
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = string.Join(", ", methods);
        }
    }

    private static TemplateMatcher Matcher(RoutePattern pattern) =>
        new(new RouteTemplate(pattern), new RouteValueDictionary(pattern.Defaults));

    private sealed record Route(RoutePattern Pattern, TemplateMatcher Matcher, IReadOnlyList<string> Methods)
    {
        public bool Takes(PathString path)
        {
            var values = new RouteValueDictionary();
            return Matcher.TryMatch(path, values) && Pattern.Parameters.All(p => !IsNumber(p) || HasNumber(p, values));
        }

        private static bool IsNumber(RoutePatternParameterPart part) =>
            part.ParameterPolicies.Any(p => p.Content == "long");

        private static bool HasNumber(RoutePatternParameterPart part, RouteValueDictionary values) =>
            long.TryParse(values[part.Name]?.ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out _);
    }
}
