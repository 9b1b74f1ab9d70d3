using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Alidade.Server.Pages;

/// <summary>
/// A component as the answer to a request: its parameters are the model its handler loaded. The renderer is used by
/// itself, because the framework's endpoint would bring antiforgery tokens and a key ring that nothing here needs.
/// </summary>
internal static class PageResults
{
    public static IResult Page<T>(object? parameters = null, int status = StatusCodes.Status200OK)
        where T : IComponent => new PageResult(typeof(T), parameters, status);

    /// <summary>The answer to a form that was accepted: the page that shows what it did.</summary>
    public static IResult SeeOther(string address) => new SeeOtherResult(address);

    private sealed class PageResult(Type page, object? parameters, int status) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var services = httpContext.RequestServices;
            await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
            var root = ParameterView.FromDictionary(
                new Dictionary<string, object?>
                {
                    [nameof(PageRoot.Context)] = httpContext,
                    [nameof(PageRoot.Page)] = page,
                    [nameof(PageRoot.Parameters)] = new RouteValueDictionary(parameters),
                }
            );
            var html = await renderer.Dispatcher.InvokeAsync(async () =>
                (await renderer.RenderComponentAsync<PageRoot>(root)).ToHtmlString()
            );
            var body = Encoding.UTF8.GetBytes(html);
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = "text/html; charset=utf-8";
            httpContext.Response.ContentLength = body.Length;
            await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
        }
    }

    private sealed class SeeOtherResult(string address) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = address;
            return Task.CompletedTask;
        }
    }
}
