using System.Net;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.AccessControl;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.MLflow;

/// <summary>What a name means to clients that know no groups.</summary>
public sealed class NameTests
{
    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task Nobody_takes_a_name_over_by_using_it_in_another_group(Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect);
        using var ada = await server.SignInAsync("ada");
        using var bea = await server.SignInAsync("bea");
        var (mine, others) = (new TrackingClient(ada), new TrackingClient(bea));
        var group = (await ada.PostJsonAsync("/api/v1/groups", new { name = "red team" })).Id();
        var experiment = (await ada.PostJsonAsync("/api/v1/experiments", new { name = "digits", group })).Id();
        await ada.PostJsonAsync("/api/v1/models", new { name = "net", group });
        await VersionAsync(mine, "s3://ada/net");

        await others.PostAsync("experiments/create", new { name = "digits" });
        await others.PostAsync("registered-models/create", new { name = "net" });
        await VersionAsync(others, "s3://bea/net");
        var found = await mine.GetAsync("experiments/get-by-name?experiment_name=digits");
        var source = await mine.GetAsync("model-versions/get-download-uri?name=net&version=1");
        var second = await VersionAsync(mine, "s3://ada/second");
        var all = (await mine.GetAsync("registered-models/search"))["registered_models"]!.AsArray();

        Assert.Equal($"{experiment}", found["experiment"]!["experiment_id"]!.ToString());
        Assert.Equal("s3://ada/net", source["artifact_uri"]!.ToString());
        Assert.Equal("2", second["model_version"]!["version"]!.ToString());
        Assert.Equal(
            ["s3://ada/second", "s3://bea/net"],
            all.Select(m => Assert.Single(m!["latest_versions"]!.AsArray())!["source"]!.ToString()).Order()
        );
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task A_token_of_a_group_means_what_is_there(Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect);
        using var ada = await server.SignInAsync("ada");
        var mine = new TrackingClient(ada);
        await mine.PostAsync("experiments/create", new { name = "digits" });
        var group = (await ada.PostJsonAsync("/api/v1/groups", new { name = "red team" })).Id();
        var made = new
        {
            name = "script",
            scopes = new[] { "track" },
            groups = new[] { group },
        };
        using var program = server.WithToken(await ada.PostJsonAsync("/api/v1/tokens", made));
        var script = new TrackingClient(program);

        // The public one can be read, and is found as long as the group has none of the name.
        await script.PostAsync("experiments/create", new { name = "digits" }, HttpStatusCode.BadRequest);
        var own = (await ada.PostJsonAsync("/api/v1/experiments", new { name = "digits", group })).Id();
        var found = await script.GetAsync("experiments/get-by-name?experiment_name=digits");
        var other = await script.PostAsync("experiments/create", new { name = "letters" });
        await script.PostAsync("registered-models/create", new { name = "net" });
        await script.RunAsync("0");

        Assert.Equal($"{own}", found["experiment"]!["experiment_id"]!.ToString());
        Assert.Equal(group, (await GroupAsync($"/api/v1/experiments/{other["experiment_id"]}")));
        Assert.Equal(group, await GroupAsync("/api/v1/models?search=name:net"));
        Assert.Equal(group, await GroupAsync("/api/v1/experiments?search=name:Default"));

        async Task<long> GroupAsync(string path)
        {
            var answer = await ada.GetJsonAsync(path);
            return (answer["data"]?[0] ?? answer)!["group"]!["id"]!.GetValue<long>();
        }
    }

    [Fact]
    public async Task A_version_is_a_copy_of_one_that_is_there()
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var client = new TrackingClient(http);
        await client.PostAsync("registered-models/create", new { name = "net" });
        await VersionAsync(client, "s3://bucket/net");
        await client.PostAsync(
            "registered-models/alias",
            new
            {
                name = "net",
                alias = "best",
                version = "1",
            }
        );

        foreach (var wrong in new[] { "net/9", "other/1", "net@worst", "net", "net/Production", "net/1/2" })
        {
            await VersionAsync(client, $"models:/{wrong}", HttpStatusCode.BadRequest);
        }

        foreach (var (said, version) in new[] { ("net/1", "1"), ("net@best", "1"), ("net/latest", "3") })
        {
            var made = (await VersionAsync(client, $"models:/{said}"))["model_version"]!;
            Assert.Equal($"models:/net/{version}", made["source"]!.ToString());
            var uri = await client.GetAsync($"model-versions/get-download-uri?name=net&version={made["version"]}");
            Assert.Equal("s3://bucket/net", uri["artifact_uri"]!.ToString());
        }

        // Another model gets the name: the copies are still of the first.
        await client.PostAsync("registered-models/rename", new { name = "net", new_name = "old" });
        await client.PostAsync("registered-models/create", new { name = "net" });
        await VersionAsync(client, "s3://other/net");
        var copy = await client.GetAsync("model-versions/get-download-uri?name=old&version=2");
        Assert.Equal("s3://bucket/net", copy["artifact_uri"]!.ToString());
    }

    private static Task<JsonNode> VersionAsync(
        TrackingClient client,
        string source,
        HttpStatusCode expected = HttpStatusCode.OK
    ) => client.PostAsync("model-versions/create", new { name = "net", source }, expected);
}
