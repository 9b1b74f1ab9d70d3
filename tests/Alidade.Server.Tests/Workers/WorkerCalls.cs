using System.Net.Http.Headers;
using Alidade.Server.Tests.Artifacts;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Workers;

namespace Alidade.Server.Tests.Workers;

/// <summary>A worker as far as tests of the server need one.</summary>
internal static class WorkerCalls
{
    /// <summary>A client that speaks under the session of a new worker with one slot, session 1 on a new server.</summary>
    public static async Task<HttpClient> NewWorkerAsync(this TestServer server, string? token = null)
    {
        token ??= await server.Service<WorkerTokenService>().IssueEmbeddedAsync("test", CancellationToken.None);
        var client = server.NewClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var session = await client.PostJsonAsync(
            "/api/v1/worker/sessions",
            new
            {
                worker = "w",
                host = "h",
                queues = new[] { "*" },
                slots = 1,
                labels = new { },
                levels = new[] { "L0" },
                version = "1",
                attempts = Array.Empty<object>(),
            }
        );
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            session["secret"]!.GetValue<string>()
        );
        return client;
    }
}
