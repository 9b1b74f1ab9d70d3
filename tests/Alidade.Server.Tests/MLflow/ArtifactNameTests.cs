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

    [Theory]
    [InlineData("a%2F", "a")]
    [InlineData("a%2F%2Fb", "a/b")]
    [InlineData("a/%2E/b", "a/b")]
    [InlineData("a%252Fb%252F.", "a/b")]
    [InlineData("a\u009bb", "a%c2%9bb")]
    [InlineData("a%C2%9Bb", "a%c2%9bb")]
    public async Task Keeps_a_file_under_a_name_that_can_be_asked_for_and_printed(string name, string kept)
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var run = await new TrackingClient(http).RunAsync("0");
        var folder = $"1/{run}/artifacts";
        await PutAsync(http, $"{Artifacts}/{folder}/{Uri.EscapeDataString(name)}");

        var listed = Assert.Single(await ListAsync(http, folder));
        Assert.Equal(kept.Split('/')[0], listed);
        if (listed != kept)
        {
            Assert.Equal("b", Assert.Single(await ListAsync(http, $"{folder}/{listed}")));
        }

        foreach (var path in new[] { name, kept, Uri.UnescapeDataString(kept) })
        {
            var address = $"{Artifacts}/{folder}/{Uri.EscapeDataString(path)}";
            Assert.Equal("x", await http.GetStringAsync(address, TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("%2F")]
    [InlineData("%2E")]
    [InlineData("%252E%252F%252F")]
    public async Task What_names_nothing_is_not_kept_and_does_not_stand_for_everything(string name)
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var run = await new TrackingClient(http).RunAsync("0");
        var folder = $"1/{run}/artifacts";
        await PutAsync(http, $"{Artifacts}/{folder}/kept");
        var address = $"{Artifacts}/{folder}/{Uri.EscapeDataString(name)}";

        await PutAsync(http, address, HttpStatusCode.BadRequest);
        await CreatePartsAsync(http, folder, name, HttpStatusCode.BadRequest);
        using var gone = await http.DeleteAsync(address, TestContext.Current.CancellationToken);

        Assert.Equal(["kept"], await ListAsync(http, folder));
    }

    // Of %25252525… every two characters take one more round of decoding.
    [Fact]
    public async Task Refuses_long_paths_wherever_they_stand_without_decoding_them()
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var run = await new TrackingClient(http).RunAsync("0");
        var folder = $"1/{run}/artifacts";
        var longest = "%" + string.Concat(Enumerable.Repeat("25", 499)) + "x";
        await PutAsync(http, $"{Artifacts}/{folder}/{Uri.EscapeDataString(longest)}");
        Assert.Equal(["%x"], await ListAsync(http, folder));

        var tooLong = Uri.EscapeDataString(longest + "x");
        await PutAsync(http, $"{Artifacts}/{folder}/{tooLong}", HttpStatusCode.BadRequest);
        await CreatePartsAsync(http, folder, longest + "x", HttpStatusCode.BadRequest);
        foreach (var step in new[] { "complete", "abort" })
        {
            var body = new { path = longest + "x", upload_id = "u" };
            await RefusedAsync(http.PostJsonAsync(Parts(step, folder), body, HttpStatusCode.BadRequest));
        }

        var upload = $"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path={tooLong}";
        await RefusedAsync(http.PostJsonAsync(upload, new { }, HttpStatusCode.BadRequest));
        foreach (
            var query in new[]
            {
                $"{Artifacts}?path={folder}/{tooLong}",
                $"/api/2.0/mlflow/artifacts/list?run_id={run}&path={tooLong}",
                $"/get-artifact?run_id={run}&path={tooLong}",
                $"/model-versions/get-artifact?name=m&version=1&path={tooLong}",
            }
        )
        {
            await RefusedAsync(http.GetJsonAsync(query, HttpStatusCode.BadRequest));
        }

        static async Task RefusedAsync(Task<JsonNode> answer) =>
            Assert.Contains("may have at most 1000", (string?)(await answer)["message"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task Refuses_a_file_and_a_folder_of_one_name(Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect, o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var run = await new TrackingClient(http).RunAsync("0");
        var root = $"1/{run}/artifacts";
        foreach (var path in new[] { "data/a.csv", "data.csv", "data-1", "a" })
        {
            await PutAsync(http, $"{Artifacts}/{root}/{path}");
        }

        await PutAsync(http, $"{Artifacts}/{root}/data", HttpStatusCode.BadRequest);
        await PutAsync(http, $"{Artifacts}/{root}/a/b/c", HttpStatusCode.BadRequest);
        await CreatePartsAsync(http, root, "data", HttpStatusCode.BadRequest);
        await PutAsync(http, $"{Artifacts}/{root}/data/a.csv");

        Assert.Equal(["a", "data", "data-1", "data.csv"], (await ListAsync(http, root)).Order(StringComparer.Ordinal));
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

    private static async Task PutAsync(HttpClient http, string address, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var content = new StringContent("x");
        using var put = await http.PutAsync(address, content, TestContext.Current.CancellationToken);
        Assert.Equal(expected, put.StatusCode);
    }

    private static Task<JsonNode> CreatePartsAsync(
        HttpClient http,
        string folder,
        string path,
        HttpStatusCode expected
    ) => http.PostJsonAsync(Parts("create", folder), new { path, num_parts = 1 }, expected);

    private static string Parts(string step, string folder) => $"/api/2.0/mlflow-artifacts/mpu/{step}/{folder}";

    private static async Task<string[]> ListAsync(HttpClient http, string path)
    {
        var answer = await http.GetJsonAsync($"{Artifacts}?path={Uri.EscapeDataString(path)}");
        return [.. (answer["files"] as JsonArray ?? []).Select(f => (string)f!["path"]!)];
    }
}
