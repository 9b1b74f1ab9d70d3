using System.Net;
using System.Security.Cryptography;
using System.Text;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Tests.Secrets;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Records;

/// <summary>Records as a worker fills them and as they are read.</summary>
public sealed class RecordTests
{
    private const string Facts = """{"packages":{"numpy":"2.0"},"python":"3.11.2"}""";

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task It_grows_with_the_attempt_and_says_what_is_not_known(Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect);
        var world = await SecretWorld.BuildAsync(server);
        var (first, second) = ((await world.SubmitAsync()).Id(), (await world.SubmitAsync()).Id());
        var address = $"/api/v1/jobs/{first}/record";
        Assert.Empty((await world.Admin.GetJsonAsync(address))["attempts"]!.AsArray());

        var grant = await world.ClaimAsync();
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Facts)));
        Assert.Equal(HttpStatusCode.BadRequest, await KeepAsync(world, digest, "environment", Facts + " "));
        Assert.Equal(HttpStatusCode.BadRequest, await KeepAsync(world, digest, "weather", Facts));
        Assert.Equal(HttpStatusCode.BadRequest, await KeepAsync(world, DigestOf("[]"), "machine", "[]"));
        Assert.Equal(HttpStatusCode.OK, await KeepAsync(world, digest, "environment", Facts));
        Assert.Equal(HttpStatusCode.OK, await KeepAsync(world, digest, "environment", Facts));
        var machine = new string('0', 64);
        var start =
            $$"""{"n":1,"t":1,"k":"start","pid":1,"level":"L1","threads":2,"environment":"{{digest}}","machine":"{{machine}}"}""";
        var attempt = $"/api/v1/worker/attempts/{grant["attempt"]}";
        using var lines = new StringContent(start + "\n", Encoding.UTF8);
        (await world.Worker.PostAsync($"{attempt}/events?fence={grant["fence"]}", lines)).EnsureSuccessStatusCode();

        var begun = (await world.Admin.GetJsonAsync(address))["attempts"]![0]!;
        Assert.Null(begun["end"]);
        Assert.Equal(2, begun["start"]!["threads"]!.GetValue<int>());
        Assert.Equal("2.0", begun["start"]!["environment"]!["facts"]!["packages"]!["numpy"]!.GetValue<string>());
        Assert.Null(begun["start"]!["machine"]!["facts"]);

        await world.Worker.PostJsonAsync(
            $"{attempt}/finish",
            new
            {
                fence = grant["fence"]!.GetValue<long>(),
                report = "r",
                outcome = "failed",
                reason = "user_error",
                exit = 3,
                lastEvent = 1,
            }
        );
        var ended = (await world.Admin.GetJsonAsync(address))["attempts"]![0]!;
        Assert.Equal(3, ended["end"]!["exit"]!.GetValue<int>());
        Assert.True(ended["end"]!["whole"]!.GetValue<bool>());

        var comparison = await world.Admin.GetJsonAsync($"{address}/compare?with={second}");
        Assert.Equal("seed", Assert.Single(comparison["shape"]!.AsArray())!["name"]!.GetValue<string>());
        var unknown = comparison["unknown"]!.AsArray().Select(u => u!.GetValue<string>()).ToList();
        Assert.Contains(unknown, u => u.Contains("did not tell its machine", StringComparison.Ordinal));
        Assert.Contains(unknown, u => u.Contains($"Job {second} has not begun", StringComparison.Ordinal));
        await world.Admin.GetJsonAsync($"{address}/compare?with=999", HttpStatusCode.NotFound);
    }

    private static string DigestOf(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static async Task<HttpStatusCode> KeepAsync(SecretWorld world, string digest, string kind, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8);
        return (await world.Worker.PutAsync($"/api/v1/worker/parts/{digest}?kind={kind}", content)).StatusCode;
    }
}
