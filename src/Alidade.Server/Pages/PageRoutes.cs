using Alidade.Server.Jobs;
using Alidade.Server.Pages.Account;
using Alidade.Server.Pages.Artifacts;
using Alidade.Server.Pages.Connect;
using Alidade.Server.Pages.Entrypoints;
using Alidade.Server.Pages.Errors;
using Alidade.Server.Pages.Experiments;
using Alidade.Server.Pages.Home;
using Alidade.Server.Pages.Jobs;
using Alidade.Server.Pages.Jump;
using Alidade.Server.Pages.Look;
using Alidade.Server.Pages.Models;
using Alidade.Server.Pages.Plugins;
using Alidade.Server.Pages.Queues;
using Alidade.Server.Pages.Runs;
using Alidade.Server.Pages.Secrets;
using Alidade.Server.Pages.Shell;
using Alidade.Server.Pages.SignIn;
using Alidade.Server.Pages.Trash;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Pages;

/// <summary>The pages people see, and what these load.</summary>
public static class PageRoutes
{
    // A link under the pointer is fetched before it is followed. Pages have no side effects, but /welcome signs in.
    private const string Speculation = """
        {"prefetch": [{"where": {"and": [{"href_matches": "/*"}, {"not": {"href_matches": ["/api/*", "/welcome*", "/join*", "/openapi/*"]}}]}, "eagerness": "moderate"}]}
        """;

    private const string Favicon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke-width="2.25" stroke-linecap="round"><style>path{stroke:#151e1c}.s{stroke:#0067ba}@media(prefers-color-scheme:dark){path{stroke:#e5ebe9}.s{stroke:#67b9fb}}</style><path d="M12 3 4 21"/><path d="M6.72 14.88A13 13 0 0 0 17.28 14.88"/><path class="s" d="M12 3 20 21"/></svg>
        """;

    public static IServiceCollection AddPages(this IServiceCollection services)
    {
        services.AddSingleton<ViewerLoader>();
        services.AddSingleton<JobLoader>();
        services.AddSingleton<SubmitArtifacts>();
        services.AddSingleton<SubmitLoader>();
        services.AddSingleton<JumpFinder>();
        services.AddSingleton<JobCounts>();
        services.AddSingleton<JobAttempts>();
        services.Configure<RouteOptions>(routing =>
            routing.SetParameterPolicy<PagePathConstraint>(PagePathConstraint.Name)
        );
        return services;
    }

    public static IEndpointRouteBuilder MapPages(this IEndpointRouteBuilder routes)
    {
        routes.MapWebAssets();
        routes
            .MapGet("/favicon.svg", () => Results.Text(Favicon, "image/svg+xml"))
            .AllowAnonymous()
            .ExcludeFromDescription();
        routes
            .MapGet("/speculation.json", () => Results.Text(Speculation, "application/speculationrules+json"))
            .AllowAnonymous()
            .ExcludeFromDescription();
        var pages = routes.MapGroup("").ExcludeFromDescription().Needs(Access.Person);
        pages.AddEndpointFilter<RouteGroupBuilder, PageFilter>();
        pages.MapSignInPages();
        pages.MapJoinPages();
        pages.MapAccountPages();
        pages.MapPluginPages();
        pages.MapEntrypointPages();
        pages.MapNewThings();
        pages.MapHomePages();
        pages.MapExperimentPages();
        pages.MapRunPages();
        pages.MapSubmitPages();
        pages.MapJobPages();
        pages.MapJumpPages();
        pages.MapQueuePages();
        pages.MapArtifactPages();
        pages.MapSecretPages();
        pages.MapTrashPages();
        pages.MapModelPages();
        pages.MapConnectPages();
        pages.MapFallback($"{{*path:{PagePathConstraint.Name}}}", NotFound);
        if (routes.ServiceProvider.GetRequiredService<IHostEnvironment>().IsDevelopment())
        {
            pages.MapGet("/look", () => PageResults.Page<Gallery>()).AllowAnonymous();
        }

        return routes;
    }

    private static IResult NotFound(HttpContext context) =>
        PageResults.Page<ErrorPage>(
            new { Title = "Not found", Text = $"There is no page at {context.Request.Path}." },
            StatusCodes.Status404NotFound
        );
}
