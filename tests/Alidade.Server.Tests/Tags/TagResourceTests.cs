using System.Net;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Tags;

/// <summary>What carries a tag.</summary>
public sealed class TagResourceTests
{
    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task A_tag_lists_the_living_resources_of_every_kind_that_carry_it(Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect);
        using var client = await server.SignInAsync("ada");
        var tag = (await client.PostJsonAsync("/api/v1/tags", new { name = "red", group = 1 })).Id();
        var queue = await TagAsync("queues", new { name = "q", group = 1 });
        var gone = await TagAsync("queues", new { name = "gone", group = 1 });
        var plugin = await TagAsync("plugins", new { name = "plugin", group = 1 });
        var file = await TagAsync($"plugins/{plugin}/files", new { filename = "a.py", contents = "" });
        var type = await TagAsync("pluginParameterTypes", new { name = "t", group = 1 });
        await client.DeleteJsonAsync($"/api/v1/queues/{gone}");
        var resources = $"/api/v1/tags/{tag}/resources";

        var first = await client.GetJsonAsync(resources + "/?pageLength=3");
        var rest = await client.GetJsonAsync(first["next"]!.GetValue<string>());
        var plugins = await client.GetJsonAsync(resources + "?resourceType=plugin&pageLength=1");

        Assert.Equal(4, first["totalNumResults"]!.GetValue<long>());
        Assert.Equal(
            [
                $"/api/v1/queue/{queue}",
                $"/api/v1/plugin/{plugin}",
                $"/api/v1/plugin_file/{file}",
                $"/api/v1/plugin_task_parameter_type/{type}",
            ],
            Texts(first).Concat(Texts(rest))
        );
        Assert.Equal([$"/api/v1/plugin/{plugin}"], Texts(plugins));
        Assert.EndsWith("&resourceType=plugin", plugins["first"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty(Texts(await client.GetJsonAsync(resources + "?resourceType=%00")));
        await client.GetJsonAsync("/api/v1/tags/99/resources", HttpStatusCode.NotFound);

        async Task<long> TagAsync(string path, object body)
        {
            var made = (await client.PostJsonAsync("/api/v1/" + path, body)).Id();
            await client.PostJsonAsync($"/api/v1/{path}/{made}/tags", new { ids = new[] { tag } });
            return made;
        }

        static IEnumerable<string> Texts(JsonNode page) =>
            page["data"]!.AsArray().Select(text => text!.GetValue<string>());
    }
}
