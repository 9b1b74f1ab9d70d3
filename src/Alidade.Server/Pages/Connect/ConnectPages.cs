using Alidade.Server.Configuration;
using Alidade.Server.Pages.Shell;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform.Security;
using Alidade.Server.Tokens;

namespace Alidade.Server.Pages.Connect;

/// <summary>The lines that make a script log here, with a token made for it.</summary>
internal static class ConnectPages
{
    private const int Days = 90;

    public static void MapConnectPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(
            "/connect",
            (HttpContext context, string? experiment, ServerOptions options) => Show(context, null, experiment, options)
        );
        pages.MapPost("/connect", MakeAsync);
    }

    /// <summary>The answer is the page itself: a token is shown once, and an address that shows it again must not exist.</summary>
    private static async Task<IResult> MakeAsync(
        Caller caller,
        HttpContext context,
        TokenService tokens,
        ViewerLoader viewers,
        ServerOptions options
    )
    {
        // The frame around a page knows who looks only where the page was asked for, which a form's answer is not.
        context.Features.Set(await viewers.LoadAsync(caller, context.RequestAborted));
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var experiment = FormInput.TextOf(form, "experiment");
        var name = experiment is null ? "script" : $"script for {experiment}";
        var made = await tokens.CreateAsync(
            caller,
            new TokenInput(name[..Math.Min(name.Length, 100)], ["track"], ExpiresInDays: Days),
            context.RequestAborted
        );
        context.Response.Headers.CacheControl = "no-store";
        return Show(context, made.Token, experiment, options);
    }

    private static IResult Show(HttpContext context, string? secret, string? experiment, ServerOptions options) =>
        PageResults.Page<ConnectPage>(
            new
            {
                Model = new ConnectModel(
                    ServerAddress.Of(context),
                    secret,
                    Days,
                    string.IsNullOrEmpty(experiment) ? null : experiment,
                    options.Tracking == "anonymous"
                ),
            }
        );
}
