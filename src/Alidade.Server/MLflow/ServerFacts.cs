namespace Alidade.Server.MLflow;

/// <summary>What clients ask of a server before they log.</summary>
internal static class ServerFacts
{
    /// <summary>The newest protocol that is answered here; clients decide by it what they send.</summary>
    private const string Version = "3.11.2";

    public static void MapServerFacts(this IEndpointRouteBuilder routes)
    {
        routes
            .MapGet("/version", () => Results.Text(Version))
            .AllowAnonymous()
            .WithTags("mlflow")
            .WithSummary("The version of MLflow's protocol that is answered");
        foreach (var api in new[] { "/api/3.0/mlflow", "/ajax-api/3.0/mlflow" })
        {
            routes
                .MapGet(
                    api + "/server-info",
                    () => Results.Json(new { store_type = "SqlStore", workspaces_enabled = false })
                )
                .AllowAnonymous()
                .WithTags("mlflow")
                .WithSummary("What kind of tracking server this is");
        }
    }
}
