using System.Text.Json.Nodes;
using Alidade.Server.Tests.Artifacts;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Workers;

/// <summary>The report of an attempt's end, and the job that is claimed with it.</summary>
public sealed class FinishTests
{
    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task It_claims_the_next_job_once_and_only_when_asked_to(Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect);
        using var ada = await server.SignInAsync("ada");
        var (first, second, third) = (
            await server.NewJobAsync(ada),
            await server.NewJobAsync(ada),
            await server.NewJobAsync(ada)
        );
        // The sample jobs have no steps; a plan makes them fit to run.
        await server
            .Service<Stores>()
            .Core.WriteAsync(t => t.Execute("UPDATE job_detail SET plan = '{}', plan_digest = '', plan_error = NULL"));
        using var worker = await server.NewWorkerAsync();
        var claim = new { free = 1, waitSeconds = 0 };
        var grant = (await worker.PostJsonAsync("/api/v1/worker/sessions/1/claim", claim))["grants"]![0]!;
        Assert.Equal(first.Id, grant["job"]!.GetValue<long>());

        var next = (await FinishAsync(grant, claim: true))["grants"]![0]!;
        Assert.Equal(second.Id, next["job"]!.GetValue<long>());
        Assert.Equal("finished", (await FinishAsync(grant, claim: true))["state"]!.GetValue<string>());
        Assert.Null((await FinishAsync(grant, claim: true))["grants"]);
        Assert.Null((await FinishAsync(next, claim: false))["grants"]);
        Assert.Equal("queued", await StateAsync(third.Id));
        Assert.Equal("finished", await StateAsync(second.Id));

        Task<JsonNode> FinishAsync(JsonNode of, bool claim) =>
            worker.PostJsonAsync(
                $"/api/v1/worker/attempts/{of["attempt"]}/finish",
                new
                {
                    fence = of["fence"]!.GetValue<long>(),
                    report = $"report {of["attempt"]}",
                    outcome = "finished",
                    lastEvent = 0,
                    claim,
                }
            );

        async Task<string> StateAsync(long id) =>
            (await ada.GetJsonAsync($"/api/v1/jobs/{id}"))["state"]!.GetValue<string>();
    }
}
