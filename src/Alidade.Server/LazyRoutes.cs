namespace Alidade.Server;

/// <summary>
/// The framework's <c>MapGet</c> and its kin, except that the code which reads a handler's parameters and writes its
/// result is made when the route is first asked for. The framework makes all of it before the first request is answered,
/// which was most of the start. This namespace encloses every feature, so the compiler finds these methods first.
/// </summary>
internal static class LazyRoutes
{
    public static RouteHandlerBuilder MapGet(this IEndpointRouteBuilder routes, string pattern, Delegate handler) =>
        Map(routes, pattern, handler, HttpMethods.Get);

    public static RouteHandlerBuilder MapPost(this IEndpointRouteBuilder routes, string pattern, Delegate handler) =>
        Map(routes, pattern, handler, HttpMethods.Post);

    public static RouteHandlerBuilder MapPut(this IEndpointRouteBuilder routes, string pattern, Delegate handler) =>
        Map(routes, pattern, handler, HttpMethods.Put);

    public static RouteHandlerBuilder MapDelete(this IEndpointRouteBuilder routes, string pattern, Delegate handler) =>
        Map(routes, pattern, handler, HttpMethods.Delete);

    public static RouteHandlerBuilder Map(
        IEndpointRouteBuilder routes,
        string pattern,
        Delegate handler,
        string method
    ) => RouteHandlerServices.Map(routes, pattern, handler, [method], RequestDelegateFactory.InferMetadata, Create);

    /// <summary>What the framework knows of the handler stands in the endpoint at once; only its code waits.</summary>
    private static RequestDelegateResult Create(
        Delegate handler,
        RequestDelegateFactoryOptions options,
        RequestDelegateMetadataResult? metadata
    )
    {
        var code = new Lazy<RequestDelegate>(() =>
            RequestDelegateFactory.Create(handler, options, metadata).RequestDelegate
        );
        return new RequestDelegateResult(context => code.Value(context), metadata?.EndpointMetadata ?? []);
    }
}
