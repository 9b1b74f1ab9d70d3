using System.Net;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.MLflow;

/// <summary>Names of files as clients write them, read them in listings and ask for them again.</summary>
public sealed class ArtifactNameTests
{
    private const string Artifacts = "/api/2.0/mlflow-artifacts/artifacts";

    // As clients of 2.17 name the image that log_image keeps for a key and a step, and as they read that name again.
    [Theory]
    [InlineData(
        Dialect.Sqlite,
        "dog%step%2%timestamp%1795967352690%3ca078.png",
        "dog%step%2%timestamp\u001795967352690<a078.png"
    )]
    [InlineData(Dialect.Sqlite, "dog%step%92%timestamp%1%e6c5.png", "dog%step\ufffd%timestamp%1\ufffdc5.png")]
    [InlineData(
        Dialect.Postgres,
        "dog%step%2%timestamp%1795967352690%3ca078.png",
        "dog%step%2%timestamp\u001795967352690<a078.png"
    )]
    public async Task Finds_an_image_of_a_step_by_the_name_that_a_client_reads(
        Dialect dialect,
        string name,
        string read
    )
    {
        await using var server = await TestServer.StartAsync(dialect, o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var run = await new TrackingClient(http).RunAsync("0");
        var folder = $"1/{run}/artifacts/images";
        var sent = $"{Artifacts}/{folder}/{Uri.EscapeDataString(name)}";
        await PutAsync(http, sent);

        var listed = Assert.Single(await ListAsync(http, folder));

        Assert.Equal(read, listed.Replace("%17", "\u0017", StringComparison.Ordinal));
        foreach (var address in new[] { sent, $"{Artifacts}/{folder}/{Uri.EscapeDataString(read)}" })
        {
            Assert.Equal("x", await http.GetStringAsync(address, TestContext.Current.CancellationToken));
        }

        using var gone = await http.DeleteAsync(sent, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, gone.StatusCode);
        Assert.Empty(await ListAsync(http, folder));
    }

    [Fact]
    public async Task Lists_nothing_below_a_file()
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var run = await new TrackingClient(http).RunAsync("0");
        await PutAsync(http, $"{Artifacts}/1/{run}/artifacts/table.json");

        // A client takes what lists something for a folder, and would ask for table.json/table.json.
        Assert.Empty(await ListAsync(http, $"1/{run}/artifacts/table.json"));
        Assert.Equal(["table.json"], await ListAsync(http, $"1/{run}/artifacts"));
    }

    private static async Task PutAsync(HttpClient http, string address)
    {
        using var content = new StringContent("x");
        using var put = await http.PutAsync(address, content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
    }

    private static async Task<string[]> ListAsync(HttpClient http, string path)
    {
        var answer = await http.GetJsonAsync($"{Artifacts}?path={Uri.EscapeDataString(path)}");
        return [.. (answer["files"] as JsonArray ?? []).Select(f => (string)f!["path"]!)];
    }
}
