using Alidade.Server.Tests.Hosting;
using Alidade.Server.Tests.Jobs;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Workers;

/// <summary>What the server itself says in the log of a job.</summary>
public sealed class AttemptLogTests
{
    private const string Digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task A_further_attempt_and_an_artifact_that_another_hides_are_told_once(Dialect dialect)
    {
        await using var world = await QueueWorld.StartAsync(dialect);
        var worker = await world.WorkerAsync("w");
        var job = await world.SubmitAsync();
        var grant = Assert.Single(await QueueWorld.ClaimAsync(worker))!;
        await SendAsync("""{"n":1,"t":1,"k":"start"}""");
        await QueueWorld.FinishAsync(worker, grant, "failed", lastEvent: 1);
        await world.User.PostJsonAsync($"/api/v1/jobs/{job}/requeue", null);
        grant = Assert.Single(await QueueWorld.ClaimAsync(worker))!;
        string[] events =
        [
            """{"n":1,"t":1,"k":"start"}""",
            """{"n":2,"t":2,"k":"artifact","name":"d","folder":true,"root":"outputs/000001","files":[]}""",
            $$"""{"n":3,"t":3,"k":"artifact","name":"d","folder":false,"root":"outputs/000002","files":[{"path":"d","size":0,"sha256":"{{Digest}}"}]}""",
        ];

        await SendAsync(events);
        await SendAsync(events);

        var lines = (await world.User.GetJsonAsync($"/api/v1/jobs/{job}/lines"))["lines"]!.AsArray();
        Assert.Equal(
            [
                "attempt 2",
                "The artifact d was recorded as a file and as a folder: only the later one is kept. Give one another name.",
            ],
            lines.Select(line => line!["m"]!.GetValue<string>())
        );

        async Task SendAsync(params string[] lines)
        {
            var path = $"/api/v1/worker/attempts/{grant["attempt"]}/events?fence={grant["fence"]}";
            using var body = new StringContent(string.Join('\n', lines) + "\n");
            using var response = await worker.Client.PostAsync(new Uri(path, UriKind.Relative), body);
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        }
    }
}
