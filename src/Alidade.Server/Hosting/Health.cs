using System.Reflection;
using System.Text.Json.Serialization;
using Alidade.Storage.Platform;

namespace Alidade.Server.Hosting;

/// <summary>
/// <c>/health</c>: the server answers it only once everything is ready, and while its database answers. Whether the
/// process itself lives is <c>/health/live</c>. Nobody is looked up for these: that would ask the database.
/// </summary>
public static class Health
{
    public static readonly string Version = typeof(Health)
        .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
        .InformationalVersion.Split('+')[0];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes
            .MapGet("/health/live", () => new HealthView("healthy", Version))
            .AllowAnonymous()
            .ShortCircuit()
            .WithSummary("Whether the process lives");
        foreach (var path in new[] { "/health", "/health/ready" })
        {
            routes.MapGet(path, ReadyAsync).AllowAnonymous().ShortCircuit().WithSummary("Whether the server is ready");
        }
    }

    private static async Task<IResult> ReadyAsync(Stores stores, CancellationToken cancellation)
    {
        try
        {
            await stores
                .Core.ReadAsync(s => s.Scalar<long>("SELECT 1"), cancellation)
                .WaitAsync(Patience, cancellation);
            return Results.Ok(new HealthView("healthy", Version));
        }
        catch (Exception e) when (e is StoreUnavailableException or TimeoutException)
        {
            return Results.Json(
                new HealthView("unhealthy", Version, e.Message),
                statusCode: StatusCodes.Status503ServiceUnavailable
            );
        }
    }
}

/// <param name="Message">Why it is not.</param>
public sealed record HealthView(
    string Status,
    string Version,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Message = null
);
