using Alidade.Server.MLflow.Artifacts;
using Alidade.Server.MLflow.Experiments;
using Alidade.Server.MLflow.Metrics;
using Alidade.Server.MLflow.Models;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.MLflow.Registry;
using Alidade.Server.MLflow.Runs;
using Alidade.Server.MLflow.Traces;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.MLflow;

/// <summary>MLflow's tracking protocol: a face over experiments, runs, metrics and artifacts, with nothing of its own.</summary>
public static class MlflowFeature
{
    private const string Slipped = "/api/2.0mlflow/";

    private static readonly string[] Paths =
    [
        "/api/2.0",
        "/api/3.0",
        "/ajax-api/",
        "/get-artifact",
        "/model-versions/",
        "/v1/traces",
    ];

    public static void AddMlflow(this IServiceCollection services)
    {
        services.AddSingleton<AnonymousTracking>();
        services.AddSingleton<ExperimentFace>();
        services.AddSingleton<ExperimentSearch>();
        services.AddSingleton<RunReader>();
        services.AddSingleton<SearchFace>();
        services.AddSingleton<InputFace>();
        services.AddSingleton<HistoryFace>();
        services.AddSingleton<LoggedModelFace>();
        services.AddSingleton<LoggedModelSearch>();
        services.AddSingleton<RunFace>();
        services.AddSingleton<LoggingFace>();
        services.AddSingleton<ArtifactFace>();
        services.AddSingleton<MultipartFace>();
        services.AddSingleton<ModelFace>();
        services.AddSingleton<VersionFace>();
        services.AddSingleton<RegistrySearch>();
        services.AddSingleton<TraceFace>();
        services.AddSingleton<TraceSearch>();
        services.AddSingleton<AssessmentFace>();
    }

    /// <summary>Answers failures below MLflow's paths as MLflow does.</summary>
    public static IApplicationBuilder UseMlflow(this IApplicationBuilder app) =>
        app.Use(
                (context, next) =>
                {
                    // A tracking address that ends with a slash makes paths that begin with two.
                    var path = context.Request.Path.Value ?? "";
                    if (path.StartsWith("//", StringComparison.Ordinal))
                    {
                        context.Request.Path = path = "/" + path.TrimStart('/');
                    }

                    // Some clients lack a slash in the path of searches for datasets.
                    if (path.StartsWith(Slipped, StringComparison.Ordinal))
                    {
                        context.Request.Path = "/api/2.0/mlflow/" + path[Slipped.Length..];
                    }

                    return next(context);
                }
            )
            .UseWhen(IsMlflow, mlflow => mlflow.UseMlflowErrors());

    /// <summary>Says who calls without credentials, once it is known that there are none.</summary>
    public static IApplicationBuilder UseAnonymousTracking(this IApplicationBuilder app) =>
        app.Use(
            (context, next) =>
                IsMlflow(context)
                && context.Features.Get<Caller>() is null
                && context.Request.Headers.Authorization.Count == 0
                && context.RequestServices.GetRequiredService<AnonymousTracking>() is var anonymous
                && anonymous.Allows(context)
                    ? AsAnonymousAsync(context, anonymous, next)
                    : next(context)
        );

    private static async Task AsAnonymousAsync(HttpContext context, AnonymousTracking anonymous, RequestDelegate next)
    {
        context.Features.Set(await anonymous.CallerAsync(context.RequestAborted));
        await next(context);
    }

    public static void MapMlflow(this IEndpointRouteBuilder app)
    {
        var routes = new MlflowRoutes(app);
        routes.MapExperiments();
        routes.MapRuns();
        routes.MapArtifacts();
        routes.MapLoggedModels();
        routes.MapRegistry();
        app.MapServerFacts();
        app.MapArtifactProxy();
        app.MapArtifactPages();
        app.MapTraces();
    }

    private static bool IsMlflow(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        foreach (var start in Paths)
        {
            if (path.StartsWith(start, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
