namespace Alidade.Server.Platform.Input;

/// <summary>
/// Parameters of handlers that are read from a request without waiting. They are services of that request: for a type with
/// a <c>BindAsync</c> the framework compiles code for each endpoint before the first answer, and at hundreds of endpoints
/// that was most of the start.
/// </summary>
internal static class RequestValues
{
    public static void AddOfRequest<T>(this IServiceCollection services, Func<HttpContext, T> read)
        where T : class =>
        services.AddTransient(provider => read(provider.GetRequiredService<IHttpContextAccessor>().HttpContext!));
}
