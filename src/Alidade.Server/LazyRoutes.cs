using System.Collections.Concurrent;
using System.Reflection;

namespace Alidade.Server;

/// <summary>
/// The framework's <c>MapGet</c> and its kin, except that the code which reads a handler's parameters and writes its
/// result is made when the route is first asked for. The framework makes all of it before the first request is answered,
/// which was most of the start. This namespace encloses every feature, so the compiler finds these methods first.
/// </summary>
internal static class LazyRoutes
{
    /// <summary>Some handlers stand at several paths; what the framework finds out about one costs it a compilation.</summary>
    private static readonly ConcurrentDictionary<MethodInfo, object[]> Known = new();

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
    ) => RouteHandlerServices.Map(routes, pattern, handler, [method], Infer, Create);

    private static RequestDelegateMetadataResult Infer(MethodInfo handler, RequestDelegateFactoryOptions? options)
    {
        var metadata = options!.EndpointBuilder!.Metadata;
        if (Known.TryGetValue(handler, out var known))
        {
            foreach (var fact in known)
            {
                metadata.Add(fact);
            }

            return new RequestDelegateMetadataResult { EndpointMetadata = [.. metadata] };
        }

        var before = metadata.Count;
        var result = RequestDelegateFactory.InferMetadata(handler, options);
        Known[handler] = [.. metadata.Skip(before)];
        return result;
    }

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
