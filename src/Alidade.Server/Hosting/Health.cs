using System.Reflection;

namespace Alidade.Server.Hosting;

/// <summary><c>/health</c>: the server answers it only once everything is ready.</summary>
public static class Health
{
    public static readonly string Version = typeof(Health)
        .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
        .InformationalVersion.Split('+')[0];

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var answer = new HealthView("healthy", Version);
        foreach (var path in new[] { "/health", "/health/live", "/health/ready" })
        {
            routes.MapGet(path, () => answer).AllowAnonymous().WithSummary("Whether the server is ready");
        }
    }
}

public sealed record HealthView(string Status, string Version);
