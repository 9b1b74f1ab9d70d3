using System.Text.Json.Nodes;
using Alidade.Server.Tests.Artifacts;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Tests.Workers;

namespace Alidade.Server.Tests.Secrets;

/// <summary>An entrypoint that asks for a secret, and a worker for its jobs.</summary>
internal sealed record SecretWorld(HttpClient Admin, HttpClient Worker, long Queue, long Entrypoint, long Experiment)
{
    public static async Task<SecretWorld> BuildAsync(TestServer server, params string[] secrets)
    {
        var admin = await server.SignInAsync("ada");
        var queue = (await admin.PostJsonAsync("/api/v1/queues", new { name = "q", group = 1 })).Id();
        var plugin = (await admin.NewHandlerAsync("plug")).Plugin;
        var entrypoint = (
            await admin.PostJsonAsync(
                "/api/v1/entrypoints",
                new
                {
                    name = "asks",
                    group = 1,
                    taskGraph = "step:\n  f: []\n",
                    queues = new[] { queue },
                    plugins = new[] { plugin },
                    secrets,
                }
            )
        ).Id();
        var experiment = (
            await admin.PostJsonAsync(
                "/api/v1/experiments",
                new
                {
                    name = "e",
                    group = 1,
                    entrypoints = new[] { entrypoint },
                }
            )
        ).Id();
        return new SecretWorld(admin, await server.NewWorkerAsync(), queue, entrypoint, experiment);
    }

    public Task<JsonNode> SubmitAsync(System.Net.HttpStatusCode expected = System.Net.HttpStatusCode.OK) =>
        Admin.PostJsonAsync(
            $"/api/v1/experiments/{Experiment}/jobs",
            new { queue = Queue, entrypoint = Entrypoint },
            expected
        );

    public async Task<JsonNode> ClaimAsync() =>
        (await Worker.PostJsonAsync("/api/v1/worker/sessions/1/claim", new { free = 1, waitSeconds = 0 }))["grants"]![
            0
        ]!;

    public Task<JsonNode> TakeAsync(
        JsonNode grant,
        System.Net.HttpStatusCode expected = System.Net.HttpStatusCode.OK
    ) =>
        Worker.PostJsonAsync(
            $"/api/v1/worker/attempts/{grant["attempt"]}/secrets?fence={grant["fence"]}",
            null,
            expected
        );
}
